// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.clients;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code bailiwick gateway run} as a process, with the class path of the command and nothing of an
 * SDK's on it.
 */
final class GatewayProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private final Process process;

  private GatewayProcess(Process process) {
    this.process = process;
  }

  /** Starts the gateway and returns when it listens. */
  static GatewayProcess start(Path directory, int port, Path bundle, Path vault, Path vaultKey)
      throws IOException, InterruptedException {
    Path log = directory.resolve("gateway.log");
    List<String> command = bailiwick("gateway", "run");
    command.addAll(List.of("--port", Integer.toString(port), "--bundle", bundle.toString()));
    command.addAll(List.of("--vault", vault.toString(), "--key-file", vaultKey.toString()));
    command.addAll(List.of("--audit", directory.resolve("audit").toString()));
    GatewayProcess gateway =
        new GatewayProcess(
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start());
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!listens(port)) {
      if (!gateway.process.isAlive() || System.nanoTime() > deadline) {
        gateway.close();
        throw new IOException(
            "the gateway did not start: " + Files.readString(log, StandardCharsets.UTF_8).strip());
      }
      Thread.sleep(50);
    }
    return gateway;
  }

  /** The command line of {@code bailiwick} with these arguments. */
  static List<String> bailiwick(String... arguments) throws IOException {
    Path built = Path.of(System.getProperty("bailiwick.cli"));
    String classPath =
        built.resolve("classes")
            + System.getProperty("path.separator")
            + Files.readString(built.resolve("class-path")).strip();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-cp", classPath, "dev.bailiwick.cli.Main"));
    command.addAll(List.of(arguments));
    return command;
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
