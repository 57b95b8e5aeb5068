// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import dev.bailiwick.gateway.credential.CredentialResult.Unavailable;
import dev.bailiwick.gateway.credential.CredentialSource.Obtained;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reference of a {@link StoredCredentialBroker}: the live credential, or why there is none, and
 * the one renewal under way. Thread-safe; everything that blocks runs on {@code threads}.
 */
final class CredentialSlot {
  private static final Logger LOG = LoggerFactory.getLogger(CredentialSlot.class);
  private static final int MAX_DOUBLINGS = 20;
  private static final int LOGGED_FRAMES = 5;
  private static final Duration SHORTEST_WAIT = Duration.ofSeconds(1);

  private final String name;
  private final CredentialSource source;
  private final BrokerSettings settings;
  private final Clock clock;
  private final Executor threads;
  private final AtomicBoolean checking = new AtomicBoolean();

  /** Guards every change of what follows; a live credential is read without it. */
  private final ReentrantLock lock = new ReentrantLock();

  private volatile @Nullable LiveCredential live;
  private volatile @Nullable Halt halt;
  private volatile @Nullable CompletableFuture<CredentialResult> renewal;
  private volatile @Nullable String warned;
  private int failures;

  /** Whether anybody asked since the last renewal in the background: if not, there is none. */
  private volatile boolean used;

  /**
   * Nothing is asked until then.
   *
   * @param until null for as long as the entry stays as it is
   */
  private record Halt(CredentialResult result, @Nullable Instant until) {
    boolean holds(Instant now) {
      return until == null || now.isBefore(until);
    }

    CredentialResult result(Instant now) {
      return result instanceof Unavailable unavailable && until != null
          ? new Unavailable(unavailable.sentence(), atLeastASecond(Duration.between(now, until)))
          : result;
    }
  }

  CredentialSlot(
      String name,
      CredentialSource source,
      BrokerSettings settings,
      Clock clock,
      Executor threads) {
    this.name = name;
    this.source = source;
    this.settings = settings;
    this.clock = clock;
    this.threads = threads;
  }

  CompletionStage<CredentialResult> credential() {
    LiveCredential current = live;
    if (!used) {
      used = true;
    }
    return current != null && current.usable(clock.instant()) ? current.answer() : renewed(current);
  }

  CompletionStage<CredentialResult> renew(long staleGeneration) {
    LiveCredential current = live;
    if (current == null || current.generation() > staleGeneration) {
      return credential();
    }
    Duration age = Duration.between(current.obtained(), clock.instant());
    if (current.renewable() && !age.isNegative() && age.compareTo(settings.renewalPause()) < 0) {
      return CompletableFuture.completedStage(
          new Unavailable(
              "the upstream refused the credential vault:" + name + " right after its renewal",
              atLeastASecond(settings.renewalPause().minus(age))));
    }
    return renewed(current);
  }

  /**
   * Looks for a changed entry and starts a renewal that is due. Returns at once; the stage
   * completes when it has looked.
   */
  CompletableFuture<Void> check() {
    if (!checking.compareAndSet(false, true)) {
      return CompletableFuture.completedFuture(null);
    }
    return CompletableFuture.runAsync(
        () -> {
          try {
            followStore();
            renewIfDue();
          } finally {
            checking.set(false);
          }
        },
        threads);
  }

  /** The renewal under way, for whoever shuts down. */
  Optional<CompletableFuture<CredentialResult>> underWay() {
    return Optional.ofNullable(renewal);
  }

  /** Call when no renewal is under way any more. */
  void close() {
    source.close();
  }

