// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.handle;

import dev.bailiwick.connector.Handle;
import dev.bailiwick.connector.Operation;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Handles of one process. Bounded: at its bounds it keeps no more, and forgets none that is still
 * of use. Thread-safe; its lock is held for a few look-ups only.
 */
public final class InMemoryHandles implements DeferredHandles {
  private static final int MOST_OF_ONE = 1_000;
  private static final int MOST = 100_000;

  private record Key(String connector, String kind, String id) {
    static Key of(String connector, Handle handle) {
      return new Key(connector, handle.kind(), handle.id());
    }
  }

  private record Expiry(Instant at, Key key) {}

  private static final class Entry {
    private final Holder holder;
    private final List<Operation> operations;
    private Instant expires;

    Entry(Holder holder, List<Operation> operations, Instant expires) {
      this.holder = holder;
      this.operations = List.copyOf(operations);
      this.expires = expires;
    }
  }

  private final int mostOfOne;
  private final int most;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Key, Entry> entries = new HashMap<>();
  private final Map<Holder, Integer> held = new HashMap<>();
  private final PriorityQueue<Expiry> expiries =
      new PriorityQueue<>(Comparator.comparing(Expiry::at));

  private InMemoryHandles(int mostOfOne, int most, Clock clock) {
    this.mostOfOne = mostOfOne;
    this.most = most;
    this.clock = clock;
  }

  /** At most 1,000 handles of one holder and 100,000 of all. */
  public static InMemoryHandles withDefaults(Clock clock) {
    return new InMemoryHandles(MOST_OF_ONE, MOST, clock);
  }

  static InMemoryHandles bounded(int mostOfOne, int most, Clock clock) {
    return new InMemoryHandles(mostOfOne, most, clock);
  }

  @Override
  public boolean hasRoom(Holder holder) {
    lock.lock();
    try {
      dropExpired(clock.instant());
      return entries.size() < most && held.getOrDefault(holder, 0) < mostOfOne;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean keep(String connector, Handle handle, Holder holder, List<Operation> operations) {
    Key key = Key.of(connector, handle);
    Instant now = clock.instant();
    lock.lock();
    try {
      dropExpired(now);
      Entry known = entries.get(key);
      if (known != null) {
        boolean same = known.holder.equals(holder);
        if (same) {
          known.expires = now.plus(handle.lifetime());
        }
        return same;
      }
      if (entries.size() >= most || held.getOrDefault(holder, 0) >= mostOfOne) {
        return false;
      }
      Instant expires = now.plus(handle.lifetime());
      entries.put(key, new Entry(holder, operations, expires));
      held.merge(holder, 1, Integer::sum);
      expiries.add(new Expiry(expires, key));
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public CompletionStage<Optional<List<Operation>>> find(
      String connector, Handle handle, Holder holder) {
    Instant now = clock.instant();
    lock.lock();
    try {
      dropExpired(now);
      Entry entry = entries.get(Key.of(connector, handle));
      if (entry == null || !entry.holder.equals(holder)) {
        return CompletableFuture.completedStage(Optional.empty());
      }
      entry.expires = now.plus(handle.lifetime());
      return CompletableFuture.completedStage(Optional.of(entry.operations));
    } finally {
      lock.unlock();
    }
  }

  /** An entry that was used since it was queued is queued anew, once per lifetime. */
  private void dropExpired(Instant now) {
    for (Expiry next = expiries.peek();
        next != null && !next.at.isAfter(now);
        next = expiries.peek()) {
      Expiry due = expiries.remove();
      @Nullable Entry entry = entries.get(due.key);
      if (entry == null) {
        continue;
      }
      if (entry.expires.isAfter(now)) {
        expiries.add(new Expiry(entry.expires, due.key));
      } else {
        entries.remove(due.key);
        held.computeIfPresent(entry.holder, (holder, count) -> count == 1 ? null : count - 1);
      }
    }
  }
}
