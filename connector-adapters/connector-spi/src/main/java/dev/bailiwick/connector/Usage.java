// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a vendor says in an answer about one of its own limits.
 *
 * @param limit what is counted, such as {@code api-usage}; one of few words that the connector
 *     knows, for it becomes part of a metric's name
 * @param used how much of it is used up
 * @param allowed how much there is
 * @param left how much is left
 */
public record Usage(String limit, OptionalLong used, OptionalLong allowed, OptionalLong left) {
  private static final String RATE = "rate-limit";
  private static final int MOST_DIGITS = 15;

  /** The {@code X-RateLimit-Limit} and {@code -Remaining} that most vendors send, if any. */
  public static List<Usage> ofRateLimit(Headers answer) {
    OptionalLong allowed = number(answer.first("x-ratelimit-limit"));
    OptionalLong left = number(answer.first("x-ratelimit-remaining"));
    return allowed.isEmpty() && left.isEmpty()
        ? List.of()
        : List.of(new Usage(RATE, OptionalLong.empty(), allowed, left));
  }

  private static OptionalLong number(Optional<String> text) {
    return text.map(String::strip)
        .filter(digits -> digits.length() <= MOST_DIGITS && digits.matches("[0-9]+"))
        .map(digits -> OptionalLong.of(Long.parseLong(digits)))
        .orElse(OptionalLong.empty());
  }
}
