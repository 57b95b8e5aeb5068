// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import dev.bailiwick.gateway.credential.CredentialResult.Missing;
import dev.bailiwick.gateway.credential.CredentialResult.NeedsConsent;
import dev.bailiwick.gateway.credential.CredentialResult.Unavailable;
import dev.bailiwick.gateway.credential.StoredCredential.Grant;
import dev.bailiwick.gateway.credential.StoredCredential.Refresh;
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
 * the one renewal under way. Thread-safe. Everything that blocks runs on {@code threads}.
 */
final class CredentialSlot {
  private static final Logger LOG = LoggerFactory.getLogger(CredentialSlot.class);
  private static final int MAX_DOUBLINGS = 20;
  private static final int LOGGED_FRAMES = 5;
  private static final Duration SHORTEST_WAIT = Duration.ofSeconds(1);

  private final String name;
  private final CredentialStore store;
  private final TokenEndpoint endpoint;
  private final BrokerSettings settings;
  private final Clock clock;
  private final Executor threads;

  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicBoolean checking = new AtomicBoolean();
  private volatile @Nullable LiveCredential live;
  private volatile @Nullable Halt halt;
  private volatile @Nullable String version;
  private volatile @Nullable String warned;
  private volatile @Nullable Rotation rotation;

  /** Whether anybody asked since the last renewal in the background: if not, there is none. */
  private volatile boolean used;

  private volatile @Nullable CompletableFuture<CredentialResult> renewal;

  // Touched by the one renewal under way only.
  private long generation;
  private int failures;

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

  /** A rotated refresh token that is not yet in the store, so that its access token is not used. */
  private record Rotation(
      StoredEntry used, Refresh replacement, TokenAnswer.Granted grant, Instant obtained) {}

  CredentialSlot(
      String name,
      CredentialStore store,
      TokenEndpoint endpoint,
      BrokerSettings settings,
      Clock clock,
      Executor threads) {
    this.name = name;
    this.store = store;
    this.endpoint = endpoint;
    this.settings = settings;
    this.clock = clock;
    this.threads = threads;
  }

  CompletionStage<CredentialResult> credential() {
    Instant now = clock.instant();
    LiveCredential current = live;
    if (!used) {
      used = true;
    }
    return current != null && current.usable(now) ? current.answer() : renewed(current);
  }

