// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The person at the keyboard, if there is one. */
final class Terminal {
  private Terminal() {}

  /**
   * Asks for a secret without showing it; empty when standard input is no terminal. The console
   * itself cannot be asked: since JDK 22 there is one even for a pipe, and what tells them apart is
   * not in JDK 21.
   */
  static Optional<char[]> askSecret(String prompt) {
    @SuppressWarnings("SystemConsoleNull") // null up to JDK 21
    Console console = System.console();
    if (!isTerminal() || console == null) {
      return Optional.empty();
    }
    char[] typed = console.readPassword("%s", prompt);
    return Optional.of(typed == null ? new char[0] : typed);
  }

  private static boolean isTerminal() {
    try {
      String device = Path.of("/dev/stdin").toRealPath().toString();
      return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty");
    } catch (IOException e) {
      return false; // a pipe has no path
    }
  }
}
