// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import dev.bailiwick.connector.Headers;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * Until when an upstream asks to be left alone: {@code Retry-After} (RFC 9110 §10.2.3) of a 429 or
 * a 503. Of a 429 without one, {@code X-RateLimit-Reset} in seconds since 1970, which ServiceNow
 * sends. Never longer than an hour, so that one wrong answer does not end all calls.
 */
final class RetryAfter {
  static final int TOO_MANY_REQUESTS = 429;
  private static final int UNAVAILABLE = 503;
  private static final Duration LONGEST = Duration.ofHours(1);
  private static final int MOST_DIGITS = 12;

  private RetryAfter() {}

  static Optional<Instant> of(int status, Headers headers, Instant now) {
    if (status != TOO_MANY_REQUESTS && status != UNAVAILABLE) {
      return Optional.empty();
    }
    Optional<Instant> asked =
        headers.first("retry-after").flatMap(value -> instant(value.strip(), now));
    if (asked.isEmpty() && status == TOO_MANY_REQUESTS) {
      asked =
          headers
              .first("x-ratelimit-reset")
              .map(String::strip)
              .filter(RetryAfter::isNumber)
              .map(seconds -> Instant.ofEpochSecond(Long.parseLong(seconds)));
    }
    Instant latest = now.plus(LONGEST);
    return asked.filter(now::isBefore).map(until -> until.isAfter(latest) ? latest : until);
  }

  private static Optional<Instant> instant(String value, Instant now) {
    if (isNumber(value)) {
      return Optional.of(now.plusSeconds(Long.parseLong(value)));
    }
    try {
      return Optional.of(
          ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static boolean isNumber(String value) {
    return value.length() <= MOST_DIGITS && value.matches("[0-9]+");
  }
}
