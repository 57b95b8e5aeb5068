// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.connector.BodyRewriter;

/**
 * How the body of an answer is rewritten.
 *
 * @param rewriter for this body only
 * @param length of the body that comes from the upstream; -1 when it is not known
 */
record Rewriting(BodyRewriter rewriter, long length) {
  private static final int MOST_BYTES_AT_ONCE = 64 * 1024;

  /** Whether the body is so short that it is read whole and sent with its new length. */
  boolean atOnce() {
    return length >= 0 && length <= MOST_BYTES_AT_ONCE;
  }
}
