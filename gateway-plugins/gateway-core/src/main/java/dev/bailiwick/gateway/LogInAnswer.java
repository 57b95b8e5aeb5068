// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.LogIn;
import dev.bailiwick.gateway.token.AgentToken;
import dev.bailiwick.gateway.token.Confirmation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/** Answers of a token endpoint: the token that was sent (RFC 6749 §5.1), or an error (§5.2). */
final class LogInAnswer {
  private static final String JSON = "application/json;charset=UTF-8";
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private LogInAnswer() {}

  /** The token goes back as it came: the same expiry, the same key, and no refresh token. */
  static GatewayResponse of(Walk walk, AgentToken token, String compactToken, Instant now) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("access_token", compactToken);
    body.put(
        "token_type", token.confirmation() instanceof Confirmation.DpopKey ? "DPoP" : "Bearer");
    body.put("expires_in", Math.max(0, Duration.between(now, token.expiresAt()).toSeconds()));
    LogIn.Holder holder = new LogIn.Holder(token.issuer().issuer(), token.principal(), now);
    body.putAll(walk.logIn().orElseThrow().answer(holder));
    Headers headers =
        Headers.of(
            List.of(
                new Headers.Field("cache-control", "no-store"),
                new Headers.Field("pragma", "no-cache"),
                new Headers.Field("x-correlation-id", walk.correlationId()),
                new Headers.Field("content-type", JSON)));
    return new GatewayResponse(200, headers, MAPPER.writeValueAsBytes(body));
  }

  /**
   * A denial as a client expects it that talks to a token endpoint; what would be 401 or 403
   * elsewhere is 400 here.
   */
  static GatewayResponse denied(
      Walk walk, Denial denial, Optional<String> nonce, Duration retryAfter) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("error", error(denial.reason()));
    body.put("error_description", denial.sentence());
    List<Headers.Field> headers =
        new ArrayList<>(DenialResponses.headers(walk, denial, nonce, retryAfter));
    headers.add(new Headers.Field("content-type", JSON));
    int status = denial.reason().status();
    return new GatewayResponse(
        status == 401 || status == 403 ? 400 : status,
        Headers.of(headers),
        MAPPER.writeValueAsBytes(body));
  }

  private static String error(DenyReason reason) {
    return switch (reason.oauthError()) {
      case "invalid_token" -> "invalid_grant";
      case "insufficient_scope" -> "unauthorized_client";
      case "" -> reason.status() >= 500 ? "server_error" : "invalid_request";
      default -> reason.oauthError();
    };
  }
}
