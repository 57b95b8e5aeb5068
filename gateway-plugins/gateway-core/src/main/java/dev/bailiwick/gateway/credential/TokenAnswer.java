// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import dev.bailiwick.connector.Secret;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What came of a token request. Sentences are safe to show: of an error answer they repeat nothing
 * but an error code that is known.
 */
sealed interface TokenAnswer {

  /**
   * A token (RFC 6749 §5.1).
   *
   * @param lifetime null when the vendor does not tell: then it is good until refused
   * @param refreshToken null when none was returned
   */
  record Granted(Secret accessToken, @Nullable Duration lifetime, @Nullable Secret refreshToken)
      implements TokenAnswer {}

  /** A permanent error (RFC 6749 §5.2): asking again with the same entry is no use. */
  record Refused(String sentence) implements TokenAnswer {}

  /** No token this time. */
  record Failed(Cause cause, String sentence, @Nullable Duration retryAfter)
      implements TokenAnswer {}

  /** Why there is no token. */
  enum Cause {
    /** The request never left: it is certain that the endpoint saw nothing. */
    NOT_SENT,
    /** The endpoint answered with 5xx or broke off. */
    OUTAGE,
    /** The endpoint took too long. */
    TIMEOUT,
    /** The endpoint works but said something of no use. */
    NO_USE
  }

  /** Largest answer in bytes. */
  int MAX_BYTES = 64 * 1024;

  Duration LONGEST_LIFETIME = Duration.ofDays(366);
  Duration LONGEST_RETRY_AFTER = Duration.ofHours(1);
  Pattern SECONDS = Pattern.compile("\\d{1,9}");

  /** Codes that may be repeated in a sentence; anything else could be whatever the server likes. */
  Set<String> KNOWN_ERRORS =
      Set.of(
          "access_denied",
          "inactive_org",
          "inactive_user",
          "interaction_required",
          "invalid_assertion_type",
          "invalid_client",
          "invalid_client_id",
          "invalid_grant",
          "invalid_request",
          "invalid_scope",
          "invalid_target",
          "rate_limit_exceeded",
          "server_error",
          "slow_down",
          "temporarily_unavailable",
          "unauthorized_client",
          "unsupported_grant_type");

  /** Codes that stand for "later" whatever status they come with. */
  Set<String> TRANSIENT_ERRORS =
      Set.of("temporarily_unavailable", "slow_down", "rate_limit_exceeded");

  /**
   * Reads an answer.
   *
   * @param body at most {@link #MAX_BYTES}
   */
  static TokenAnswer read(int status, Optional<String> retryAfter, byte[] body, Instant now) {
    if (status == 200) {
      return readGrant(body);
    }
    if (status >= 500) {
      return new Failed(Cause.OUTAGE, "answers with status " + status, wait(retryAfter, now));
    }
    if (status == 429) {
      return new Failed(Cause.NO_USE, "asks to slow down (status 429)", wait(retryAfter, now));
    }
    if (status >= 300 && status < 400) {
      return noUse("answers with a redirect, which is not followed");
    }
    Optional<String> error = tree(body).map(root -> root.path("error").asString(""));
    if (error.isEmpty() || error.get().isEmpty()) {
      return noUse("answers with status " + status + " and no OAuth error");
    }
    String code = error.get();
    String named = KNOWN_ERRORS.contains(code) ? code : "an error of its own";
    // ServiceNow says server_error with status 401 when a password is wrong: that one stays.
    boolean later =
        TRANSIENT_ERRORS.contains(code) || (code.equals("server_error") && status != 401);
    return later
        ? new Failed(Cause.NO_USE, "answers " + named, wait(retryAfter, now))
        : new Refused("answers " + named + " (status " + status + ")");
  }

  private static TokenAnswer readGrant(byte[] body) {
    JsonNode root = tree(body).orElse(null);
    if (root == null || !root.isObject()) {
      return noUse("answers with something that is not JSON");
    }
    JsonNode token = root.path("access_token");
    if (!token.isString()
        || token.stringValue().isEmpty()
        || !StoredCredential.isVisibleAscii(token.stringValue())) {
      return noUse("answers without a usable access_token");
    }
    JsonNode type = root.path("token_type");
    if (!type.isMissingNode() && !"bearer".equalsIgnoreCase(type.asString(""))) {
      return noUse("answers with a token that is no bearer token");
    }
    JsonNode expiry = root.path("expires_in");
    Duration lifetime = null;
    if (!expiry.isMissingNode() && !expiry.isNull()) {
      lifetime = lifetime(expiry);
      if (lifetime == null) {
        return noUse("answers with an expires_in that is no number of seconds");
      }
    }
    JsonNode refresh = root.path("refresh_token");
    return new Granted(
        Secret.of(token.stringValue()),
        lifetime,
        refresh.isString() && !refresh.stringValue().isEmpty()
            ? Secret.of(refresh.stringValue())
            : null);
  }

  /** A number, or digits in a string as some servers send them. */
  private static @Nullable Duration lifetime(JsonNode expiry) {
    String digits =
        expiry.isString()
            ? expiry.stringValue()
            : expiry.isIntegralNumber() ? expiry.asString() : "";
    if (!SECONDS.matcher(digits).matches() || Long.parseLong(digits) == 0) {
      return null;
    }
    Duration lifetime = Duration.ofSeconds(Long.parseLong(digits));
    return lifetime.compareTo(LONGEST_LIFETIME) > 0 ? LONGEST_LIFETIME : lifetime;
  }

  /** {@code Retry-After} as seconds or as a date (RFC 9110 §10.2.3), at most an hour. */
  private static @Nullable Duration wait(Optional<String> retryAfter, Instant now) {
    if (retryAfter.isEmpty()) {
      return null;
    }
    String text = retryAfter.get().trim();
    Duration wait;
    try {
      wait =
          SECONDS.matcher(text).matches()
              ? Duration.ofSeconds(Long.parseLong(text))
              : Duration.between(
                  now, ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException e) {
      return null;
    }
    return wait.isNegative() || wait.isZero()
        ? null
        : wait.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : wait;
  }

  private static Optional<JsonNode> tree(byte[] body) {
    try {
      return Optional.of(CredentialJson.STRICT.readTree(body));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  private static Failed noUse(String sentence) {
    return new Failed(Cause.NO_USE, sentence, null);
  }
}
