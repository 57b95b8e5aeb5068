// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Ids that join an answer to its evidence: a random prefix for the process and a counter, so that
 * an id costs no randomness on the request path and never repeats.
 */
final class CorrelationIds {
  private final String prefix;
  private final AtomicLong counter = new AtomicLong();

  CorrelationIds() {
    byte[] random = new byte[8];
    new SecureRandom().nextBytes(random);
    prefix = HexFormat.of().formatHex(random);
  }

  String next() {
    return prefix + "-" + Long.toHexString(counter.incrementAndGet());
  }
}
