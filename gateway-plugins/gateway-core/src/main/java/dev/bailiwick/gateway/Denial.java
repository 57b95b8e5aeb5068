// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import java.util.Objects;

/**
 * A denial: the code, and a sentence that says what was missing and what to do next.
 *
 * @param sentence shown to the caller and recorded; holds no secret and no part of a token
 */
public record Denial(DenyReason reason, String sentence) {
  public Denial {
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(sentence, "sentence");
  }
}
