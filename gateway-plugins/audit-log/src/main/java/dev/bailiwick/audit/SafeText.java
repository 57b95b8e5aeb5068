// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Makes recorded text safe to print: nothing recorded can move a cursor or begin a line. */
final class SafeText {

  private SafeText() {}

  /**
   * Writes control, format, separator and unpaired surrogate characters as {@code \}{@code uXXXX},
   * and a backslash as two, so that the result is unambiguous.
   */
  static String escape(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    text.codePoints().forEach(c -> append(safe, c));
    return safe.toString();
  }

  /** What the system says about a file, without the class names of Java. */
  static String reason(IOException failure) {
    if (!(failure instanceof FileSystemException about) || about.getFile() == null) {
      return escape(String.valueOf(failure.getMessage()));
    }
    String said =
        switch (about) {
          case AccessDeniedException denied -> "permission denied";
          case NoSuchFileException missing -> "no such file or directory";
          default -> String.valueOf(about.getReason());
        };
    return escape(about.getFile() + ": " + said);
  }

  private static void append(StringBuilder safe, int codePoint) {
    if (codePoint == '\\') {
      safe.append("\\\\");
    } else if (isPrintable(codePoint)) {
      safe.appendCodePoint(codePoint);
    } else {
      for (char unit : Character.toChars(codePoint)) {
        safe.append(String.format("\\u%04x", (int) unit));
      }
    }
  }

  private static boolean isPrintable(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