  /**
   * Joins the renewal under way or starts one, unless nothing is to be asked now.
   *
   * @param replaced what the caller saw; when another one took its place meanwhile, that is it
   */
  private CompletionStage<CredentialResult> renewed(@Nullable LiveCredential replaced) {
    CompletableFuture<CredentialResult> joined;
    lock.lock();
    try {
      Instant now = clock.instant();
      LiveCredential current = live;
      if (current != null && current != replaced && current.usable(now)) {
        return current.answer();
      }
      Halt halted = halt;
      if (halted != null && halted.holds(now)) {
        return CompletableFuture.completedStage(halted.result(now));
      }
      joined = renewal;
      if (joined == null) {
        CompletableFuture<CredentialResult> started = new CompletableFuture<>();
        renewal = started;
        joined = started;
        threads.execute(() -> run(started, current));
      }
    } finally {
      lock.unlock();
    }
    // A thread for each waiter: none waits for what another does with the result.
    return joined.thenApplyAsync(Function.identity(), threads).minimalCompletionStage();
  }

  private void run(CompletableFuture<CredentialResult> started, @Nullable LiveCredential refused) {
    Obtained obtained;
    try {
      obtained = source.obtain(refused);
    } catch (RuntimeException | Error e) {
      // Even then: a renewal that never ends would keep everybody waiting for good.
      logUnexpected(e);
      obtained =
          new Obtained.Failed("the credential vault:" + name + " could not be obtained", null);
    }
    CredentialResult result;
    lock.lock();
    try {
      result = settle(obtained);
      renewal = null;
    } finally {
      lock.unlock();
    }
    started.complete(result);
  }

  private CredentialResult settle(Obtained obtained) {
    return switch (obtained) {
      case Obtained.Live(LiveCredential next) -> {
        failures = 0;
        warned = null;
        halt = null;
        live = next;
        yield next.result();
      }
      case Obtained.Broken(CredentialResult result) -> {
        if (result instanceof CredentialResult.NeedsConsent consent) {
          warn(consent.sentence());
        }
        live = null;
        halt = new Halt(result, null);
        yield result;
      }
      case Obtained.Unchanged(CredentialResult result) -> result;
      case Obtained.Failed(String sentence, Duration retryAfter) -> {
        warn(sentence);
        Duration pause = retryAfter != null ? retryAfter : failurePause();
        failures++;
        halt =
            new Halt(new Unavailable(sentence, atLeastASecond(pause)), clock.instant().plus(pause));
        yield new Unavailable(sentence, atLeastASecond(pause));
      }
    };
  }

  private Duration failurePause() {
    Duration longest = settings.endpoint().longestFailurePause();
    Duration pause =
        settings.endpoint().failurePause().multipliedBy(1L << Math.min(failures, MAX_DOUBLINGS));
    return pause.compareTo(longest) < 0 ? pause : longest;
  }

  private void followStore() {
    LiveCredential liveBefore = live;
    Halt haltBefore = halt;
    try {
      if (!source.outdated()) {
        return;
      }
    } catch (CredentialStoreException e) {
      // What is live stays live: an unreadable store withdraws nothing.
      warn(CredentialSource.unusable(e));
      return;
    }
    lock.lock();
    try {
      // What was renewed meanwhile is looked at next time.
      if (renewal == null && live == liveBefore && Objects.equals(halt, haltBefore)) {
        live = null;
        halt = null;
      }
    } finally {
      lock.unlock();
    }
  }

  private void renewIfDue() {
    LiveCredential current = live;
    boolean due = used && current != null && current.nearsExpiry(clock.instant());
    if (due || source.owesRotation()) {
      used = false;
      CompletionStage<CredentialResult> unused = renewed(current);
    }
  }

  /** Once, not at every attempt. */
  private void warn(String sentence) {
    if (!sentence.equals(warned)) {
      warned = sentence;
      LOG.warn("credential vault:{}: {}", name, sentence);
    }
  }

  /** Where and what, without the message, which may quote what must not be seen. */
  private void logUnexpected(Throwable e) {
    List<StackTraceElement> where = Arrays.stream(e.getStackTrace()).limit(LOGGED_FRAMES).toList();
    LOG.error("credential vault:{}: unexpected {} at {}", name, e.getClass().getName(), where);
  }

  private static Duration atLeastASecond(Duration wait) {
    return wait.compareTo(SHORTEST_WAIT) < 0 ? SHORTEST_WAIT : wait;
  }
}
