// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.workday;

/**
 * Something that goes wrong on the vendor's side. Each is one stub file under {@code situations/},
 * named like the constant in lower case with hyphens; the file says which page of the vendor it
 * imitates.
 */
public enum Situation {
  /** 401 although the token looked alive. */
  SESSION_EXPIRED,
  /** 500 with the SOAP fault of a bad credential. */
  SOAP_AUTHENTICATION_ERROR,
  /** 500 with the SOAP fault of a bad message: the credential is good. */
  SOAP_VALIDATION_ERROR,
  /** 403: the stored credential's user may not see this. */
  PERMISSION_DENIED,
  /** 429 with a time to wait. */
  RATE_LIMITED,
  /** 500 in the vendor's JSON error shape. */
  SERVER_ERROR,
  /** 503 with an HTML page. */
  MAINTENANCE,
  /** 200 with the HTML page of the sign-in form. */
  LOGIN_PAGE,
  /** 302 to another origin. */
  REDIRECT_ELSEWHERE,
  /** 200 with JSON that stops in the middle. */
  TRUNCATED_JSON,
  /** The connection is reset before any answer. */
  CONNECTION_RESET,
  /** 200 with a few bytes that are no HTTP body, then the connection closes. */
  GARBAGE,
  /** A good answer, two seconds late. */
  SLOW,
  /** The token endpoint does not know the client. */
  TOKEN_INVALID_CLIENT,
  /** The token endpoint denies the refresh token for good. */
  TOKEN_INVALID_GRANT,
  /** The token endpoint fails for now. */
  TOKEN_UNAVAILABLE
}
