// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import java.time.Duration;

/**
 * How issuers' keys are fetched and kept.
 *
 * @param keepFor how long a fetched set is used before it is fetched again
 * @param minInterval an issuer is asked at most twice in this time, however many unknown key ids
 *     arrive; shorter than {@code keepFor}
 * @param outage how long after the last good fetch its keys are used while the issuer cannot be
 *     reached
 * @param timeout for one fetch as a whole; a failed fetch is tried once more
 * @param maxBytes longest key set
 */
public record KeyFetching(
    Duration keepFor, Duration minInterval, Duration outage, Duration timeout, int maxBytes) {
  public KeyFetching {
    if (minInterval.isNegative() || minInterval.compareTo(keepFor) >= 0) {
      throw new IllegalArgumentException("expected minInterval < keepFor");
    }
    if (outage.compareTo(keepFor) < 0) {
      throw new IllegalArgumentException("expected outage >= keepFor");
    }
    if (timeout.isNegative() || timeout.isZero() || maxBytes < 1) {
      throw new IllegalArgumentException("expected timeout > 0 and maxBytes > 0");
    }
  }

  /** 5 minutes, twice in 30 s, 1 hour, 3 s, 256 KiB. */
  public static KeyFetching defaults() {
    return new KeyFetching(
        Duration.ofMinutes(5),
        Duration.ofSeconds(30),
        Duration.ofHours(1),
        Duration.ofSeconds(3),
        256 * 1024);
  }
}
