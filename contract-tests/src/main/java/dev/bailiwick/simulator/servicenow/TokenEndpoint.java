// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.servicenow;

import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.SimulatedCall;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /oauth_token.do}: client credentials, refresh token and password grants, form encoding
 * only. As at the vendor, repeating a password grant while its token lives returns the same token
 * with its expiry moved.
 */
final class TokenEndpoint {
  static final String CLIENT_ID = "bailiwick-gateway";
  static final String CLIENT_SECRET = "simulated-client-secret";
  static final String USERNAME = "integration.user";
  static final String PASSWORD = "simulated-password";
  static final String REFRESH_TOKEN = "simulated-refresh-token";

  private final Clock clock;
  private final Map<String, Instant> expiries = new HashMap<>();
  private final Set<String> refreshTokens = new HashSet<>(Set.of(REFRESH_TOKEN));
  private final SecureRandom random = new SecureRandom();
  private Duration lifetime = Duration.ofSeconds(1799);
  private String passwordToken = "";
  private int answered;

  TokenEndpoint(Clock clock) {
    this.clock = clock;
  }

  synchronized SimulatedAnswer answer(SimulatedCall call) {
    if (!call.method().equals("POST") || !call.isOf("application/x-www-form-urlencoded")) {
      return Answers.oauthError(400, "invalid_request", "unspecified error");
    }
    Map<String, String> form = call.formFields();
    if (!CLIENT_ID.equals(form.get("client_id"))
        || !CLIENT_SECRET.equals(form.get("client_secret"))) {
      return Answers.oauthError(401, "invalid_client", "access_denied");
    }
    return switch (form.getOrDefault("grant_type", "")) {
      case "client_credentials" -> token(newToken(), false);
      case "refresh_token" ->
          refreshTokens.contains(form.getOrDefault("refresh_token", ""))
              ? token(newToken(), true)
              : Answers.oauthError(401, "invalid_grant", "access_denied");
      case "password" ->
          USERNAME.equals(form.get("username")) && PASSWORD.equals(form.get("password"))
              ? token(passwordToken(), true)
              : Answers.oauthError(401, "server_error", "access_denied");
      default -> Answers.oauthError(400, "unsupported_grant_type", "unsupported grant_type");
    };
  }

  private String passwordToken() {
    if (!accepts(passwordToken)) {
      passwordToken = newToken();
    }
    return passwordToken;
  }

  private String newToken() {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return "sn-" + HexFormat.of().formatHex(bytes);
  }

  private SimulatedAnswer token(String accessToken, boolean withRefreshToken) {
    answered++;
    expiries.put(accessToken, clock.instant().plus(lifetime));
    ObjectNode body = Answers.JSON.createObjectNode();
    body.put("access_token", accessToken);
    if (withRefreshToken) {
      body.put("refresh_token", REFRESH_TOKEN);
    }
    body.put("scope", "useraccount")
        .put("token_type", "Bearer")
        .put("expires_in", lifetime.toSeconds());
    return Answers.json(200, body);
  }

  synchronized boolean accepts(String accessToken) {
    Instant expiry = expiries.get(accessToken);
    return expiry != null && clock.instant().isBefore(expiry);
  }

  synchronized void expireAll() {
    expiries.clear();
  }

  synchronized void withdrawRefreshTokens() {
    refreshTokens.clear();
  }

  synchronized void lifetime(Duration duration) {
    lifetime = duration;
  }

  synchronized int answered() {
    return answered;
  }
}
