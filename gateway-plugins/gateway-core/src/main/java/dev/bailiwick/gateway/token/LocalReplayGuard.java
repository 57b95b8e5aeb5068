// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Remembers proofs in the memory of one process. Uses lie in buckets by the time that the proofs
 * were made, and a bucket is dropped as a whole once every proof of its time is too old to be
 * accepted. A proof of a time that was dropped counts as seen, also when the clock was set back or
 * the window was made longer meanwhile. Thread-safe.
 *
 * <p>Two limits refuse and never evict: first the live proofs of one key, so that one agent cannot
 * use up what all share, then the live proofs of all keys.
 */
public final class LocalReplayGuard implements ReplayGuard {
  private static final Duration BUCKET = Duration.ofSeconds(10);

  private final int maxPerKey;
  private final int maxTotal;
  private final Clock clock;

  // One lock over plain collections: what it guards takes well under a microsecond and never
  // blocks, and the two limits stay exact.
  private final Object lock = new Object();
  private final TreeMap<Long, Bucket> buckets = new TreeMap<>();
  private final Map<String, Integer> livePerKey = new HashMap<>();
  private int live;
  private long droppedBelow = Long.MIN_VALUE;

  private static final class Bucket {
    final Set<String> ids = new HashSet<>();
    final Map<String, Integer> perKey = new HashMap<>();
    Instant diesAt = Instant.MIN;
  }

  /**
   * @param maxPerKey live proofs of one key
   * @param maxTotal live proofs of all keys; one takes about 200 bytes
   */
  public LocalReplayGuard(int maxPerKey, int maxTotal, Clock clock) {
    if (maxPerKey < 1 || maxTotal < maxPerKey) {
      throw new IllegalArgumentException("expected 1 <= maxPerKey <= maxTotal");
    }
    this.maxPerKey = maxPerKey;
    this.maxTotal = maxTotal;
    this.clock = Objects.requireNonNull(clock, "clock");
  }

  /** Limits for a node: 20 000 live proofs of one key, 500 000 of all. */
  public static LocalReplayGuard withDefaults(Clock clock) {
    return new LocalReplayGuard(20_000, 500_000, clock);
  }

  @Override
  public boolean seenHere(Use use) {
    synchronized (lock) {
      return isSeen(use);
    }
  }

  @Override
  public CompletionStage<Outcome> remember(Use use) {
    Instant now = clock.instant();
    synchronized (lock) {
      return CompletableFuture.completedFuture(rememberLocked(use, now));
    }
  }

  private Outcome rememberLocked(Use use, Instant now) {
    dropDead(now);
    if (!use.expiresAt().isAfter(now) || isSeen(use)) {
      return Outcome.SEEN;
    }
    if (live >= maxTotal || livePerKey.getOrDefault(use.thumbprint(), 0) >= maxPerKey) {
      return Outcome.FULL;
    }
    Bucket bucket = buckets.computeIfAbsent(bucketOf(use), index -> new Bucket());
    bucket.ids.add(use.id());
    bucket.perKey.merge(use.thumbprint(), 1, Integer::sum);
    bucket.diesAt = later(bucket.diesAt, lastExpiryOf(use));
    livePerKey.merge(use.thumbprint(), 1, Integer::sum);
    live++;
    return Outcome.FRESH;
  }

  private boolean isSeen(Use use) {
    long index = bucketOf(use);
    Bucket bucket = buckets.get(index);
    return index < droppedBelow || (bucket != null && bucket.ids.contains(use.id()));
  }

  private void dropDead(Instant now) {
    while (!buckets.isEmpty() && !buckets.firstEntry().getValue().diesAt.isAfter(now)) {
      Map.Entry<Long, Bucket> dead = buckets.pollFirstEntry();
      droppedBelow = dead.getKey() + 1;
      live -= dead.getValue().ids.size();
      dead.getValue()
          .perKey
          .forEach(
              (key, count) ->
                  livePerKey.computeIfPresent(key, (k, all) -> all > count ? all - count : null));
    }
  }

  /** A proof is signed over its {@code iat}, so every copy of it falls into the same bucket. */
  private static long bucketOf(Use use) {
    return Math.floorDiv(use.issuedAt().getEpochSecond(), BUCKET.toSeconds());
  }

  /** When a proof made at the very end of this one's bucket would be too old. */
  private static Instant lastExpiryOf(Use use) {
    return Instant.ofEpochSecond((bucketOf(use) + 1) * BUCKET.toSeconds())
        .plus(Duration.between(use.issuedAt(), use.expiresAt()));
  }

  private static Instant later(Instant a, Instant b) {
    return a.isAfter(b) ? a : b;
  }

  /** Live proofs of all keys, for a gauge. */
  public int size() {
    synchronized (lock) {
      return live;
    }
  }
}
