// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.enforcer.kernel.AuditTrail;
import dev.bailiwick.enforcer.kernel.NetworkFilter;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that carries denials from the kernel to the evidence: those of the network rule from
 * its ring, those of Landlock and seccomp from the kernel's audit.
 */
final class EventDrain implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventDrain.class);
  private static final int WAIT_MILLIS = 100;

  /** The kernel hands audit records over in a thread of its own, a little later. */
  private static final int AUDIT_LAG_MILLIS = 20;

  private final NetworkFilter filter;
  private final long cgroup;
  private final Optional<AuditTrail> audit;
  private final DenialRecorder recorder;
  private final AuditDenials auditDenials;
  private final Runnable onFailure;
  private final Thread thread;
  private volatile boolean ending;

  private EventDrain(
      NetworkFilter filter,
      long cgroup,
      Optional<AuditTrail> audit,
      int uid,
      DenialRecorder recorder,
      Runnable onFailure) {
    this.filter = filter;
    this.cgroup = cgroup;
    this.audit = audit;
    this.recorder = recorder;
    this.auditDenials =
        new AuditDenials(
            own -> own == uid, recorder::record, recorder::lost, AuditTrail::systemCallName);
    this.onFailure = onFailure;
    this.thread = new Thread(this::drain, "bailiwick-denials");
    this.thread.setDaemon(true);
  }

  /** Starts to listen before the sandbox has a process. */
  static EventDrain start(
      NetworkFilter filter, long cgroup, int uid, DenialRecorder recorder, Runnable onFailure) {
    EventDrain drain = new EventDrain(filter, cgroup, openAudit(), uid, recorder, onFailure);
    drain.thread.start();
    return drain;
  }

  /** Whether denials of Landlock and seccomp should be asked for. */
  boolean readsAudit() {
    return audit.isPresent();
  }

  static Optional<AuditTrail> openAudit() {
    try {
      return Optional.of(AuditTrail.open());
    } catch (IOException e) {
      LOG.warn("denials of files and system calls are not recorded: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private void drain() {
    try {
      while (!ending) {
        if (audit.isPresent()) {
          filter.poll(WAIT_MILLIS, audit.get(), event -> recorder.record(Denial.of(event)));
        } else {
          filter.poll(WAIT_MILLIS, event -> recorder.record(Denial.of(event)));
        }
        drainAudit(0);
        recorder.tick(filter.lost(cgroup));
      }
      while (filter.poll(0, event -> recorder.record(Denial.of(event))) > 0) {
        // until the ring is empty
      }
      while (drainAudit(AUDIT_LAG_MILLIS) > 0) {
        // until nothing follows
      }
      recorder.finish(filter.lost(cgroup));
    } catch (IOException | RuntimeException e) {
      LOG.error("denials can no longer be read: {}", e.getMessage());
      onFailure.run();
    }
  }

  private int drainAudit(int timeoutMillis) throws IOException {
    if (audit.isEmpty()) {
      return 0;
    }
    int count = audit.get().poll(timeoutMillis, auditDenials);
    auditDenials.flush();
    return count;
  }

  /** Hands over what is there and ends. To be called when the sandbox has no process left. */
  void finish() {
    ending = true;
    try {
      filter.wake();
    } catch (IOException e) {
      LOG.warn("the end of the sandbox is noticed a little late: {}", e.getMessage());
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    finish();
    audit.ifPresent(AuditTrail::close);
  }
}
