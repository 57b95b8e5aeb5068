// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.connector.MalformedRequestException;
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

  /** The denial of a request that a connector, or the canonical form, could not account for. */
  static Denial of(MalformedRequestException e) {
    DenyReason reason =
        switch (e.kind()) {
          case TARGET -> DenyReason.MALFORMED_TARGET;
          case BODY -> DenyReason.BODY_MALFORMED;
          case TOO_LARGE -> DenyReason.BODY_TOO_LARGE;
          case MEDIA_TYPE -> DenyReason.UNSUPPORTED_MEDIA_TYPE;
          case UNKNOWN_OPERATION -> DenyReason.OPERATION_UNKNOWN;
          case FORBIDDEN -> DenyReason.OPERATION_FORBIDDEN;
        };
    return new Denial(reason, e.sentence());
  }

  /** A denial that no scope would turn. */
  public Denial(DenyReason reason, String sentence) {
    this(reason, sentence, "");
  }
}
