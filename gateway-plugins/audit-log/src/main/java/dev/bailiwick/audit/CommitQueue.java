// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Records on their way to the committer. Thread-safe; only the committer waits.
 *
 * <p>A record gets its place in the chain when it comes in, and waits as the line that it will be:
 * objects that wait are copied by the collector again and again.
 *
 * <p>Every accepted record counts until it is durable, also those that the committer has already
 * taken: {@link Room}.
 */
final class CommitQueue {

  static final int BATCH_RECORDS = 1024;

  /**
   * A record in its place.
   *
   * @param receipt that its caller got; the log's own notes have none
   * @param since {@code System.nanoTime()}
   */
  record Pending(Sealer.Sealed sealed, @Nullable WatchedReceipt receipt, long since) {}

  /** What became of an offer. */
  enum Offer {
    ACCEPTED,
    FULL,
    CLOSED
  }

  private final Sealer sealer;
  private final Room room;
  private final long batchAge;
  private final long idleBatchAge;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Deque<Pending> queue = new ArrayDeque<>();
  private long turnedAway;
  private volatile boolean awaited; // written under the lock
  private boolean closed;

  CommitQueue(Sealer sealer, Room room, Duration batchAge, Duration idleBatchAge) {
    this.sealer = sealer;
    this.room = room;
    this.batchAge = batchAge.toNanos();
    this.idleBatchAge = idleBatchAge.toNanos();
  }

  /**
   * Takes a record in.
   *
   * @param kept whether a place is kept for it in the {@link Room}
   * @throws RuntimeException when it cannot be written at all; it is counted as turned away
   */
  Offer offer(AuditRecord record, WatchedReceipt receipt, boolean kept) {
    lock.lock();
    try {
      if (closed) {
        return Offer.CLOSED;
      }
      if (kept) {
        room.holdKept();
      } else if (!room.hold(isDenial(record))) {
        turnedAway++;
        return Offer.FULL;
      }
      queue.add(new Pending(seal(record), receipt, System.nanoTime()));
      if (queue.size() == 1 || queue.size() == BATCH_RECORDS) {
        work.signal();
      }
      return Offer.ACCEPTED;
    } finally {
      lock.unlock();
    }
  }

  private Sealer.Sealed seal(AuditRecord record) {
    try {
      return sealer.seal(record);
    } catch (RuntimeException e) {
      room.release(1);
      turnedAway++;
      work.signal();
      throw e;
    }
  }

  private static boolean isDenial(AuditRecord record) {
    return record instanceof AuditRecord.GatewayDecision decision && !decision.allowed();
  }

  /**
   * Waits until a batch is due: it is full, its oldest record is old enough, or the queue closes. A
   * batch that somebody waits for is due earlier.
   *
   * @param patience how long to wait for that, in nanoseconds; afterwards the batch is empty
   */
  List<Pending> awaitBatch(long patience) {
    lock.lock();
    try {
      long start = System.nanoTime();
      await(() -> Math.min(untilDue(), patience - (System.nanoTime() - start)));
      return untilDue() <= 0 ? take() : List.of();
    } finally {
      lock.unlock();
    }
  }

  private long untilDue() {
    if (closed || queue.size() >= BATCH_RECORDS) {
      return 0;
    }
    if (queue.isEmpty()) {
      return turnedAway > 0 ? 0 : Long.MAX_VALUE;
    }
    long age = System.nanoTime() - queue.getFirst().since();
    return (awaited ? batchAge : idleBatchAge) - age;
  }

  /** Somebody waits for a receipt or a place: what is in the queue is due earlier. */
  void hurry() {
    if (awaited) {
      return; // the committer takes what is in the queue before it forgets that
    }
    lock.lock();
    try {
      if (!awaited) {
        awaited = true;
        work.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits for a time, or until the queue closes, and takes what is there. */
  List<Pending> awaitRetry(Duration pause) {
    lock.lock();
    try {
      long end = System.nanoTime() + pause.toNanos();
      await(() -> closed ? 0 : end - System.nanoTime());
      return take();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until nothing is left; every signal makes it ask anew. */
  private void await(LongSupplier nanosLeft) {
    for (long left = nanosLeft.getAsLong(); left > 0; left = nanosLeft.getAsLong()) {
      try {
        work.awaitNanos(left);
      } catch (InterruptedException e) {
        // Only closing ends the committer; an interrupt merely makes it look early.
      }
    }
  }

  private List<Pending> take() {
    List<Pending> batch = new ArrayList<>(Math.min(queue.size(), BATCH_RECORDS));
    while (!queue.isEmpty() && batch.size() < BATCH_RECORDS) {
      batch.add(queue.remove());
    }
    if (queue.isEmpty()) {
      awaited = false; // what is left over may be awaited as well
    }
    return batch;
  }

  /** Places notes behind everything that is in the queue, and takes all of it. */
  List<Pending> takeAllAnd(List<AuditRecord.TrailNote> notes) {
    lock.lock();
    try {
      for (AuditRecord.TrailNote note : notes) {
        queue.add(new Pending(sealer.seal(note), null, System.nanoTime()));
      }
      List<Pending> all = new ArrayList<>(queue);
      queue.clear();
      awaited = false;
      return all;
    } finally {
      lock.unlock();
    }
  }

  /** How many records were turned away since the last call. */
  long takeTurnedAway() {
    lock.lock();
    try {
      long taken = turnedAway;
      turnedAway = 0;
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Receipts of the records that the committer has not taken yet. */
  List<WatchedReceipt> receipts() {
    lock.lock();
    try {
      List<WatchedReceipt> receipts = new ArrayList<>();
      for (Pending pending : queue) {
        if (pending.receipt() != null) {
          receipts.add(pending.receipt());
        }
      }
      return receipts;
    } finally {
      lock.unlock();
    }
  }

  /** Accepts nothing more; false if it was closed already. */
  boolean close() {
    lock.lock();
    try {
      boolean first = !closed;
      closed = true;
      work.signal();
      return first;
    } finally {
      lock.unlock();
    }
  }

  /** Whether it is closed and everything was taken. */
  boolean isDrained() {
    lock.lock();
    try {
      return closed && queue.isEmpty();
    } finally {
      lock.unlock();
    }
  }
}
