// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import dev.bailiwick.connector.Headers;
import dev.bailiwick.policy.Bundle.CallLimits;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a call may go upstream now. A connector of a bundle is one system with one
 * account, so everything here is per connector:
 *
 * <ol>
 *   <li>a pause that the upstream asked for, with 429 or 503 and {@code Retry-After} (RFC 6585 §4,
 *       RFC 9110 §10.2.3) or in its own way, is kept
 *   <li>at most {@link CallLimits#concurrent} calls wait for an answer
 *   <li>at most {@link CallLimits#calls} calls are made in one period
 *   <li>the circuit breaker is closed: {@link UpstreamGuard}
 * </ol>
 *
 * <p>Limits that a new bundle changes hold for the next call. Thread-safe; never blocks.
 */
public final class UpstreamGate {
  private static final Duration SHORTEST_HINT = Duration.ofSeconds(1);

  /** Outcome of asking. */
  public sealed interface Entry {
    /** The call may go; whoever makes it ends the pass. */
    record Open(Pass pass) implements Entry {}

    /**
     * @param retryAfter how long to wait before asking again makes sense
     */
    record Closed(Cause cause, Duration retryAfter) implements Entry {}
  }

  /** Why a call may not go. */
  public enum Cause {
    /** The upstream answered that its limit is used up, and asked for a pause. */
    LIMITED_BY_UPSTREAM,
    /** The upstream answered 503 and asked for a pause. */
    PAUSED_BY_UPSTREAM,
    /** The bundle's rate is used up. */
    RATE,
    /** As many calls as the bundle allows are under way. */
    CONCURRENCY,
    /** The circuit breaker is open. */
    FAILING
  }

  private record Pause(Instant until, Cause cause) {}

  private record Lane(
      CallLimits limits, Bulkhead bulkhead, @Nullable RateLimiter rate, long startedNanos) {
    static Lane of(String connector, CallLimits limits) {
      Bulkhead bulkhead =
          Bulkhead.of(
              connector,
              BulkheadConfig.custom()
                  .maxConcurrentCalls(limits.concurrent())
                  .maxWaitDuration(Duration.ZERO)
                  .writableStackTraceEnabled(false)
                  .build());
      long started = System.nanoTime();
      RateLimiter rate =
          limits.calls().isEmpty()
              ? null
              : RateLimiter.of(
                  connector,
                  RateLimiterConfig.custom()
                      .limitForPeriod(limits.calls().getAsInt())
                      .limitRefreshPeriod(limits.per())
                      .timeoutDuration(Duration.ZERO)
                      .writableStackTraceEnabled(false)
                      .build());
      return new Lane(limits, bulkhead, rate, started);
    }

    boolean withinRate() {
      return rate == null || rate.acquirePermission();
    }

    /** Until the period ends, counted as the rate limiter counts: from its making. */
    Duration untilNextPeriod() {
      long period = limits.per().toNanos();
      return Duration.ofNanos(period - (System.nanoTime() - startedNanos) % period);
    }
  }

  private final UpstreamGuard breaker;
  private final Clock clock;
  private final Map<String, Lane> lanes = new ConcurrentHashMap<>();
  private final Map<String, Pause> pauses = new ConcurrentHashMap<>();

  private UpstreamGate(UpstreamGuard breaker, Clock clock) {
    this.breaker = breaker;
    this.clock = clock;
  }

  /** A gate with that circuit breaker in it. */
  public static UpstreamGate create(UpstreamGuard breaker, Clock clock) {
    return new UpstreamGate(breaker, clock);
  }

  /** Asks for one call. */
  public Entry enter(String connector, CallLimits limits) {
    Optional<Pause> pause = pause(connector);
    if (pause.isPresent()) {
      return closed(pause.get().cause, Duration.between(clock.instant(), pause.get().until));
    }
    Lane lane = lane(connector, limits);
    if (!lane.bulkhead.tryAcquirePermission()) {
      return closed(Cause.CONCURRENCY, SHORTEST_HINT);
    }
    if (!lane.withinRate()) {
      lane.bulkhead.releasePermission();
      return closed(Cause.RATE, lane.untilNextPeriod());
    }
    Optional<Duration> open = breaker.enter(connector);
    if (open.isPresent()) {
      lane.bulkhead.releasePermission();
      return closed(Cause.FAILING, open.get());
    }
    return new Entry.Open(new Pass(connector, lane.bulkhead));
  }

  private static Entry closed(Cause cause, Duration wait) {
    return new Entry.Closed(cause, wait.compareTo(SHORTEST_HINT) < 0 ? SHORTEST_HINT : wait);
  }

  private Lane lane(String connector, CallLimits limits) {
    Lane lane = lanes.get(connector);
    return lane != null && lane.limits.equals(limits)
        ? lane
        : lanes.compute(
            connector,
            (name, known) ->
                known != null && known.limits.equals(limits) ? known : Lane.of(name, limits));
  }

  private Optional<Pause> pause(String connector) {
    Pause pause = pauses.get(connector);
    if (pause == null) {
      return Optional.empty();
    }
    if (clock.instant().isBefore(pause.until)) {
      return Optional.of(pause);
    }
    pauses.remove(connector, pause);
    return Optional.empty();
  }

  /** One call that was let in. Its first end counts. */
  public final class Pass {
    private final String connector;
    private final Bulkhead bulkhead;
    private final AtomicBoolean over = new AtomicBoolean();

    private Pass(String connector, Bulkhead bulkhead) {
      this.connector = connector;
      this.bulkhead = bulkhead;
    }

    /** The head of an answer arrived; the call may still be repeated. */
    public void answered(int status, Headers headers, Duration took) {
      breaker.answered(connector, status, took);
      RetryAfter.of(status, headers, clock.instant())
          .ifPresent(
              until ->
                  pause(
                      new Pause(
                          until,
                          status == RetryAfter.TOO_MANY_REQUESTS
                              ? Cause.LIMITED_BY_UPSTREAM
                              : Cause.PAUSED_BY_UPSTREAM)));
    }

    /** The answer says in the vendor's own way that no more calls are taken for now. */
    public void limited(Duration pause) {
      pause(new Pause(clock.instant().plus(pause), Cause.LIMITED_BY_UPSTREAM));
    }

    private void pause(Pause wanted) {
      pauses.merge(
          connector, wanted, (known, asked) -> known.until.isAfter(asked.until) ? known : asked);
    }

    /** No answer came. */
    public void failed(Duration took, Throwable cause) {
      breaker.failed(connector, took, cause);
      over();
    }

    /** The call was never made, or was given up without a word about the upstream. */
    public void abandoned() {
      breaker.abandoned(connector);
      over();
    }

    /** Nothing more is asked of the upstream, though the answer's body may still stream. */
    public void over() {
      if (over.compareAndSet(false, true)) {
        bulkhead.releasePermission();
      }
    }
  }
}
