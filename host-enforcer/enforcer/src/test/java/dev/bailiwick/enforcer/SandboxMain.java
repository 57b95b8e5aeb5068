// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.policy.BundleReader;
import dev.bailiwick.policy.PolicyException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A process with one sandbox in it, for tests of signals, terminals, sudden death and output:
 * {@code [key=value …] -- command}. With {@code bundle} and {@code sandbox} it is one of a file.
 */
final class SandboxMain {
  private SandboxMain() {}

  public static void main(String[] arguments) throws PolicyException {
    Sandboxes sandbox = new Sandboxes();
    Map<String, String> settings = new HashMap<>();
    int index = 0;
    for (; !arguments[index].equals("--"); index++) {
      String[] setting = arguments[index].split("=", 2);
      settings.put(setting[0], setting[1]);
      switch (setting[0]) {
        case "gateway" -> sandbox.reach("gateway").gateway(setting[1]);
        case "workspace" -> sandbox.workspace(Path.of(setting[1]));
        case "bundle", "sandbox" -> {
          // for a sandbox of a file
        }
        default -> throw new IllegalArgumentException(arguments[index]);
      }
    }
    String[] command = Arrays.copyOfRange(arguments, index + 1, arguments.length);
    try {
      System.exit(
          settings.containsKey("bundle") ? runFromFile(settings, command) : sandbox.run(command));
    } catch (SandboxException e) {
      System.err.println("bailiwick: " + e.getMessage());
      System.exit(SandboxLauncher.NOT_CONFINED);
    }
  }

  private static int runFromFile(Map<String, String> settings, String... command)
      throws PolicyException, SandboxException {
    SandboxRequest request =
        new SandboxRequest(
            BundleReader.read(Path.of(settings.get("bundle"))),
            settings.get("sandbox"),
            List.of(command),
            Optional.empty(),
            Optional.empty(),
            Optional.of(Path.of(settings.get("workspace"))),
            Optional.of(URI.create(settings.get("gateway"))));
    return new SandboxLauncher(Clock.systemUTC()).run(request, new MemoryAuditLog());
  }

  /** The command line of a JVM that does this. */
  static List<String> command(List<String> settings, String... command) {
    List<String> line =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                SandboxMain.class.getName()));
    line.addAll(settings);
    line.add("--");
    line.addAll(List.of(command));
    return line;
  }

  /** A shell word that stands for exactly this text. */
  static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  static String quoted(List<String> command) {
    return String.join(" ", command.stream().map(SandboxMain::quoted).toList());
  }

  /**
   * A script that becomes the command. {@code script} starts a shell of the user's choice, and one
   * that stayed between the terminal and the command would die of the terminal's signals itself.
   */
  static String onTerminal(List<String> command) {
    return "exec " + quoted(command);
  }

  /** Waits until somebody wrote a whole line into a file. */
  static String await(Path file) throws IOException, InterruptedException {
    long end = System.nanoTime() + 20_000_000_000L;
    while (!Files.exists(file) || !Files.readString(file).endsWith("\n")) {
      if (System.nanoTime() > end) {
        throw new IOException(file + " was not written in time");
      }
      Thread.sleep(5);
    }
    return Files.readString(file).strip();
  }
}
