// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each layer alone: what it stops by itself, and what it is not there for. The network rule has
 * tests of its own.
 */
class LayerTests {
  private static Outside outside;

  @BeforeAll
  static void arrangeTheWorld() throws Exception {
    outside = new Outside();
  }

  @AfterAll
  static void leaveTheWorld() throws Exception {
    outside.vanish();
  }

  static Stream<Arguments> attemptWhenBehindItsLayerThenIsStopped() throws Exception {
    return Stream.of("identity", "landlock", "seccomp").flatMap(LayerTests::stoppedBy);
  }

  @ParameterizedTest
  @MethodSource
  void attemptWhenBehindItsLayerThenIsStopped(String layer, String attempt) throws Exception {
    Verdict verdict = behind(layer, attempt);

    assertThat(verdict.stopped()).as(verdict.detail()).isTrue();
  }

  private static Stream<Arguments> stoppedBy(String layer) {
    try {
      return AttemptSuite.stoppedBy(layer).map(line -> arguments(layer, line.attempt()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "identity, netlink",
    "identity, user-namespace",
    "identity, signal VICTIM",
    "identity, shared-memory SHARED_MEMORY",
    "identity, read FILE",
    "landlock, udp-sendto GATEWAY",
    "landlock, tcp4 GATEWAY",
    "landlock, netlink",
    "landlock, shared-memory SHARED_MEMORY",
    "landlock, memfd-exec /usr/bin/true",
    "landlock, user-namespace",
    "seccomp, tcp4 GATEWAY",
    "seccomp, udp-sendto GATEWAY",
    "seccomp, read FILE",
    "seccomp, signal VICTIM",
    "seccomp, exec-written /usr/bin/true ./program",
  })
  void attemptWhenAnotherLayersBusinessThenIsNotStopped(String layer, String attempt)
      throws Exception {
    Verdict verdict = behind(layer, attempt);

    assertThat(verdict.gotOut()).as(verdict.detail()).isTrue();
  }

  private static Verdict behind(String layer, String attempt) throws Exception {
    String[] words = outside.resolve(attempt);
    return Sandboxes.attemptBehind(
        layer, outside.uid, words[0], Arrays.copyOfRange(words, 1, words.length));
  }
}
