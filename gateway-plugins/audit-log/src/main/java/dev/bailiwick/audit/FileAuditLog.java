// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A trail in files: JSON Lines, chained by hash, synced in groups, with a signed head.
 *
 * <p>{@link #append} only queues. One thread gives each record its place in the chain, writes and
 * syncs a batch, completes its receipts and then signs the new head. When writing fails, pending
 * receipts fail, their records stay queued up to the bound, and the thread tries again until it
 * succeeds; order is kept. Records that did not fit the bound meanwhile are counted, and the count
 * is recorded. Receipts complete on virtual threads, so that a slow caller cannot hold up the log.
 */
public final class FileAuditLog implements AuditLog {

  private static final Logger log = LoggerFactory.getLogger(FileAuditLog.class);
  private static final int BATCH_RECORDS = 1024;
  private static final Duration STALLED = Duration.ofSeconds(5);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

  /** A record on its way to the disk. */
  private record Pending(AuditRecord record, CompletableFuture<Receipt> receipt, long since) {
    boolean isAwaited() {
      return receipt.getNumberOfDependents() > 0;
    }
  }

  /** A pending record that has its place in the chain; the log's own notes have no receipt. */
  private record Placed(TrailWriter.Sealed sealed, @Nullable CompletableFuture<Receipt> receipt) {}

  private final AuditOptions options;
  private final TrailWriter trail;
  private final Thread committer;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Deque<Pending> queue = new ArrayDeque<>();
  private int held;
  private long refused;
  private boolean closed;

  /** Sealed and not durable, oldest first. Only the committer touches it. */
  private final Deque<Placed> placed = new ArrayDeque<>();

  private volatile @Nullable String failure;
  private volatile @Nullable Long busySince;
  private volatile @Nullable String lostAtClose;

  /**
   * Opens the trail of a writer, or begins it.
   *
   * @throws AuditException if the directory cannot be written, another log writes this trail, or
   *     the trail is not as this writer left it; a line that a crash tore is no reason, it is kept
   *     aside and recorded
   */
  public static FileAuditLog open(AuditOptions options) {
    try {
      TrailWriter trail = TrailWriter.open(options);
      FileAuditLog opened = new FileAuditLog(options, trail);
      try {
        opened.writePlaced();
      } catch (IOException | RuntimeException e) {
        trail.close();
        throw e;
      }
      opened.committer.start();
      return opened;
    } catch (IOException e) {
      throw new AuditException(
          "The audit trail of writer '"
              + options.writer()
              + "' cannot be opened in "
              + options.directory()
              + " ("
              + e.getClass().getSimpleName()
              + ": "
              + SafeText.escape(String.valueOf(e.getMessage()))
              + "): choose a directory that this user may write.",
          e);
    }
  }

  private FileAuditLog(AuditOptions options, TrailWriter trail) {
    this.options = options;
    this.trail = trail;
    this.committer =
        Thread.ofPlatform()
            .name("bailiwick-audit-" + options.writer())
            .daemon()
            .unstarted(this::commitUntilClosed);
  }

  @Override
  public CompletionStage<Receipt> append(AuditRecord record) {
    Objects.requireNonNull(record, "record");
    Pending pending = new Pending(record, new CompletableFuture<>(), System.nanoTime());
    lock.lock();
    try {
      if (closed) {
        return CompletableFuture.failedFuture(
            new AuditException("The audit log is closed: nothing can be recorded any more."));
      }
      if (held >= options.queueRecords()) {
        refused++;
        return CompletableFuture.failedFuture(new AuditException(queueFull()));
      }
      held++;
      queue.add(pending);
      if (queue.size() == 1 || queue.size() == BATCH_RECORDS) {
        work.signal();
      }
    } finally {
      lock.unlock();
    }
    // Asked after queueing: either this sees the failure, or the committer fails what is queued.
    String reason = failure;
    if (reason != null) {
      pending.receipt().completeExceptionally(new AuditException(reason));
    }
    return pending.receipt();
  }

  private String queueFull() {
    String reason = failure;
    return "No more than "
        + options.queueRecords()
        + " audit records can wait to be written. "
        + (reason != null ? reason : "The disk is too slow: send less, or use a faster one.");
  }

  @Override
  public Optional<String> failure() {
    String reason = failure;
    if (reason != null) {
      return Optional.of(reason);
    }
    Long since = busySince;
    if (since != null && System.nanoTime() - since > STALLED.toNanos()) {
      return Optional.of(
          "The disk below "
              + options.directory()
              + " has not answered for more than "
              + STALLED.toSeconds()
              + " s: check it; records wait in memory.");
    }
    return Optional.empty();
  }

  private void commitUntilClosed() {
    boolean more = true;
    try {
      while (more) {
        List<Pending> batch = awaitBatch();
        more = !isDrained();
        commit(batch);
      }
    } finally {
      finish();
    }
  }

  /** The last round is the one that begins with the log closed and its queue drained. */
  private boolean isDrained() {
    lock.lock();
    try {
      return closed && queue.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until a batch is due; after a failure, until it is time to try again. */
  private List<Pending> awaitBatch() {
    lock.lock();
    try {
      if (failure != null) {
        awaitNanos(options.retryAge().toNanos());
      } else {
        awaitAge();
      }
      List<Pending> batch = new ArrayList<>(Math.min(queue.size(), BATCH_RECORDS));
      while (!queue.isEmpty() && batch.size() < BATCH_RECORDS) {
        batch.add(queue.remove());
      }
      return batch;
    } finally {
      lock.unlock();
    }
  }

  private void awaitAge() {
    while (queue.isEmpty() && !closed) {
      work.awaitUninterruptibly();
    }
    long batchAge = options.batchAge().toNanos();
    long idleAge = options.idleBatchAge().toNanos();
    while (!closed && queue.size() < BATCH_RECORDS) {
      long age = System.nanoTime() - queue.getFirst().since();
      if (age >= idleAge || (age >= batchAge && queue.stream().anyMatch(Pending::isAwaited))) {
        return;
      }
      // Callers begin to wait after they appended, so this looks again every batch age.
      long step = age < batchAge ? batchAge - age : Math.max(batchAge, 1_000_000);
      awaitNanos(Math.min(step, idleAge - age));
    }
  }

  /** Returns early when the log closes or a batch is full. */
  private void awaitNanos(long nanos) {
    try {
      long left = nanos;
      while (left > 0 && !closed && queue.size() < BATCH_RECORDS) {
        left = work.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      log.debug("The audit committer was interrupted; only close() ends it.", e);
    }
  }

  private void commit(List<Pending> batch) {
    busySince = System.nanoTime();
    try {
      batch.forEach(this::place);
      if (failure != null) {
        trail.recover();
      }
      writePlaced();
      recovered();
    } catch (IOException | RuntimeException e) {
      fail(e);
    } finally {
      busySince = null;
    }
  }

  /** Gives a record its place; one that cannot be written at all is refused, alone. */
  private void place(Pending pending) {
    try {
      placed.add(new Placed(trail.seal(pending.record()), pending.receipt()));
    } catch (RuntimeException e) {
      log.error("A record cannot be written: {}", e.getClass().getName());
      lock.lock();
      try {
        held--;
        refused++;
      } finally {
        lock.unlock();
      }
      AuditException refusal =
          e instanceof AuditException known
              ? known
              : new AuditException("The record cannot be written in the form of the trail.");
      complete(pending.receipt(), () -> pending.receipt().completeExceptionally(refusal));
    }
  }

  /** Places what the log has to say about itself, then makes everything durable that is placed. */
  private void writePlaced() throws IOException {
    long uncounted = takeRefused();
    if (uncounted > 0) {
      AuditRecord.TrailNote note =
          new AuditRecord.TrailNote(
              options.clock().instant(),
              "RECORDS_REFUSED",
              uncounted + " records were refused because they did not fit or the queue was full.");
      placed.add(new Placed(trail.seal(note), null));
    }
    for (AuditRecord.TrailNote note : trail.takeNotes()) {
      placed.add(new Placed(trail.seal(note), null));
    }
    List<Placed> all = List.copyOf(placed);
    List<TrailWriter.Sealed> sealed = all.stream().map(Placed::sealed).toList();
    int durable = 0;
    while (durable < all.size()) {
      int more = trail.write(sealed.subList(durable, all.size()));
      all.subList(durable, durable + more).forEach(this::release);
      durable += more;
    }
    if (durable > 0 || failure != null) {
      trail.sign();
    }
    trail.settle();
  }

  private long takeRefused() {
    lock.lock();
    try {
      long taken = refused;
      refused = 0;
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private void release(Placed durable) {
    placed.remove();
    CompletableFuture<Receipt> receipt = durable.receipt();
    if (receipt == null) {
      return;
    }
    lock.lock();
    try {
      held--;
    } finally {
      lock.unlock();
    }
    Receipt value = new Receipt(durable.sealed().sequence(), durable.sealed().hash());
    complete(receipt, () -> receipt.complete(value));
  }

  /** Whatever hangs on a receipt runs on a thread of its own, never on the committer. */
  private static void complete(CompletableFuture<Receipt> receipt, Runnable completion) {
    if (receipt.getNumberOfDependents() > 0) {
      Thread.ofVirtual().name("bailiwick-audit-receipt").start(completion);
    } else {
      completion.run();
    }
  }

  private void recovered() {
    if (failure != null) {
      failure = null;
      log.info("Audit trail of writer {}: writing works again.", options.writer());
    }
  }

  private void fail(Exception cause) {
    String reason = trail.explain(cause);
    if (!reason.equals(failure)) {
      log.warn("{}", reason, cause);
    }
    failure = reason;
    failReceipts(new AuditException(reason, cause));
  }

  private void failReceipts(AuditException failed) {
    List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
    for (Placed waiting : placed) {
      if (waiting.receipt() != null) {
        receipts.add(waiting.receipt());
      }
    }
    lock.lock();
    try {
      queue.forEach(pending -> receipts.add(pending.receipt()));
    } finally {
      lock.unlock();
    }
    receipts.forEach(receipt -> complete(receipt, () -> receipt.completeExceptionally(failed)));
  }

  private void finish() {
    long lost = placed.stream().filter(waiting -> waiting.receipt() != null).count();
    lock.lock();
    try {
      lost += queue.size();
      if (!closed) {
        closed = true;
        failure = "The audit log stopped on an internal error: restart this process.";
        log.error("{}", failure);
      }
    } finally {
      lock.unlock();
    }
    try {
      trail.close();
    } catch (IOException e) {
      log.warn("Audit trail of writer {} was not closed cleanly.", options.writer(), e);
    }
    if (lost > 0) {
      lostAtClose = lost + " records could not be written before the log closed. " + failure;
      log.error("{}", lostAtClose);
      failReceipts(new AuditException(lostAtClose));
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws AuditException if that did not succeed; a second call then does nothing
   */
  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      work.signal();
    } finally {
      lock.unlock();
    }
    try {
      if (!committer.join(CLOSE_LIMIT)) {
        throw new AuditException(
            "The disk below "
                + options.directory()
                + " did not answer within "
                + CLOSE_LIMIT.toSeconds()
                + " s: the last records may be missing.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AuditException("Closing was interrupted: the last records may be missing.", e);
    }
    String lost = lostAtClose;
    if (lost != null) {
      throw new AuditException(lost);
    }
  }

  /** Names the trail; never its content. */
  @Override
  public String toString() {
    return "FileAuditLog[" + options.directory() + ", writer " + options.writer() + "]";
  }
}
