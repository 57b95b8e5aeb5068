// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real terminal with a program on it, and somebody who sits before it. */
final class Terminal implements AutoCloseable {
  static final String CTRL_C = "\\x03";
  static final String CTRL_Z = "\\x1a";

  private static final Path PROGRAM =
      Path.of("src/test/resources/outside/terminal.py").toAbsolutePath();

  private final Process process;

  private Terminal(Process process) {
    this.process = process;
  }

  /** The command line of a terminal with a program on it. */
  static List<String> line(List<String> program) {
    List<String> line = new ArrayList<>(List.of("/usr/bin/python3", PROGRAM.toString()));
    line.addAll(program);
    return line;
  }

  /** Sits down before it. */
  static Terminal at(ProcessBuilder terminal) throws IOException {
    return new Terminal(
        terminal
            .redirectInput(ProcessBuilder.Redirect.PIPE)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  /** Backslashes are those of Python's strings. */
  void type(String text) throws IOException {
    assertThat(ask("type " + text)).isEqualTo("ok");
  }

  void enter(String line) throws IOException {
    type(line.replace("\\", "\\\\") + "\\n");
  }

  /** Waits until the program has said something, in which it must not be typed. */
  void expect(String text) throws IOException {
    assertThat(ask("expect " + text)).isEqualTo("ok");
  }

  void resize(int rows, int columns) throws IOException {
    assertThat(ask("size " + rows + " " + columns)).isEqualTo("ok");
  }

  private String ask(String question) throws IOException {
    process.outputWriter().write(question + "\n");
    process.outputWriter().flush();
    return process.inputReader().readLine();
  }

  /** The line is dropped, as when a window is closed. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
