// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import java.time.Duration;

/**
 * How a {@link StoredCredentialBroker} keeps credentials live.
 *
 * @param refreshMargin how long before its expiry a credential in use is renewed, off the request
 *     path; at most a quarter of its lifetime
 * @param expiryMargin how long before its expiry a credential is no longer handed out; at most a
 *     tenth of its lifetime
 * @param storeCheck how often the store is asked for changed entries and expiry is looked at
 * @param renewalPause a credential that the upstream refuses sooner after its renewal is not
 *     renewed again: an agent that provokes a 401 must not drive the token endpoint
 * @param endpoint how token endpoints are asked
 */
public record BrokerSettings(
    Duration refreshMargin,
    Duration expiryMargin,
    Duration storeCheck,
    Duration renewalPause,
    Endpoint endpoint) {

  /**
   * How token endpoints are asked.
   *
   * @param connectTimeout to reach the endpoint
   * @param timeout for one whole exchange, last byte of the answer included
   * @param attempts at most this many requests per renewal; see {@link TokenEndpoint} for which
   *     failures are repeated
   * @param retryPause before the second attempt; doubles, with jitter
   * @param failurePause after a failed renewal, callers are told to wait this long and no request
   *     is made; doubles with every failure
   * @param longestFailurePause upper limit of that
   * @param breaker per token endpoint origin
   */
  public record Endpoint(
      Duration connectTimeout,
      Duration timeout,
      int attempts,
      Duration retryPause,
      Duration failurePause,
      Duration longestFailurePause,
      BreakerSettings breaker) {

    public Endpoint {
      BreakerSettings.requirePositive("connectTimeout", connectTimeout);
      BreakerSettings.requirePositive("timeout", timeout);
      BreakerSettings.requirePositive("retryPause", retryPause);
      BreakerSettings.requirePositive("failurePause", failurePause);
      BreakerSettings.requirePositive("longestFailurePause", longestFailurePause);
      if (attempts < 1 || attempts > 10) {
        throw new IllegalArgumentException("attempts: expected 1 to 10");
      }
    }

    public static Endpoint defaults() {
      return new Endpoint(
          Duration.ofSeconds(3),
          Duration.ofSeconds(10),
          3,
          Duration.ofMillis(200),
          Duration.ofSeconds(1),
          Duration.ofMinutes(1),
          BreakerSettings.tokenEndpoint());
    }
  }

  public BrokerSettings {
    BreakerSettings.requirePositive("refreshMargin", refreshMargin);
    BreakerSettings.requirePositive("expiryMargin", expiryMargin);
    BreakerSettings.requirePositive("storeCheck", storeCheck);
    BreakerSettings.requirePositive("renewalPause", renewalPause);
    if (refreshMargin.compareTo(expiryMargin) <= 0) {
      throw new IllegalArgumentException("refreshMargin: expected more than expiryMargin");
    }
  }

  /** 5 min, 30 s, 1 s, 5 s. */
  public static BrokerSettings defaults() {
    return new BrokerSettings(
        Duration.ofMinutes(5),
        Duration.ofSeconds(30),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Endpoint.defaults());
  }
}
