// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.context.ApplicationContextException;

/** Failures of the JDK and of Spring leave half of what happened to their classes. */
final class FailureTextTests {
  @ParameterizedTest
  @MethodSource("failures")
  void ofWhenAClassSaysWhatHappenedThenSoDoesTheSentence(Throwable failure, String sentence) {
    assertThat(FailureText.of(failure)).isEqualTo(sentence);
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(new NoSuchFileException("/absent"), "there is no file /absent"),
        Arguments.of(new NoSuchFileException("/absent/a"), "there is no directory /absent"),
        Arguments.of(new AccessDeniedException("a"), "this user may not read or write a"),
        Arguments.of(
            new FileAlreadyExistsException("a"), "a is already there and is not overwritten"),
        Arguments.of(new NotDirectoryException("a"), "a is no directory"),
        Arguments.of(new FileSystemException("a", null, "No space left"), "a: No space left"),
        Arguments.of(new FileSystemException("a"), "a cannot be read or written"),
        Arguments.of(new UncheckedIOException(new IOException("said")), "said"),
        Arguments.of(new RuntimeException(new IOException("said")), "said"),
        Arguments.of(new IllegalStateException(), "IllegalStateException"),
        Arguments.of(
            new ApplicationContextException(
                "Unable to start", new IllegalStateException("x", new IOException("why"))),
            "Unable to start: why"));
  }
}
