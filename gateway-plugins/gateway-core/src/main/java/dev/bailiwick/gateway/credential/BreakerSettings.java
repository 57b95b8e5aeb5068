// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * When a circuit breaker opens and how it closes again.
 *
 * @param window how far back answers are counted, in whole seconds
 * @param minimumCalls below this many answers in the window the breaker stays closed
 * @param failurePercent share of failures that opens it, 1 to 100
 * @param pause how long it then lets nothing through
 * @param probes how many calls it lets through afterwards to find out
 * @param probeTimeout how long it waits for the outcome of those before it opens again
 */
public record BreakerSettings(
    Duration window,
    int minimumCalls,
    int failurePercent,
    Duration pause,
    int probes,
    Duration probeTimeout) {

  public BreakerSettings {
    requirePositive("window", window);
    requirePositive("pause", pause);
    requirePositive("probeTimeout", probeTimeout);
    if (minimumCalls < 1 || probes < 1 || failurePercent < 1 || failurePercent > 100) {
      throw new IllegalArgumentException(
          "minimumCalls and probes: expected at least 1; failurePercent: expected 1 to 100");
    }
  }

  /**
   * For a SaaS: half of at least 20 answers within 30 s are failures; then 10 s of silence and 5
   * probes. The minimum is high because an agent can provoke an error answer of its own.
   */
  public static BreakerSettings upstream() {
    return new BreakerSettings(
        Duration.ofSeconds(30), 20, 50, Duration.ofSeconds(10), 5, Duration.ofSeconds(30));
  }

  /**
   * For a token endpoint, which is asked seldom: half of at least 5 answers within 60 s are
   * failures; then 10 s of silence and one probe.
   */
  public static BreakerSettings tokenEndpoint() {
    return new BreakerSettings(
        Duration.ofSeconds(60), 5, 50, Duration.ofSeconds(10), 1, Duration.ofSeconds(30));
  }

  CircuitBreakerConfig.Builder config(Clock clock) {
    return CircuitBreakerConfig.custom()
        .slidingWindow(
            Math.toIntExact(Math.max(1, window.toSeconds())),
            minimumCalls,
            SlidingWindowType.TIME_BASED)
        .failureRateThreshold(failurePercent)
        .waitDurationInOpenState(pause)
        .permittedNumberOfCallsInHalfOpenState(probes)
        .maxWaitDurationInHalfOpenState(probeTimeout)
        // Slow is not broken: reports and bulk calls take minutes.
        .slowCallRateThreshold(100)
        .slowCallDurationThreshold(Duration.ofDays(1))
        .writableStackTraceEnabled(false)
        .clock(clock)
        .currentTimestampFunction(
            source -> TimeUnit.MILLISECONDS.toNanos(source.millis()), TimeUnit.NANOSECONDS);
  }

  static void requirePositive(String name, Duration value) {
    if (value.isZero() || value.isNegative()) {
      throw new IllegalArgumentException(name + ": expected a positive duration");
    }
  }
}
