// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.servicenow;

/**
 * Something that goes wrong on the vendor's side. Each is one stub file under {@code situations/},
 * named like the constant in lower case with hyphens; the file says which page of the vendor it
 * imitates.
 */
public enum Situation {
  /** 401 on a Table API call although the token looked alive. */
  SESSION_EXPIRED,
  /** 403 because the token lacks the REST API auth scope. */
  MISSING_AUTH_SCOPE,
  /** 429 with the rate-limit headers of a matching rule. */
  RATE_LIMITED,
  /** 429 without any rate-limit header: the instance ran out of semaphores. */
  SEMAPHORES_EXHAUSTED,
  /** 500 in the vendor's JSON error shape. */
  SERVER_ERROR,
  /** 503 with an HTML page. */
  MAINTENANCE,
  /** 200 with the HTML login page. */
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
  /** The token endpoint denies the client for good. */
  TOKEN_INVALID_CLIENT,
  /** The token endpoint denies the refresh token for good. */
  TOKEN_INVALID_GRANT,
  /** The token endpoint fails for now. */
  TOKEN_UNAVAILABLE
}
