// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DpopNoncesTest {
  private static final byte[] KEY = "0123456789abcdef0123456789abcdef".getBytes();
  private static final Duration PERIOD = Duration.ofMinutes(1);
  private static final Instant START = Instant.parse("2026-11-23T09:00:00Z");

  private final DpopNonces nonces = at(START);

  @Test
  void acceptsWhenCurrentThenTrueHereAndOnEveryNodeWithTheKey() {
    assertThat(nonces.accepts(nonces.current())).isTrue();
    assertThat(at(START.plusSeconds(59)).accepts(nonces.current())).isTrue();
  }

  @Test
  void acceptsWhenOfThePreviousPeriodThenTrue() {
    assertThat(at(START.plusSeconds(119)).accepts(nonces.current())).isTrue();
  }

  @Test
  void acceptsWhenOlderOrFromAheadThenFalse() {
    assertThat(at(START.plusSeconds(120)).accepts(nonces.current())).isFalse();
    assertThat(at(START.minusSeconds(1)).accepts(nonces.current())).isFalse();
  }

  @Test
  void acceptsWhenMadeWithAnotherKeyThenFalse() {
    DpopNonces others = DpopNonces.random(PERIOD, Clock.fixed(START, ZoneOffset.UTC));

    assertThat(nonces.accepts(others.current())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "nonce", "ü", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
  void acceptsWhenMadeUpThenFalse(String nonce) {
    assertThat(nonces.accepts(nonce)).isFalse();
  }

  @Test
  void acceptsWhenPaddedThenFalse() {
    assertThat(nonces.accepts(nonces.current() + "=")).isFalse();
  }

  @Test
  void createWhenKeyShortOrPeriodTinyThenThrows() {
    Clock clock = Clock.fixed(START, ZoneOffset.UTC);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> DpopNonces.create(new byte[31], PERIOD, clock));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DpopNonces.create(KEY, Duration.ofMillis(999), clock));
  }

  @Test
  void toStringThenHidesTheKey() {
    assertThat(nonces).hasToString("DpopNonces[period PT1M]");
  }

  private static DpopNonces at(Instant time) {
    return DpopNonces.create(KEY, PERIOD, Clock.fixed(time, ZoneOffset.UTC));
  }
}
