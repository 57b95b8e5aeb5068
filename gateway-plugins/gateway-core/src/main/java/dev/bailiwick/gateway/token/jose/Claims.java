// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import dev.bailiwick.gateway.DenyReason;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Members of a claims set, read with their types; what is missing or of another type is denied.
 *
 * @param reason the denial for claims that have no reason of their own
 */
record Claims(Map<String, Object> members, DenyReason reason) {
  static final int MAX_TEXT_CHARACTERS = 512;

  /** 9999-12-31T23:59:59Z: later times are no dates but attempts to overflow one. */
  private static final double LAST_SECOND = 253_402_300_799d;

  @Nullable Object get(String name) {
    return members.get(name);
  }

  /** A required name or identifier. */
  String text(String name) {
    return optionalText(name).orElseThrow(() -> missing(name));
  }

  Optional<String> optionalText(String name) {
    Object value = members.get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof String text && isIdentifier(text)) {
      return Optional.of(text);
    }
    throw new DeniedException(
        reason,
        "the claim "
            + name
            + " is not a text of 1 to "
            + MAX_TEXT_CHARACTERS
            + " characters without control characters");
  }

  /** A required NumericDate (RFC 7519 §2). */
  Instant time(String name) {
    return optionalTime(name).orElseThrow(() -> missing(name));
  }

  Optional<Instant> optionalTime(String name) {
    Object value = members.get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof Number number
        && number.doubleValue() >= 0
        && number.doubleValue() <= LAST_SECOND) {
      return Optional.of(
          value instanceof Long seconds
              ? Instant.ofEpochSecond(seconds)
              : Instant.ofEpochMilli((long) (number.doubleValue() * 1000)));
    }
    throw new DeniedException(
        reason, "the claim " + name + " is not a number of seconds since 1970 (RFC 7519 §2)");
  }

  private DeniedException missing(String name) {
    return new DeniedException(
        reason, "the claim " + name + " is missing; the issuer must be set up to send it");
  }

  /** Texts that name somebody end up in evidence and headers, so they are short and printable. */
  static boolean isIdentifier(String text) {
    return !text.isEmpty()
        && text.length() <= MAX_TEXT_CHARACTERS
        && text.chars().noneMatch(Character::isISOControl);
  }

  /** Claims may hold personal data, so it prints nothing. */
  @Override
  public String toString() {
    return "Claims[hidden]";
  }
}
