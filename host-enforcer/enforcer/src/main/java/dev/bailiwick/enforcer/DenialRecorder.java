// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.audit.AuditLog;
import dev.bailiwick.audit.AuditRecord;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Turns denials of one sandbox into evidence. A flood cannot drown the trail: above a number of
 * records per second only what this second has not seen yet is recorded, above another number
 * nothing, and the rest is counted. So repeating one denial does not hide another. Nothing is
 * dropped silently: records plus counts are all denials. Not thread-safe; one drain thread owns it.
 */
final class DenialRecorder {
  static final int RECORDS_PER_SECOND = 100;

  /** Beyond {@link #RECORDS_PER_SECOND}, for denials that differ from all others of the second. */
  static final int NEW_RECORDS_PER_SECOND = 100;

  private static final Duration WINDOW = Duration.ofSeconds(1);

  private final String sandbox;
  private final Optional<String> task;
  private final Optional<String> agent;
  private final AuditLog log;
  private final Clock clock;
  private final Runnable onFailure;

  /** What makes two denials the same one. */
  private record Denied(String layer, String hook, String destination) {
    static Denied of(Denial denial) {
      return new Denied(denial.layer(), denial.hook(), denial.destination());
    }
  }

  private Instant windowEnd = Instant.MIN;
  private int inWindow;
  private final Set<Denied> seen = new HashSet<>();
  private long unrecorded;
  private long kernelLostSoFar;

  /** {@code onFailure} is called, perhaps often and by any thread, when a record cannot be kept. */
  DenialRecorder(
      String sandbox,
      Optional<String> task,
      Optional<String> agent,
      AuditLog log,
      Clock clock,
      Runnable onFailure) {
    this(sandbox, task, agent, 0, log, clock, onFailure);
  }

  /** {@code kernelLost} events were counted already, by another process. */
  DenialRecorder(
      String sandbox,
      Optional<String> task,
      Optional<String> agent,
      long kernelLost,
      AuditLog log,
      Clock clock,
      Runnable onFailure) {
    this.kernelLostSoFar = kernelLost;
    this.sandbox = sandbox;
    this.task = task;
    this.agent = agent;
    this.log = log;
    this.clock = clock;
    this.onFailure = onFailure;
  }

  void record(Denial denial) {
    Instant now = clock.instant();
    turnWindow(now);
    boolean isNew =
        inWindow < RECORDS_PER_SECOND + NEW_RECORDS_PER_SECOND && seen.add(Denied.of(denial));
    if (inWindow >= RECORDS_PER_SECOND && !isNew) {
      unrecorded++;
      return;
    }
    inWindow++;
    append(
        new AuditRecord.KernelDenial(
            now,
            task,
            sandbox,
            agent,
            denial.pid(),
            denial.uid(),
            denial.command(),
            denial.layer(),
            denial.hook(),
            denial.destination()));
  }

  /**
   * To be called now and then, so that counts are recorded although no event follows.
   *
   * @param kernelLost events that the kernel only counted, since the start
   * @return how many of them are new
   */
  long tick(long kernelLost) {
    long more = kernelLost - kernelLostSoFar;
    unrecorded += more;
    kernelLostSoFar = kernelLost;
    turnWindow(clock.instant());
    return more;
  }

  /** One more that cannot be recorded. */
  void lost() {
    unrecorded++;
  }

  /** Records what is only counted so far. */
  void finish(long kernelLost) {
    tick(kernelLost);
    flush(clock.instant());
  }

  private void turnWindow(Instant now) {
    if (now.isBefore(windowEnd)) {
      return;
    }
    windowEnd = now.plus(WINDOW);
    inWindow = 0;
    seen.clear();
    flush(now);
  }

  private void flush(Instant now) {
    if (unrecorded > 0) {
      append(new AuditRecord.EventsLost(now, task, sandbox, unrecorded));
      unrecorded = 0;
    }
  }

  private void append(AuditRecord record) {
    log.append(record)
        .whenComplete(
            (receipt, failure) -> {
              if (failure != null) {
                onFailure.run();
              }
            });
  }
}
