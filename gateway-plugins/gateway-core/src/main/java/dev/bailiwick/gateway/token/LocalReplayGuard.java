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
 * Remembers proofs in the memory of one process. Uses lie in buckets by expiry, and a bucket is
 * dropped as a whole once its last proof is too old to be accepted. Thread-safe.
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
      Bucket bucket = buckets.get(bucketOf(use.expiresAt()));
      return bucket != null && bucket.ids.contains(use.id());
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
    dropUntil(now);
    // The second half matters when the clock was set back: what was dropped stays dropped.
    if (!use.expiresAt().isAfter(now) || bucketOf(use.expiresAt()) < droppedBelow) {
      return Outcome.SEEN;
    }
    // A proof is signed over its iat, so every copy of it falls into the same bucket.
    Bucket bucket = buckets.get(bucketOf(use.expiresAt()));
    if (bucket != null && bucket.ids.contains(use.id())) {
      return Outcome.SEEN;
    }
    if (live >= maxTotal || livePerKey.getOrDefault(use.thumbprint(), 0) >= maxPerKey) {
      return Outcome.FULL;
    }
    if (bucket == null) {
      bucket = new Bucket();
      buckets.put(bucketOf(use.expiresAt()), bucket);
    }
    bucket.ids.add(use.id());
    bucket.perKey.merge(use.thumbprint(), 1, Integer::sum);
    livePerKey.merge(use.thumbprint(), 1, Integer::sum);
    live++;
    return Outcome.FRESH;
  }

  private void dropUntil(Instant now) {
    droppedBelow = Math.max(droppedBelow, bucketOf(now));
    while (!buckets.isEmpty() && buckets.firstKey() < droppedBelow) {
      Bucket dropped = buckets.pollFirstEntry().getValue();
      live -= dropped.ids.size();
      dropped.perKey.forEach(
          (key, count) ->
              livePerKey.computeIfPresent(key, (k, all) -> all > count ? all - count : null));
    }
  }

  private static long bucketOf(Instant time) {
    return Math.floorDiv(time.getEpochSecond(), BUCKET.toSeconds());
  }

  /** Live proofs of all keys, for a gauge. */
  public int size() {
    synchronized (lock) {
      return live;
    }
  }
}
