// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.audit.AuditRecord.EventsLost;
import dev.bailiwick.audit.AuditRecord.KernelDenial;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DenialRecorderTests {
  private static final Denial DENIAL =
      new Denial(7, 1_900_000_001, "agent", "cgroup-bpf", "connect4", "tcp 192.0.2.1:443");

  private final MemoryAuditLog log = new MemoryAuditLog();
  private final StepClock clock = new StepClock();
  private final AtomicInteger failures = new AtomicInteger();
  private final DenialRecorder recorder =
      new DenialRecorder(
          "s", Optional.of("t"), Optional.of("a"), log, clock, failures::incrementAndGet);

  @Test
  void recordWhenWithinTheRateThenEachIsRecorded() {
    record(DenialRecorder.RECORDS_PER_SECOND);
    recorder.finish(0);

    assertThat(log.records(KernelDenial.class)).hasSize(DenialRecorder.RECORDS_PER_SECOND);
    assertThat(log.records(EventsLost.class)).isEmpty();
  }

  @Test
  void recordWhenAboveTheRateThenTheRestIsCounted() {
    record(DenialRecorder.RECORDS_PER_SECOND + 40);
    recorder.finish(0);

    assertThat(log.records(EventsLost.class))
        .containsExactly(new EventsLost(clock.instant(), Optional.of("t"), "s", 40));
  }

  @Test
  void recordWhenASecondHasPassedThenRecordingGoesOn() {
    record(DenialRecorder.RECORDS_PER_SECOND + 3);
    clock.step(Duration.ofSeconds(1));
    record(1);
    recorder.finish(0);

    assertThat(log.records(KernelDenial.class)).hasSize(DenialRecorder.RECORDS_PER_SECOND + 1);
    assertThat(log.records(EventsLost.class)).extracting(EventsLost::count).containsExactly(3L);
  }

  @Test
  void tickWhenTheKernelLostSomeThenTheDifferenceIsCounted() {
    recorder.tick(5);
    clock.step(Duration.ofSeconds(1));
    recorder.tick(7);
    recorder.finish(7);

    assertThat(log.records(EventsLost.class).stream().mapToLong(EventsLost::count).sum())
        .isEqualTo(7);
  }

  @Test
  void recordWhenItCannotBeKeptThenFailureIsReported() {
    log.lose(record -> true);

    recorder.record(DENIAL);

    assertThat(failures).hasValue(1);
  }

  private void record(int times) {
    for (int i = 0; i < times; i++) {
      recorder.record(DENIAL);
    }
  }

  private static final class StepClock extends Clock {
    private Instant now = Instant.parse("2026-11-23T10:00:00Z");

    void step(Duration by) {
      now = now.plus(by);
    }

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
