// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.connector.Headers;
import java.util.Optional;

/**
 * The scheme and token of an {@code Authorization} header (RFC 9110 §11.6.2). Prints nothing of the
 * token.
 */
record AuthorizationHeader(String scheme, String token) {

  /** Empty when the header is absent or is not one scheme and one token with one space between. */
  static Optional<AuthorizationHeader> of(Headers headers) {
    String value = headers.first("authorization").orElse("");
    int space = value.indexOf(' ');
    if (space <= 0 || space == value.length() - 1 || value.indexOf(' ', space + 1) >= 0) {
      return Optional.empty();
    }
    return Optional.of(
        new AuthorizationHeader(value.substring(0, space), value.substring(space + 1)));
  }

  boolean isToken() {
    return scheme.equalsIgnoreCase("DPoP") || scheme.equalsIgnoreCase("Bearer");
  }

  @Override
  public String toString() {
    return "AuthorizationHeader[" + scheme + "]";
  }
}
