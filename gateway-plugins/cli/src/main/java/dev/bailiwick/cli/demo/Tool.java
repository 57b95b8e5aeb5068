// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.demo;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the {@code bailiwick} command in a process of its own, as a person would. */
final class Tool {
  private static final long PATIENCE_SECONDS = 60;

  private final Path directory;

  /**
   * @param directory where the output of each process is kept
   */
  Tool(Path directory) {
    this.directory = directory;
  }

  /** How a process ended. */
  record Ended(int status, String out, String err) {
    /** Both streams, for a person. */
    String said() {
      return (out + err).strip();
    }
  }

  /** Starts a long-lived process. */
  Process start(String name, List<String> jvmOptions, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.addAll(sameRuntime());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.bailiwick.cli.Main"));
    command.addAll(arguments);
    return new ProcessBuilder(command)
        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
        .redirectOutput(directory.resolve(name + ".out").toFile())
        .redirectError(directory.resolve(name + ".err").toFile())
        .start();
  }

  /** The options of this process that open parts of the JDK, as ./bailiwick chose them. */
  private static List<String> sameRuntime() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--"))
        .toList();
  }

  /** Runs one command to its end. */
  Ended run(String name, String... arguments) throws IOException, InterruptedException {
    Process process =
        start(name, List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"), List.of(arguments));
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException(name + " did not end within " + PATIENCE_SECONDS + " s");
    }
    return new Ended(process.exitValue(), read(name + ".out"), read(name + ".err"));
  }

  String read(String file) throws IOException {
    return Files.readString(directory.resolve(file), StandardCharsets.UTF_8);
  }
}
