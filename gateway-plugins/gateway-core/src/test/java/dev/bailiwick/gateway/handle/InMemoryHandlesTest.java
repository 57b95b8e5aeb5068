// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.handle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.Handle;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.gateway.handle.DeferredHandles.Holder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InMemoryHandlesTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Holder ALICE = new Holder("iss", "iss triage", "alice", "t1");
  private static final Holder BOB = new Holder("iss", "iss triage", "bob", "t1");
  private static final List<Operation> READ =
      List.of(Operation.of("sobject", "account", Action.READ, FieldUse.all()));

  private final TestClock clock = new TestClock();
  private final InMemoryHandles handles = InMemoryHandles.bounded(3, 5, clock);

  private static Handle handle(int number) {
    return new Handle("locator", "h" + number, HOUR);
  }

  private boolean keep(int number, Holder holder) {
    return handles.keep("salesforce", handle(number), holder, READ);
  }

  private Optional<List<Operation>> find(String connector, Handle handle, Holder holder) {
    return handles.find(connector, handle, holder).toCompletableFuture().join();
  }

  private Optional<List<Operation>> find(int number, Holder holder) {
    return find("salesforce", handle(number), holder);
  }

  @Test
  void findWhenKeptThenOnlyItsHolderOnItsConnectorByItsKind() {
    assertThat(keep(1, ALICE)).isTrue();

    assertThat(find(1, ALICE)).contains(READ);
    assertThat(find(1, BOB)).isEmpty();
    assertThat(find(2, ALICE)).isEmpty();
    assertThat(find("sandbox", handle(1), ALICE)).isEmpty();
    assertThat(find("salesforce", new Handle("job", "h1", HOUR), ALICE)).isEmpty();
  }

  @Test
  void findWhenItsLifetimeIsOverThenNothing() {
    assertThat(keep(1, ALICE)).isTrue();
    clock.now = clock.now.plus(HOUR);

    assertThat(find(1, ALICE)).isEmpty();
  }

  @Test
  void findWhenUsedNowAndThenThenLives() {
    assertThat(keep(1, ALICE)).isTrue();
    for (int i = 0; i < 5; i++) {
      clock.now = clock.now.plus(Duration.ofMinutes(50));
      assertThat(find(1, ALICE)).isPresent();
    }
    clock.now = clock.now.plus(HOUR);

    assertThat(find(1, ALICE)).isEmpty();
  }

  @Test
  void keepWhenSomebodyElsesThenRefuses() {
    assertThat(keep(1, ALICE)).isTrue();

    assertThat(keep(1, BOB)).isFalse();
    assertThat(find(1, ALICE)).isPresent();
  }

  @Test
  void keepWhenTheHolderHasAsManyAsItMayThenRefusesAndForgetsNone() {
    for (int i = 0; i < 3; i++) {
      assertThat(handles.hasRoom(ALICE)).isTrue();
      assertThat(keep(i, ALICE)).isTrue();
    }

    assertThat(handles.hasRoom(ALICE)).isFalse();
    assertThat(keep(3, ALICE)).isFalse();
    assertThat(keep(0, ALICE)).isTrue();
    assertThat(find(0, ALICE)).isPresent();
    assertThat(keep(4, BOB)).isTrue();
  }

  @Test
  void keepWhenAllTogetherHaveAsManyAsTheyMayThenRefuses() {
    for (int i = 0; i < 3; i++) {
      assertThat(keep(i, ALICE)).isTrue();
    }
    assertThat(keep(3, BOB)).isTrue();
    assertThat(keep(4, BOB)).isTrue();

    assertThat(handles.hasRoom(BOB)).isFalse();
    assertThat(keep(5, BOB)).isFalse();
  }

  @Test
  void keepWhenOldOnesExpiredThenThereIsRoom() {
    for (int i = 0; i < 3; i++) {
      assertThat(keep(i, ALICE)).isTrue();
    }
    clock.now = clock.now.plus(HOUR);

    assertThat(handles.hasRoom(ALICE)).isTrue();
    assertThat(keep(3, ALICE)).isTrue();
  }

  private static final class TestClock extends Clock {
    private Instant now = Instant.parse("2026-11-24T10:00:00Z");

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
