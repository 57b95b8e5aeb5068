// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.time.Instant;
import java.util.Map;

/**
 * The vendor's token endpoint (RFC 6749 §3.2), which the gateway answers itself and never forwards:
 * a client that insists on logging in gets the token that it sent. Immutable and thread-safe.
 */
@FunctionalInterface
public interface LogIn {

  /**
   * Whose token it is; the connector never sees the token.
   *
   * @param issuer {@code iss}
   * @param principal {@code sub}
   * @param at when the log-in is answered
   */
  record Holder(String issuer, String principal, Instant at) {}

  /**
   * What the vendor's answer holds beside the members of RFC 6749 §5.1, in order, such as {@code
   * instance_url}.
   */
  Map<String, String> answer(Holder holder);
}
