// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import dev.bailiwick.contract.gateway.GatewayHost;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The published runner 0.4.0 as a process of its own, with our jar in it: started the way its users
 * start it, with nothing of its tree on this class path.
 */
final class StockRunner implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private final Process process;
  private final Path socket;
  private final Path log;

  private StockRunner(Process process, Path socket, Path log) {
    this.process = process;
    this.socket = socket;
    this.log = log;
  }

  /**
   * Starts it and waits until it listens.
   *
   * @param extra class directories beside ours, for instance with filters of somebody else
   */
  static StockRunner start(Path directory, List<String> properties, Path... extra) {
    return listening(launch(directory, properties, extra));
  }

  /** The same without us. */
  static StockRunner startBare(Path directory) {
    return listening(launch(directory, List.of(), directory.toString()));
  }

  private static StockRunner listening(StockRunner runner) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!runner.listens()) {
      if (!runner.process.isAlive() || System.nanoTime() > deadline) {
        runner.close();
        throw new IllegalStateException("the runner does not listen:\n" + runner.log());
      }
      pause();
    }
    return runner;
  }

  /** Starts it with these properties and does not wait. */
  static StockRunner launch(Path directory, List<String> properties, Path... extra) {
    return launch(directory, properties, classPath(extra));
  }

  private static StockRunner launch(Path directory, List<String> properties, String classPath) {
    Path socket = directory.resolve("runner.sock");
    Path log = directory.resolve("runner.log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.add("-Dloader.path=" + classPath);
    properties.forEach(property -> command.add("-D" + property));
    command.add("-jar");
    command.add(Path.of("target", "stock-runner", "apisix-runner.jar").toAbsolutePath().toString());
    try {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.directory(directory.toFile());
      builder.environment().put("APISIX_LISTEN_ADDRESS", "unix:" + socket);
      builder.environment().put("APISIX_CONF_EXPIRE_TIME", "3600");
      builder.redirectErrorStream(true).redirectOutput(log.toFile());
      return new StockRunner(builder.start(), socket, log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A short path: the name of a unix socket has 107 bytes. */
  static Path directory() {
    try {
      return Files.createTempDirectory("bw");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<String> properties(GatewayHost.Setup setup) {
    return List.of(
        "bailiwick.bundle=" + setup.bundle(),
        "bailiwick.vault.file=" + setup.vault(),
        "bailiwick.vault.key-file=" + setup.vaultKey(),
        "bailiwick.audit.directory=" + setup.audit());
  }

  /** Ours, and what it needs: what {@code target/dist/lib} holds once it is packaged. */
  private static String classPath(Path... extra) {
    List<String> entries = new ArrayList<>();
    for (Path path : extra) {
      entries.add(path.toAbsolutePath().toString());
    }
    entries.add(Path.of("target", "classes").toAbsolutePath().toString());
    try {
      String runtime = Files.readString(Path.of("target", "runtime.classpath")).strip();
      entries.addAll(List.of(runtime.split(File.pathSeparator)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return String.join(",", entries);
  }

  Path socket() {
    return socket;
  }

  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The exit status, once it has ended by itself. */
  int awaitEnd() {
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("the runner still runs:\n" + log());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** How many platform threads it has. */
  int threads() {
    try (Stream<String> status = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
      return status
          .filter(line -> line.startsWith("Threads:"))
          .mapToInt(line -> Integer.parseInt(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends it where it stands. Answers as a body does that nobody reads any more. */
  byte[] kill() throws IOException {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return new byte[0];
  }

  private boolean listens() {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      return false;
    }
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
