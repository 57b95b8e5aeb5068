// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token;

import java.time.Duration;

/**
 * How strictly proofs are checked.
 *
 * @param maxAge how long before now a proof may have been made
 * @param maxAhead how long after now, by the clock of the agent's host
 * @param maxProofBytes longest {@code DPoP} header
 */
public record ProofOptions(Duration maxAge, Duration maxAhead, int maxProofBytes) {
  public ProofOptions {
    if (maxAge.isNegative() || maxAge.isZero() || maxAhead.isNegative()) {
      throw new IllegalArgumentException("expected maxAge > 0 and maxAhead >= 0");
    }
    if (maxAge.plus(maxAhead).compareTo(Duration.ofMinutes(10)) > 0) {
      throw new IllegalArgumentException("maxAge and maxAhead together exceed 10 minutes");
    }
    if (maxProofBytes < 1) {
      throw new IllegalArgumentException("expected maxProofBytes > 0");
    }
  }

  /** One minute back, 30 s ahead, 4 KiB. */
  public static ProofOptions defaults() {
    return new ProofOptions(Duration.ofSeconds(60), Duration.ofSeconds(30), 4 * 1024);
  }
}
