// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import picocli.CommandLine.ExecutionException;

/**
 * What a person is told about a failure: a sentence, never a stack trace. Exceptions of the JDK
 * about files hold the name and leave what happened to their class, so it is said here.
 */
final class FailureText {
  private FailureText() {}

  static String of(Throwable failure) {
    boolean wrapped =
        failure instanceof ExecutionException // an Error, wrapped by picocli
            || failure instanceof UncheckedIOException
            || failure.getClass() == RuntimeException.class;
    if (wrapped && failure.getCause() != null) {
      return of(failure.getCause());
    }
    if (failure instanceof FileSystemException file && file.getFile() != null) {
      return file(file);
    }
    if (failure instanceof CharacterCodingException) {
      return "a file that has to be text is not UTF-8";
    }
    String message = failure.getMessage();
    if (message == null || message.isBlank()) {
      return failure.getClass().getSimpleName();
    }
    // Spring says what it was about to do; why it could not stands at the bottom.
    return failure.getClass().getName().startsWith("org.springframework.")
            && failure.getCause() != null
        ? message + ": " + of(root(failure))
        : message;
  }

  private static Throwable root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  private static String file(FileSystemException failure) {
    String file = failure.getFile();
    return switch (failure) {
      case NoSuchFileException e -> "there is no " + missing(Path.of(file));
      case FileAlreadyExistsException e -> file + " is already there and is not overwritten";
      case AccessDeniedException e -> "this user may not read or write " + file;
      case NotDirectoryException e -> file + " is no directory";
      default ->
          failure.getReason() == null
              ? file + " cannot be read or written"
              : file + ": " + failure.getReason();
    };
  }

  /** Of a file that was to be made, it is the directory that is not there. */
  private static String missing(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null || Files.isDirectory(parent) ? "file " + file : "directory " + parent;
  }
}
