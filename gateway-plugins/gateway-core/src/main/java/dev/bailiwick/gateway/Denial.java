// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import java.util.Objects;

/**
 * A denial: the code, and a sentence that says what was missing and what to do next.
 *
 * @param sentence shown to the caller and recorded; holds no secret and no part of a token
 * @param scope the scope that would have been needed (RFC 6750 §3); empty when none would help
 */
public record Denial(DenyReason reason, String sentence, String scope) {
  public Denial {
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(sentence, "sentence");
    Objects.requireNonNull(scope, "scope");
  }

  /** A denial that no scope would turn. */
  public Denial(DenyReason reason, String sentence) {
    this(reason, sentence, "");
  }
}
