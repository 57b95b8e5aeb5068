// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.contract.gateway.GatewayHost;
import dev.bailiwick.gateway.credential.VaultKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The application that is shipped, in a process of its own with a heap of a chosen size. */
final class GatewayProcess implements GatewayHost {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final Process process;
  private final int port;

  private GatewayProcess(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts it and returns when it serves.
   *
   * @param options of the JVM; running out of memory ends the process
   */
  static GatewayProcess start(Setup setup, Path directory, String... options)
      throws IOException, InterruptedException {
    Path log = directory.resolve("gateway.log");
    Path port = directory.resolve("port");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-XX:+ExitOnOutOfMemoryError", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(GatewayProcess.class.getName());
    command.addAll(
        List.of(
            setup.bundle().toString(),
            setup.vault().toString(),
            setup.vaultKey().toString(),
            setup.audit().toString(),
            port.toString()));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (!Files.exists(port)) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        process.destroyForcibly();
        throw new IOException("the gateway did not start:\n" + Files.readString(log));
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
    return new GatewayProcess(process, Integer.parseInt(Files.readString(port)));
  }

  public static void main(String[] arguments) throws Exception {
    try (GatewayApplication gateway =
        GatewayApplication.start(
            GatewayApplication.Settings.loopback(
                Path.of(arguments[0]),
                Path.of(arguments[1]),
                VaultKey.ofFile(Path.of(arguments[2])),
                Path.of(arguments[3]),
                0))) {
      Path port = Path.of(arguments[4]);
      Path written = port.resolveSibling("port.written");
      Files.writeString(
          written, Integer.toString(gateway.uri().getPort()), StandardCharsets.US_ASCII);
      Files.move(written, port);
      gateway.await();
    }
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
