// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import dev.bailiwick.gateway.Denial;
import dev.bailiwick.gateway.DenyReason;

/**
 * Ends a walk through numbered checks; caught where the walk began and turned into a verdict. It
 * carries no stack trace, so denying costs no more than allowing.
 */
final class DeniedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Denial denial;

  /** The sentence must not hold any part of a token: it is shown and recorded. */
  DeniedException(DenyReason reason, String sentence) {
    super(sentence, null, false, false);
    this.denial = new Denial(reason, sentence);
  }

  Denial denial() {
    return denial;
  }
}
