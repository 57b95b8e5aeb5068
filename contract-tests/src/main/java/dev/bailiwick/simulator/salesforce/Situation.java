// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

/**
 * Something that goes wrong on the vendor's side. Each is one stub file under {@code situations/},
 * named like the constant in lower case with hyphens; the file says which page of the vendor it
 * imitates.
 */
public enum Situation {
  /** 401 although the token looked alive. */
  SESSION_EXPIRED,
  /** 401 whose code does not speak of a session: renewing the token does not help. */
  INVALID_AUTH_HEADER,
  /** 200 of a composite request in which every part says that the session has expired. */
  COMPOSITE_SESSION_EXPIRED,
  /** 403: the day's calls are used up. */
  REQUEST_LIMIT_EXCEEDED,
  /** 403: the stored credential's user may not see this. */
  INSUFFICIENT_ACCESS,
  /** 503 of the Connect family, which limits by the hour. */
  RATE_LIMITED,
  /** 500 in the vendor's error shape. */
  SERVER_ERROR,
  /** 503 with an HTML page. */
  MAINTENANCE,
  /** 200 with an HTML page that sends a browser to the log-in page. */
  LOGIN_PAGE,
  /** 302 to another origin: the org has moved. */
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
  /** The token endpoint denies the grant for good: nobody approved the app. */
  TOKEN_INVALID_GRANT,
  /** The token endpoint names another host, of a stranger, as the instance. */
  TOKEN_FOREIGN_INSTANCE,
  /** The token endpoint fails for now. */
  TOKEN_UNAVAILABLE
}
