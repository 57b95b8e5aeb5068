// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

/**
 * What a body may cost to read. Its parts grow with its size, its depth does not: no vendor nests
 * deeper because a request is long, and depth is what readers fail at.
 *
 * @param maxBytes size of the whole body
 * @param maxDepth JSON objects and arrays inside each other
 * @param maxTokens JSON names, values and brackets
 */
public record BodyLimits(int maxBytes, int maxDepth, int maxTokens) {
  private static final int USUAL_BYTES = 1024 * 1024;
  private static final int USUAL_DEPTH = 32;
  private static final int USUAL_TOKENS = 100_000;
  private static final BodyLimits DEFAULTS = new BodyLimits(USUAL_BYTES, USUAL_DEPTH, USUAL_TOKENS);

  /** One MiB. */
  public static BodyLimits defaults() {
    return DEFAULTS;
  }

  /** As many tokens for each byte as the defaults have, and no fewer in all. */
  public static BodyLimits ofBytes(int maxBytes) {
    if (maxBytes == USUAL_BYTES) {
      return DEFAULTS;
    }
    long tokens = (long) maxBytes * USUAL_TOKENS / USUAL_BYTES;
    return new BodyLimits(maxBytes, USUAL_DEPTH, (int) Math.max(tokens, USUAL_TOKENS));
  }
}