  CompletionStage<CredentialResult> renew(long staleGeneration) {
    Instant now = clock.instant();
    LiveCredential current = live;
    if (current == null || current.generation() > staleGeneration) {
      return credential();
    }
    Duration age = Duration.between(current.obtained(), now);
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

  /** A last try to store a rotated refresh token, when no renewal is under way any more. */
  void close() {
    Rotation pending = rotation;
    if (pending != null) {
      try {
        Optional<CredentialResult> unused = keep(pending);
      } catch (CredentialStoreException e) {
        LOG.error(
            "credential vault:{}: the new refresh token is lost, obtain a new one: {}",
            name,
            e.getMessage());
      }
    }
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
        threads.execute(() -> run(started, replaced));
      }
    } finally {
      lock.unlock();
    }
    // A thread for each waiter: none waits for what another does with the result.
    return joined.thenApplyAsync(Function.identity(), threads).minimalCompletionStage();
  }

  private void run(CompletableFuture<CredentialResult> started, @Nullable LiveCredential replaced) {
    CredentialResult result;
    try {
      result = obtain(replaced);
    } catch (CredentialStoreException e) {
      String sentence =
          rotation == null
              ? "the credential store cannot be used: " + e.getMessage()
              : "the new refresh token of vault:" + name + " is not stored: " + e.getMessage();
      warn(sentence);
      result = failed(sentence, null);
    } catch (RuntimeException | Error e) {
      // Even then: a renewal that never ends would keep everybody waiting for good.
      logUnexpected(e);
      result = failed("the credential vault:" + name + " could not be obtained", null);
    }
    lock.lock();
    try {
      renewal = null;
    } finally {
      lock.unlock();
    }
    started.complete(result);
  }

  private CredentialResult obtain(@Nullable LiveCredential replaced) {
    Rotation pending = rotation;
    if (pending != null) {
      Optional<CredentialResult> kept = keep(pending);
      if (kept.isPresent()) {
        return kept.get();
      }
    }
    return obtain(replaced, true);
  }

  /**
   * @param again whether to start over once when the entry is replaced while it is used
   */
  private CredentialResult obtain(@Nullable LiveCredential replaced, boolean again) {
    StoredEntry entry = store.get(name).orElse(null);
    if (entry == null) {
      return missing();
    }
    String before = version;
    version = entry.version();
    if (entry.credential() instanceof StoredCredential.Static stored) {
      return replaced != null && live == replaced && entry.version().equals(before)
          ? refusedUpstream()
          : publish(
              entry, LiveCredential.stored(stored.credential(), ++generation, clock.instant()));
    }
    Grant grant = (Grant) entry.credential();
    Instant asked = clock.instant();
    return switch (endpoint.ask(grant)) {
      case TokenAnswer.Granted answer ->
          granted(entry, answer, asked)
              .orElseGet(() -> again ? obtain(replaced, false) : overtaken());
      case TokenAnswer.Refused refused ->
          isCurrent(entry)
              ? refused(sentence(grant, refused.sentence()))
              : again ? obtain(replaced, false) : overtaken();
      case TokenAnswer.Failed failed ->
          failed(sentence(grant, failed.sentence()), failed.retryAfter());
    };
  }

  /** Empty when a rotated refresh token came too late. */
  private Optional<CredentialResult> granted(
      StoredEntry entry, TokenAnswer.Granted answer, Instant asked) {
    if (entry.credential() instanceof Refresh refresh && rotates(refresh, answer)) {
      Rotation rotated = new Rotation(entry, replacement(refresh, answer), answer, asked);
      rotation = rotated;
      return keep(rotated);
    }
    return Optional.of(
        publish(entry, LiveCredential.granted(answer, ++generation, asked, settings)));
  }

  private static boolean rotates(Refresh refresh, TokenAnswer.Granted answer) {
    return answer.refreshToken() != null && !answer.refreshToken().equals(refresh.refreshToken());
  }

  private static Refresh replacement(Refresh refresh, TokenAnswer.Granted answer) {
    return new Refresh(
        refresh.client(), Objects.requireNonNull(answer.refreshToken(), "refreshToken"));
  }

  /** Stores a rotated refresh token, then lets its access token out; empty when too late. */
  private Optional<CredentialResult> keep(Rotation rotated) {
    Optional<StoredEntry> kept = store.replace(rotated.used(), rotated.replacement());
    rotation = null;
    if (kept.isEmpty()) {
      return Optional.empty();
    }
    LiveCredential next =
        LiveCredential.granted(rotated.grant(), ++generation, rotated.obtained(), settings);
    return next.usable(clock.instant()) ? Optional.of(publish(kept.get(), next)) : Optional.empty();
  }

  private CredentialResult publish(StoredEntry entry, LiveCredential next) {
    failures = 0;
    warned = null;
    version = entry.version();
    halt = null;
    live = next;
    return next.result();
  }

  private CredentialResult missing() {
    Missing result = new Missing("there is no credential vault:" + name + " in the store");
    version = null;
    live = null;
    halt = new Halt(result, null);
    return result;
  }

  /** Not remembered: one refused request must not take the credential away from all others. */
  private CredentialResult refusedUpstream() {
    return new NeedsConsent(
        "the upstream refused the stored credential vault:"
            + name
            + "; store a new one if it was changed there");
  }

  /** Another process rotated the entry or a person corrected it, so this says nothing about it. */
  private boolean isCurrent(StoredEntry entry) {
    return store.get(name).filter(current -> current.version().equals(entry.version())).isPresent();
  }

  private CredentialResult overtaken() {
    return failed("the entry vault:" + name + " was replaced while it was used", null);
  }

  private CredentialResult refused(String sentence) {
    NeedsConsent result =
        new NeedsConsent(sentence + "; it is not asked again until the entry is stored anew");
    warn(result.sentence());
    live = null;
    halt = new Halt(result, null);
    return result;
  }

  private CredentialResult failed(String sentence, @Nullable Duration retryAfter) {
    Duration pause = retryAfter != null ? retryAfter : failurePause();
    failures++;
    Unavailable result = new Unavailable(sentence, atLeastASecond(pause));
    halt = new Halt(result, clock.instant().plus(pause));
    return result;
  }

  private Duration failurePause() {
    Duration longest = settings.endpoint().longestFailurePause();
    Duration pause =
        settings.endpoint().failurePause().multipliedBy(1L << Math.min(failures, MAX_DOUBLINGS));
    return pause.compareTo(longest) < 0 ? pause : longest;
  }

  private String sentence(Grant grant, String what) {
    return "the token endpoint " + grant.client().host() + " of vault:" + name + " " + what;
  }

  private void followStore() {
    if (renewal != null) {
      return;
    }
    try {
      String stored = store.get(name).map(StoredEntry::version).orElse(null);
      lock.lock();
      try {
        if (renewal == null && !Objects.equals(stored, version)) {
          version = stored;
          live = null;
          halt = null;
        }
      } finally {
        lock.unlock();
      }
    } catch (CredentialStoreException e) {
      // What is live stays live: an unreadable store withdraws nothing.
      warn("the credential store cannot be used: " + e.getMessage());
    }
  }

  /** Once, not at every check. */
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

  private void renewIfDue() {
    LiveCredential current = live;
    boolean due = used && current != null && current.nearsExpiry(clock.instant());
    if (due || rotation != null) {
      used = false;
      CompletionStage<CredentialResult> unused = renewed(current);
    }
  }

  private static Duration atLeastASecond(Duration wait) {
    return wait.compareTo(SHORTEST_WAIT) < 0 ? SHORTEST_WAIT : wait;
  }
}
