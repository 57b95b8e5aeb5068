// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * One circuit breaker per connector, so that an upstream that is down costs its callers no wait and
 * the others nothing. It never repeats a call. Thread-safe.
 */
public final class BreakerUpstreamGuard implements UpstreamGuard {

  private static final int FIRST_SERVER_ERROR = 500;
  private static final Duration SHORTEST_HINT = Duration.ofSeconds(1);

  private final BreakerSettings settings;
  private final CircuitBreakerConfig config;
  private final Clock clock;
  private final Map<String, Breaker> breakers = new ConcurrentHashMap<>();

  private BreakerUpstreamGuard(BreakerSettings settings, Clock clock) {
    this.settings = settings;
    this.config = settings.config(clock).build();
    this.clock = clock;
  }

  public static BreakerUpstreamGuard create(BreakerSettings settings, Clock clock) {
    return new BreakerUpstreamGuard(settings, clock);
  }

  @Override
  public Optional<Duration> enter(String connector) {
    Breaker breaker = breaker(connector);
    return breaker.circuit.tryAcquirePermission() ? Optional.empty() : Optional.of(breaker.hint());
  }

  @Override
  public void answered(String connector, int status, Duration took) {
    CircuitBreaker circuit = breaker(connector).circuit;
    if (status >= FIRST_SERVER_ERROR) {
      circuit.onError(took.toNanos(), TimeUnit.NANOSECONDS, new UpstreamFailure());
    } else {
      circuit.onSuccess(took.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void failed(String connector, Duration took, Throwable cause) {
    breaker(connector).circuit.onError(took.toNanos(), TimeUnit.NANOSECONDS, new UpstreamFailure());
  }

  @Override
  public void abandoned(String connector) {
    breaker(connector).circuit.releasePermission();
  }

  private Breaker breaker(String connector) {
    return breakers.computeIfAbsent(connector, Breaker::new);
  }

  private final class Breaker {
    private final CircuitBreaker circuit;
    private volatile Instant opened = Instant.EPOCH;

    Breaker(String connector) {
      circuit = CircuitBreaker.of(connector, config);
      circuit
          .getEventPublisher()
          .onStateTransition(
              event -> {
                if (event.getStateTransition().getToState() == CircuitBreaker.State.OPEN) {
                  opened = clock.instant();
                }
              });
    }

    /** Until the pause ends, or a second while other callers probe. */
    Duration hint() {
      Duration left = Duration.between(clock.instant(), opened.plus(settings.pause()));
      return left.compareTo(SHORTEST_HINT) < 0 ? SHORTEST_HINT : left;
    }
  }

  /** Stands for every failed call, so that no cause with its message is kept. */
  private static final class UpstreamFailure extends Exception {
    private static final long serialVersionUID = 1L;

    UpstreamFailure() {
      super("upstream failure", null, false, false);
    }
  }
}
