// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.audit.AuditLog;
import dev.bailiwick.audit.AuditRecord;
import dev.bailiwick.enforcer.kernel.AuditTrail;
import dev.bailiwick.enforcer.kernel.KernelEvent;
import dev.bailiwick.enforcer.kernel.NetworkFilter;
import java.io.IOException;
import java.time.Clock;
import java.util.Iterator;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that carries denials of all the daemon's sandboxes from the kernel to the trail,
 * and that closes the account of a sandbox when it has ended.
 */
final class DenialDrain implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DenialDrain.class);
  private static final int WAIT_MILLIS = 50;
  private static final long COUNT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** The kernel hands audit records over in a thread of its own, a little later. */
  private static final long AUDIT_LAG_NANOS = TimeUnit.MILLISECONDS.toNanos(40);

  /**
   * A sandbox that has no process any more, and what is to be done when nothing of it can follow.
   */
  private record Ended(LiveSandbox sandbox, long since, Consumer<LiveSandbox> last) {}

  private final NetworkFilter filter;
  private final Optional<AuditTrail> audit;
  private final AuditDenials auditDenials;
  private final SandboxRegistry sandboxes;
  private final AuditLog log;
  private final Clock clock;
  private final Runnable onFailure;
  private final Queue<Ended> ended = new ConcurrentLinkedQueue<>();
  private final AtomicLong events = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private final Thread thread;
  private long lostByNobody;
  private long lastCount;
  private volatile boolean closing;

  private DenialDrain(
      NetworkFilter filter,
      Optional<AuditTrail> audit,
      SandboxRegistry sandboxes,
      AuditLog log,
      Clock clock,
      Runnable onFailure) {
    this.filter = filter;
    this.audit = audit;
    this.sandboxes = sandboxes;
    this.log = log;
    this.clock = clock;
    this.onFailure = onFailure;
    this.auditDenials =
        new AuditDenials(sandboxes::hasUid, this::record, this::gap, AuditTrail::systemCallName);
    this.thread = new Thread(this::drain, "bailiwick-denials");
    this.thread.setDaemon(true);
  }

  /** Not begun yet: events that wait in the ring need to find their sandboxes. */
  static DenialDrain open(
      NetworkFilter filter,
      SandboxRegistry sandboxes,
      AuditLog log,
      Clock clock,
      Runnable onFailure) {
    return new DenialDrain(filter, EventDrain.openAudit(), sandboxes, log, clock, onFailure);
  }

  void begin() {
    thread.start();
  }

  /** Whether denials of Landlock and seccomp should be asked for. */
  boolean readsAudit() {
    return audit.isPresent();
  }

  /** Denials that came from the kernel since the start. */
  long events() {
    return events.get();
  }

  /** Denials that were counted and not recorded one by one, since the start. */
  long lost() {
    return lost.get();
  }

  /**
   * Does something, in the drain's own thread, when everything that the kernel had to say about an
   * ended sandbox is recorded.
   */
  void afterLast(LiveSandbox sandbox, Consumer<LiveSandbox> last) {
    ended.add(new Ended(sandbox, System.nanoTime(), last));
  }

  private void drain() {
    try {
      while (!closing) {
        boolean finishing = !ended.isEmpty();
        poll(finishing ? WAIT_MILLIS / 5 : WAIT_MILLIS);
        drainAudit();
        count(false);
        closeAccounts(AUDIT_LAG_NANOS);
      }
      poll(0);
      drainAudit();
      count(true);
      closeAccounts(0);
    } catch (IOException | RuntimeException | Error e) { // whatever it is, nobody reads on
      LOG.error("denials can no longer be read: {}", e.getMessage());
      onFailure.run();
    }
  }

  private void poll(int timeoutMillis) throws IOException {
    int timeout = timeoutMillis;
    int found;
    do {
      found =
          audit.isPresent()
              ? filter.poll(timeout, audit.get(), this::record)
              : filter.poll(timeout, this::record);
      timeout = 0;
    } while (found > 0);
  }

  private void drainAudit() throws IOException {
    if (audit.isPresent()) {
      audit.get().poll(0, auditDenials);
      auditDenials.flush();
    }
  }

  private void record(KernelEvent event) {
    events.incrementAndGet();
    Optional<LiveSandbox> sandbox = sandboxes.ofCgroup(event.cgroup());
    if (sandbox.isPresent()) {
      sandbox.get().recorder().record(Denial.of(event));
    } else {
      LOG.warn("denied to a cgroup that is no sandbox: {}", event.destination());
    }
  }

  private void record(Denial denial) {
    events.incrementAndGet();
    sandboxes.ofUid(denial.uid()).ifPresent(sandbox -> sandbox.recorder().record(denial));
  }

  /** Whose records the kernel's audit dropped is not known, so each sandbox's trail says so. */
  private void gap() {
    lost.incrementAndGet();
    sandboxes.all().forEach(sandbox -> sandbox.recorder().lost());
  }

  private void count(boolean always) throws IOException {
    long now = System.nanoTime();
    if (!always && now - lastCount < COUNT_NANOS) {
      return;
    }
    lastCount = now;
    for (LiveSandbox sandbox : sandboxes.all()) {
      count(sandbox);
    }
    long byNobody = filter.lostByNobody();
    if (byNobody > lostByNobody) {
      lost.addAndGet(byNobody - lostByNobody);
      lostByNobody = byNobody;
    }
  }

  private void count(LiveSandbox sandbox) throws IOException {
    long cgroup = sandbox.identity().cgroup();
    long counted = filter.lost(cgroup);
    long more = sandbox.recorder().tick(counted);
    if (more > 0) {
      lost.addAndGet(more);
      filter.noteRecorded(cgroup, counted);
    }
  }

  private void closeAccounts(long lag) throws IOException {
    long now = System.nanoTime();
    for (Iterator<Ended> iterator = ended.iterator(); iterator.hasNext(); ) {
      Ended one = iterator.next();
      if (now - one.since() >= lag) {
        iterator.remove();
        count(one.sandbox());
        one.sandbox().recorder().finish(filter.lost(one.sandbox().identity().cgroup()));
        one.last().accept(one.sandbox());
      }
    }
  }

  /** Keeps the record of an end, which nobody waits for. */
  void keepEnd(LiveSandbox sandbox, int exitStatus) {
    log.append(
            new AuditRecord.SandboxEnded(
                clock.instant(),
                sandbox.identity().task(),
                sandbox.identity().sandbox(),
                sandbox.identity().agent(),
                exitStatus))
        .whenComplete(
            (receipt, failure) -> {
              if (failure != null) {
                LOG.error("the end of a sandbox is not recorded: {}", failure.getMessage());
              }
            });
  }

  @Override
  public void close() {
    closing = true;
    try {
      filter.wake();
      thread.join(TimeUnit.SECONDS.toMillis(10));
    } catch (IOException e) {
      LOG.warn("the drain ends a little late: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (hasEnded()) {
      audit.ifPresent(AuditTrail::close);
    }
  }

  /** Whether its thread uses nothing of the kernel's any more. */
  boolean hasEnded() {
    return !thread.isAlive();
  }
}
