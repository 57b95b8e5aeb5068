// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token;

import dev.bailiwick.policy.FieldRule;
import dev.bailiwick.policy.Scope;
import java.util.Objects;

/** One thing that a token grants: a scope, and the fields that it covers. */
public record TokenGrant(Scope scope, FieldRule fields) {
  /** {@code type} of the authorization details (RFC 9396 §2) that carry grants. */
  public static final String DETAILS_TYPE = "https://bailiwick.dev/rar/operation";

  public TokenGrant {
    Objects.requireNonNull(scope, "scope");
    Objects.requireNonNull(fields, "fields");
  }
}
