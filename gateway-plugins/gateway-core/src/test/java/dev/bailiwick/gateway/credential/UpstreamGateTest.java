// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.Headers;
import dev.bailiwick.gateway.credential.UpstreamGate.Cause;
import dev.bailiwick.gateway.credential.UpstreamGate.Entry;
import dev.bailiwick.gateway.credential.UpstreamGate.Pass;
import dev.bailiwick.policy.Bundle.CallLimits;
import java.net.ConnectException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamGateTest {
  private static final Duration TOOK = Duration.ofMillis(80);
  private static final CallLimits USUAL = CallLimits.defaults();
  private static final CallLimits TWO_AT_ONCE =
      new CallLimits(OptionalInt.empty(), Duration.ofSeconds(1), 2);

  /** A period that no test outlives. */
  private static final CallLimits TWO_A_DAY =
      new CallLimits(OptionalInt.of(2), Duration.ofHours(24), 100);

  private final FakeClock clock = new FakeClock();
  private final UpstreamGate gate =
      UpstreamGate.create(BreakerUpstreamGuard.create(BreakerSettings.upstream(), clock), clock);

  private Pass open(String connector, CallLimits limits) {
    Entry entry = gate.enter(connector, limits);
    assertThat(entry).isInstanceOf(Entry.Open.class);
    return ((Entry.Open) entry).pass();
  }

  private Entry.Closed closed(String connector, CallLimits limits) {
    Entry entry = gate.enter(connector, limits);
    assertThat(entry).isInstanceOf(Entry.Closed.class);
    return (Entry.Closed) entry;
  }

  private void answer(int status, Headers headers) {
    Pass pass = open("servicenow", USUAL);
    pass.answered(status, headers, TOOK);
    pass.over();
  }

  @ParameterizedTest
  @CsvSource({"429, LIMITED_BY_UPSTREAM", "503, PAUSED_BY_UPSTREAM"})
  void enterWhenTheUpstreamAskedForAPauseThenWaitsThatLong(int status, Cause cause) {
    answer(status, Headers.none().with("Retry-After", "20"));
    clock.advance(Duration.ofSeconds(5));

    Entry.Closed during = closed("servicenow", USUAL);

    assertThat(during.cause()).isEqualTo(cause);
    assertThat(during.retryAfter()).isEqualTo(Duration.ofSeconds(15));
    clock.advance(Duration.ofSeconds(15));
    open("servicenow", USUAL).over();
  }

  @Test
  void enterWhenTheUpstreamNamesATimeThenWaitsUntilIt() {
    String until =
        DateTimeFormatter.RFC_1123_DATE_TIME.format(
            clock.instant().plusSeconds(60).atZone(ZoneOffset.UTC));
    answer(429, Headers.none().with("Retry-After", until));

    assertThat(closed("servicenow", USUAL).retryAfter())
        .isBetween(Duration.ofSeconds(59), Duration.ofSeconds(60));
  }

  @Test
  void enterWhenOnlyTheResetOfTheLimitIsNamedThenWaitsUntilIt() {
    long reset = clock.instant().getEpochSecond() + 30;
    answer(429, Headers.none().with("X-RateLimit-Reset", Long.toString(reset)));

    assertThat(closed("servicenow", USUAL).cause()).isEqualTo(Cause.LIMITED_BY_UPSTREAM);
  }

  @Test
  void enterWhenTheUpstreamAsksForDaysThenWaitsAnHour() {
    answer(429, Headers.none().with("Retry-After", "999999999"));

    assertThat(closed("servicenow", USUAL).retryAfter()).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void enterWhenAShorterPauseIsAskedForLaterThenTheLongerOneStands() {
    Pass first = open("servicenow", USUAL);
    Pass second = open("servicenow", USUAL);
    first.answered(429, Headers.none().with("Retry-After", "60"), TOOK);
    second.answered(429, Headers.none().with("Retry-After", "2"), TOOK);

    assertThat(closed("servicenow", USUAL).retryAfter()).isEqualTo(Duration.ofSeconds(60));
  }

  @ParameterizedTest
  @CsvSource({
    "200, 20",
    "403, 20",
    "500, 20",
    "429, ''",
    "429, 0",
    "429, -5",
    "429, soon",
    "503, x"
  })
  void enterWhenNoPauseWasAskedForThenMayGo(int status, String retryAfter) {
    answer(status, Headers.none().with("Retry-After", retryAfter));

    open("servicenow", USUAL).over();
  }

  @Test
  void enterWhenAnotherConnectorIsPausedThenMayGo() {
    answer(429, Headers.none().with("Retry-After", "20"));

    open("salesforce", USUAL).over();
  }

  @Test
  void enterWhenAsManyAreUnderWayAsMayBeThenWaits() {
    Pass first = open("servicenow", TWO_AT_ONCE);
    open("servicenow", TWO_AT_ONCE);

    assertThat(closed("servicenow", TWO_AT_ONCE).cause()).isEqualTo(Cause.CONCURRENCY);
    open("salesforce", TWO_AT_ONCE);
    first.over();
    first.over();
    open("servicenow", TWO_AT_ONCE);
    assertThat(closed("servicenow", TWO_AT_ONCE).cause()).isEqualTo(Cause.CONCURRENCY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"failed", "abandoned", "over"})
  void enterWhenACallEndedInAnyWayThenItsPlaceIsFree(String end) {
    open("servicenow", TWO_AT_ONCE);
    Pass pass = open("servicenow", TWO_AT_ONCE);
    switch (end) {
      case "failed" -> pass.failed(TOOK, new ConnectException());
      case "abandoned" -> pass.abandoned();
      default -> pass.over();
    }

    open("servicenow", TWO_AT_ONCE);
  }

  @Test
  void enterWhenTheRateIsUsedUpThenWaitsForTheNextPeriod() {
    open("servicenow", TWO_A_DAY).over();
    open("servicenow", TWO_A_DAY).over();

    Entry.Closed third = closed("servicenow", TWO_A_DAY);

    assertThat(third.cause()).isEqualTo(Cause.RATE);
    assertThat(third.retryAfter()).isBetween(Duration.ofHours(23), Duration.ofHours(24));
    open("salesforce", TWO_A_DAY).over();
  }

  @Test
  void enterWhenABundleRaisesTheRateThenMayGo() {
    open("servicenow", TWO_A_DAY).over();
    open("servicenow", TWO_A_DAY).over();

    open("servicenow", new CallLimits(OptionalInt.of(3), Duration.ofHours(24), 100)).over();
  }

  @Test
  void enterWhenTheBreakerIsOpenThenNoPlaceIsTaken() {
    for (int i = 0; i < BreakerSettings.upstream().minimumCalls(); i++) {
      open("servicenow", TWO_AT_ONCE).failed(TOOK, new ConnectException());
    }

    for (int i = 0; i < 3; i++) {
      assertThat(closed("servicenow", TWO_AT_ONCE).cause()).isEqualTo(Cause.FAILING);
    }
  }
}
