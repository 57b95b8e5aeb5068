// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every way out that is known, tried twice: without a sandbox, where it must work (or the attempt
 * proves nothing), and in one, where it must be stopped and nobody outside may have noticed.
 */
class EscapeTests {
  private static Outside outside;

  /** A second world, to be harmed: where each attempt is shown to work. */
  private static Outside harmed;

  @BeforeAll
  static void arrangeTheWorlds() throws Exception {
    outside = new Outside();
    harmed = new Outside();
  }

  @AfterAll
  static void leaveTheWorlds() throws Exception {
    outside.vanish();
    harmed.vanish();
  }

  static Stream<AttemptSuite.Line> addressOutOfReach() throws Exception {
    return AttemptSuite.section("address");
  }

  @ParameterizedTest
  @MethodSource
  void addressOutOfReach(AttemptSuite.Line line) throws Exception {
    assertStopped(line);
  }

  static Stream<AttemptSuite.Line> socketThatIsNotIp() throws Exception {
    return AttemptSuite.section("socket");
  }

  @ParameterizedTest
  @MethodSource
  void socketThatIsNotIp(AttemptSuite.Line line) throws Exception {
    assertStopped(line);
  }

  static Stream<AttemptSuite.Line> processOrKernel() throws Exception {
    return AttemptSuite.section("process");
  }

  @ParameterizedTest
  @MethodSource
  void processOrKernel(AttemptSuite.Line line) throws Exception {
    assertStopped(line);
  }

  static Stream<AttemptSuite.Line> fileOutside() throws Exception {
    return AttemptSuite.section("file");
  }

  @ParameterizedTest
  @MethodSource
  void fileOutside(AttemptSuite.Line line) throws Exception {
    assertStopped(line);
  }

  static Stream<AttemptSuite.Line> fileChanged() throws Exception {
    return AttemptSuite.section("change");
  }

  @ParameterizedTest
  @MethodSource
  void fileChanged(AttemptSuite.Line line) throws Exception {
    assertStopped(line);
  }

  private static void assertStopped(AttemptSuite.Line line) throws Exception {
    String[] here = outside.resolve(line.attempt());
    String[] there = harmed.resolve(line.attempt());

    Verdict confined =
        new Sandboxes()
            .reach("gateway")
            .gateway("http://" + outside.gateway.endpoint())
            .uid(outside.uid)
            .attempt(here[0], rest(here));
    Verdict free = Sandboxes.attemptOutside(there[0], rest(there));
    boolean mayBeAbsent = line.unproven() && free.kind() != Verdict.Kind.GOT_OUT;

    assertThat(confined.stopped()).as("in a sandbox: " + confined.detail()).isTrue();
    assertThat(outside.isUntouched()).as("somebody outside noticed").isTrue();
    assertThat(free.gotOut() || mayBeAbsent).as("outside a sandbox: " + free.detail()).isTrue();
  }

  private static String[] rest(String[] words) {
    return Arrays.copyOfRange(words, 1, words.length);
  }
}
