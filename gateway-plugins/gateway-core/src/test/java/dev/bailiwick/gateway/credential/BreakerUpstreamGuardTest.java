// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BreakerUpstreamGuardTest {
  private static final String CONNECTOR = "servicenow";
  private static final Duration TOOK = Duration.ofMillis(80);
  private static final BreakerSettings SETTINGS = BreakerSettings.upstream();
  private static final Duration PAUSE = SETTINGS.pause();

  private final FakeClock clock = new FakeClock();
  private final UpstreamGuard guard = BreakerUpstreamGuard.create(SETTINGS, clock);

  @Test
  void enterWhenNothingHappenedThenMayGo() {
    assertThat(guard.enter(CONNECTOR)).isEmpty();
  }

  @Test
  void enterWhenFailuresAreFewThenMayGo() {
    failures(SETTINGS.minimumCalls() - 1);

    assertThat(guard.enter(CONNECTOR)).isEmpty();
  }

  @Test
  void enterWhenFailuresAreManyThenTellsHowLongToWait() {
    failures(SETTINGS.minimumCalls());
    clock.advance(Duration.ofSeconds(4));

    assertThat(guard.enter(CONNECTOR)).contains(PAUSE.minusSeconds(4));
  }

  @Test
  void enterWhenServerErrorsAreManyThenTellsToWait() {
    answers(SETTINGS.minimumCalls(), 503);

    assertThat(guard.enter(CONNECTOR)).contains(PAUSE);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 302, 400, 401, 403, 404, 429, 499})
  void enterWhenTheUpstreamAnswersAnythingElseThenMayGo(int status) {
    answers(100, status);

    assertThat(guard.enter(CONNECTOR)).isEmpty();
  }

  @Test
  void enterWhenFailuresAreOldThenMayGo() {
    failures(SETTINGS.minimumCalls() - 1);
    clock.advance(SETTINGS.window().plusSeconds(1));

    failures(1);

    assertThat(guard.enter(CONNECTOR)).isEmpty();
  }

  @Test
  void enterWhenAnotherConnectorIsDownThenMayGo() {
    failures(SETTINGS.minimumCalls());

    assertThat(guard.enter("salesforce")).isEmpty();
  }

  @Test
  void enterWhenThePauseIsOverThenOnlyTheProbesMayGo() {
    failures(SETTINGS.minimumCalls());
    clock.advance(PAUSE.plusMillis(1));

    for (int i = 0; i < SETTINGS.probes(); i++) {
      assertThat(guard.enter(CONNECTOR)).isEmpty();
    }

    assertThat(guard.enter(CONNECTOR)).contains(Duration.ofSeconds(1));
  }

  @Test
  void enterWhenTheProbesSucceedThenEverybodyMayGo() {
    failures(SETTINGS.minimumCalls());
    clock.advance(PAUSE.plusMillis(1));

    answers(SETTINGS.probes(), 200);

    assertThat(guard.enter(CONNECTOR)).isEmpty();
    assertThat(guard.enter(CONNECTOR)).isEmpty();
  }

  @Test
  void enterWhenTheProbesFailThenWaitsAgain() {
    failures(SETTINGS.minimumCalls());
    clock.advance(PAUSE.plusMillis(1));

    failures(SETTINGS.probes());

    assertThat(guard.enter(CONNECTOR)).contains(PAUSE);
  }

  @Test
  void abandonedWhenItWasAProbeThenAnotherMayTakeItsPlace() {
    failures(SETTINGS.minimumCalls());
    clock.advance(PAUSE.plusMillis(1));
    for (int i = 0; i < SETTINGS.probes(); i++) {
      assertThat(guard.enter(CONNECTOR)).isEmpty();
    }

    guard.abandoned(CONNECTOR);

    assertThat(guard.enter(CONNECTOR)).isEmpty();
    assertThat(guard.enter(CONNECTOR)).isPresent();
  }

  @Test
  void settingsWhenNonsenseThenNamesIt() {
    assertThatThrownBy(() -> new BreakerSettings(PAUSE, 1, 101, PAUSE, 1, PAUSE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("failurePercent");
    assertThatThrownBy(() -> new BreakerSettings(PAUSE, 1, 50, Duration.ZERO, 1, PAUSE))
        .hasMessageContaining("pause");
  }

  private void failures(int count) {
    for (int i = 0; i < count; i++) {
      assertThat(guard.enter(CONNECTOR)).isEmpty();
      guard.failed(CONNECTOR, TOOK, new IOException("connection reset"));
    }
  }

  private void answers(int count, int status) {
    for (int i = 0; i < count; i++) {
      assertThat(guard.enter(CONNECTOR)).isEmpty();
      guard.answered(CONNECTOR, status, TOOK);
    }
  }
}
