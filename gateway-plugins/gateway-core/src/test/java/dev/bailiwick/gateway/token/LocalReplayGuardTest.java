// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.bailiwick.gateway.token.ReplayGuard.Outcome;
import dev.bailiwick.gateway.token.ReplayGuard.Use;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LocalReplayGuardTest {
  private static final Instant START = Instant.parse("2026-11-23T09:00:00Z");
  private static final Duration LIFE = Duration.ofSeconds(60);

  private volatile Instant now = START;
  private final Clock clock =
      new Clock() {
        @Override
        public Instant instant() {
          return now;
        }

        @Override
        public ZoneOffset getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
          return this;
        }
      };

  private final LocalReplayGuard guard = new LocalReplayGuard(3, 5, clock);

  @Test
  void rememberWhenFirstUseThenFreshAndAfterwardsSeen() {
    assertThat(guard.seenHere(use("a", "1"))).isFalse();
    assertThat(remember(use("a", "1"))).isEqualTo(Outcome.FRESH);
    assertThat(guard.seenHere(use("a", "1"))).isTrue();
    assertThat(remember(use("a", "1"))).isEqualTo(Outcome.SEEN);
  }

  @Test
  void rememberWhenKeyProofOrTargetDiffersThenFresh() {
    remember(Use.of("a", "1", "https://t/", START, START.plus(LIFE)));

    assertThat(remember(Use.of("b", "1", "https://t/", START, START.plus(LIFE))))
        .isEqualTo(Outcome.FRESH);
    assertThat(remember(Use.of("a", "2", "https://t/", START, START.plus(LIFE))))
        .isEqualTo(Outcome.FRESH);
    assertThat(remember(Use.of("a", "1", "https://u/", START, START.plus(LIFE))))
        .isEqualTo(Outcome.FRESH);
  }

  @Test
  void useWhenPartsFlowIntoEachOtherThenDiffers() {
    Use one = Use.of("a", "bc", "d", START, START);
    Use other = Use.of("ab", "c", "d", START, START);

    assertThat(one.id()).isNotEqualTo(other.id()).hasSize(43);
  }

  @Test
  void rememberWhenStillAliveThenSeenUntilItsLastInstant() {
    Use use = use("a", "1");
    remember(use);

    now = use.expiresAt().minusMillis(1);

    assertThat(remember(use)).isEqualTo(Outcome.SEEN);
  }

  @Test
  void rememberWhenOlderThanItsLifeThenSeenWhetherKnownOrNot() {
    now = START.plus(LIFE);

    assertThat(remember(use("a", "never used"))).isEqualTo(Outcome.SEEN);
    assertThat(guard.size()).isZero();
  }

  @Test
  void rememberWhenClockSetBackThenWhatWasDroppedStaysUsed() {
    Use use = use("a", "1");
    remember(use);
    now = START.plus(LIFE).plusSeconds(10);
    remember(new Use("b", "2", now, now.plus(LIFE)));
    now = START;

    assertThat(remember(use)).isEqualTo(Outcome.SEEN);
  }

  @Test
  void rememberWhenWindowMadeLongerThenAProofUsedBeforeStaysUsed() {
    Use use = use("a", "1");
    remember(use);
    Use longer = new Use(use.thumbprint(), use.id(), START, START.plus(LIFE.multipliedBy(3)));

    Outcome atOnce = remember(longer);
    now = START.plus(LIFE.multipliedBy(2));
    remember(new Use("b", "2", now, now.plus(LIFE)));
    Outcome afterItWasDropped = remember(longer);

    assertThat(atOnce).isEqualTo(Outcome.SEEN);
    assertThat(afterItWasDropped).isEqualTo(Outcome.SEEN);
  }

  @Test
  void rememberWhenAnotherProofOfTheSameTimeIsStillAliveThenItIsNotTakenForADroppedOne() {
    remember(use("a", "1"));
    Instant lateInTheBucket = START.plusSeconds(9);
    now = START.plus(LIFE).plusSeconds(8);

    Outcome outcome = remember(new Use("a", "2", lateInTheBucket, lateInTheBucket.plus(LIFE)));

    assertThat(outcome).isEqualTo(Outcome.FRESH);
  }

  @Test
  void useWhenItEndsBeforeItBeginsThenThrows() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Use("a", "1", START, START.minusNanos(1)));
  }

  @Test
  void rememberWhenKeyAtItsLimitThenFullForThatKeyOnlyAndNothingIsEvicted() {
    List<Use> flood = IntStream.range(0, 3).mapToObj(i -> use("a", "" + i)).toList();
    flood.forEach(this::remember);

    assertThat(remember(use("a", "one more"))).isEqualTo(Outcome.FULL);
    assertThat(remember(use("b", "1"))).isEqualTo(Outcome.FRESH);
    assertThat(flood).allMatch(use -> remember(use) == Outcome.SEEN);
  }

  @Test
  void rememberWhenAllAtTheirLimitThenFullForEveryKeyAndNothingIsEvicted() {
    List<Use> uses = IntStream.range(0, 5).mapToObj(i -> use("key" + i % 2, "" + i)).toList();
    uses.forEach(this::remember);

    assertThat(remember(use("c", "1"))).isEqualTo(Outcome.FULL);
    assertThat(uses).allMatch(use -> remember(use) == Outcome.SEEN);
    assertThat(guard.size()).isEqualTo(5);
  }

  @Test
  void rememberWhenOldProofsDiedThenThereIsRoomAgain() {
    IntStream.range(0, 3).forEach(i -> remember(use("a", "" + i)));
    now = START.plus(LIFE).plusSeconds(10);

    Outcome outcome = remember(new Use("a", "4", now, now.plus(LIFE)));

    assertThat(outcome).isEqualTo(Outcome.FRESH);
    assertThat(guard.size()).isEqualTo(1);
  }

  @Test
  void rememberWhenManyThreadsUseTheSameProofsThenEachIsFreshOnce() throws Exception {
    int threads = 8;
    int proofs = 2_000;
    LocalReplayGuard shared = LocalReplayGuard.withDefaults(clock);
    CyclicBarrier start = new CyclicBarrier(threads);
    Callable<Integer> work =
        () -> {
          start.await();
          int fresh = 0;
          for (int i = 0; i < proofs; i++) {
            Use use = use("key" + i % 7, "" + i);
            if (shared.remember(use).toCompletableFuture().join() == Outcome.FRESH) {
              fresh++;
            }
          }
          return fresh;
        };

    assertThat(sum(threads, work)).isEqualTo(proofs);
    assertThat(shared.size()).isEqualTo(proofs);
  }

  @Test
  void rememberWhenManyThreadsReachTheLimitsThenTheyAreExact() throws Exception {
    int threads = 8;
    LocalReplayGuard shared = new LocalReplayGuard(100, 150, clock);
    CyclicBarrier start = new CyclicBarrier(threads);
    Callable<Integer> work =
        () -> {
          String own = Thread.currentThread().getName();
          start.await();
          int fresh = 0;
          for (int i = 0; i < 500; i++) {
            Use use = use(i % 2 == 0 ? "a" : "b", own + i);
            if (shared.remember(use).toCompletableFuture().join() == Outcome.FRESH) {
              fresh++;
            }
          }
          return fresh;
        };

    assertThat(sum(threads, work)).isEqualTo(150);
    assertThat(shared.size()).isEqualTo(150);
  }

  @Test
  void rememberWhenTimePassesUnderLoadThenNothingIsLeftBehind() throws Exception {
    int threads = 4;
    LocalReplayGuard shared = LocalReplayGuard.withDefaults(clock);
    CyclicBarrier start = new CyclicBarrier(threads);
    Callable<Integer> work =
        () -> {
          String own = Thread.currentThread().getName();
          start.await();
          for (int i = 0; i < 500; i++) {
            now = START.plusSeconds(i);
            var unused =
                shared.remember(
                    new Use("a", own + i, START.plusSeconds(i), START.plusSeconds(i + 60)));
          }
          return 0;
        };
    sum(threads, work);
    now = START.plusSeconds(1_000);

    remember(shared, new Use("a", "last", now, now.plus(LIFE)));

    assertThat(shared.size()).isEqualTo(1);
  }

  @Test
  void createWhenLimitsContradictThenThrows() {
    assertThatIllegalArgumentException().isThrownBy(() -> new LocalReplayGuard(0, 5, clock));
    assertThatIllegalArgumentException().isThrownBy(() -> new LocalReplayGuard(6, 5, clock));
  }

  private static int sum(int threads, Callable<Integer> work) throws Exception {
    int sum = 0;
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (Future<Integer> done : pool.invokeAll(Collections.nCopies(threads, work))) {
        sum += done.get();
      }
    }
    return sum;
  }

  private Outcome remember(Use use) {
    return remember(guard, use);
  }

  private static Outcome remember(LocalReplayGuard guard, Use use) {
    return guard.remember(use).toCompletableFuture().join();
  }

  private static Use use(String key, String jti) {
    return Use.of(key, jti, "https://gateway.acme.example/", START, START.plus(LIFE));
  }
}
