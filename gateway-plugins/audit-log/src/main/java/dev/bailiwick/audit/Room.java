// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Counts the places of records. A place is taken by a record that is not durable yet, or is kept
 * for what is still to be said of a call; there are never more of both than the bound. Records of
 * denials may fill three quarters of it, and never a place that is kept. Thread-safe; never blocks
 * for long.
 */
final class Room {
  private record Waiting(CompletableFuture<Void> kept, int places) {}

  private final int bound;
  private final int denials;
  private final AtomicInteger taken = new AtomicInteger();
  private final AtomicInteger held = new AtomicInteger();

  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private volatile boolean someWait; // written under the lock

  Room(int bound) {
    this.bound = bound;
    this.denials = bound - bound / 4;
  }

  /** Keeps places if there are so many, and nobody waits for any. */
  boolean tryKeep(int places) {
    return !someWait && take(places);
  }

  private boolean take(int places) {
    int before = taken.get();
    while (before <= bound - places) {
      if (taken.compareAndSet(before, before + places)) {
        return true;
      }
      before = taken.get();
    }
    return false;
  }

  /**
   * Keeps places when so many are given back, in the order of asking; completes on a thread of its
   * own. One that was completed otherwise by then gets none.
   */
  CompletableFuture<Void> keep(int places) {
    CompletableFuture<Void> kept = new CompletableFuture<>();
    lock.lock();
    try {
      waiting.add(new Waiting(kept, places));
      someWait = true;
      grant();
    } finally {
      lock.unlock();
    }
    return kept;
  }

  /** Places that are not used, or whose records are durable. */
  void giveBack(int places) {
    taken.addAndGet(-places);
    if (someWait) {
      forgetDone();
    }
  }

  /** Some that waited have given up, which may let in others. */
  void forgetDone() {
    lock.lock();
    try {
      waiting.removeIf(each -> each.kept.isDone());
      grant();
    } finally {
      lock.unlock();
    }
  }

  private void grant() {
    List<Waiting> granted = new ArrayList<>();
    while (!waiting.isEmpty() && take(waiting.getFirst().places)) {
      granted.add(waiting.remove());
    }
    someWait = !waiting.isEmpty();
    if (!granted.isEmpty()) {
      Thread.ofVirtual().name("bailiwick-audit-room").start(() -> granted.forEach(this::hand));
    }
  }

  private void hand(Waiting granted) {
    if (!granted.kept.complete(null)) {
      giveBack(granted.places);
    }
  }

  /** Those that wait get nothing. */
  void fail(AuditException failure) {
    List<Waiting> failed;
    lock.lock();
    try {
      failed = List.copyOf(waiting);
      waiting.clear();
      someWait = false;
    } finally {
      lock.unlock();
    }
    if (!failed.isEmpty()) {
      Thread.ofVirtual()
          .name("bailiwick-audit-room")
          .start(() -> failed.forEach(each -> each.kept.completeExceptionally(failure)));
    }
  }

  /** Takes a place for a record, if there is one. Only one thread at a time may ask. */
  boolean hold(boolean denial) {
    if ((denial && held.get() >= denials) || !take(1)) {
      return false;
    }
    held.incrementAndGet();
    return true;
  }

  /** A record takes the place that was kept for it. */
  void holdKept() {
    held.incrementAndGet();
  }

  /** So many records are durable. */
  void release(int records) {
    held.addAndGet(-records);
    giveBack(records);
  }

  /** How many records are not durable. */
  int held() {
    return held.get();
  }

  /** How many places are taken or kept. */
  int taken() {
    return taken.get();
  }
}
