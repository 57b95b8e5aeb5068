// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.workday;

import dev.bailiwick.simulator.Assertions;
import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.SimulatedCall;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /ccx/oauth2/{tenant}/token}: refresh token with Basic, client credentials with the scheme
 * {@code ID}, JWT bearer for the audience {@code wd}. Thread-safe.
 */
final class TokenEndpoint {
  static final String CLIENT_ID = "MzI5ZDg4YjMtc2ltdWxhdGVk";
  static final String CLIENT_SECRET = "simulated-client-secret";
  static final String REFRESH_TOKEN = "simulated-refresh-token";
  static final String ISU = "ISU_Bailiwick";
  static final String PASSWORD = "simulated-password";

  private final Clock clock;
  private final Assertions assertions;
  private final Map<String, Instant> expiries = new HashMap<>();
  private final SecureRandom random = new SecureRandom();
  private Duration lifetime = Duration.ofHours(1);
  private boolean consent = true;
  private int answered;

  TokenEndpoint(Clock clock) {
    this.clock = clock;
    assertions = new Assertions(clock, CLIENT_ID, ISU, Duration.ofMinutes(5));
  }

  Assertions assertions() {
    return assertions;
  }

  synchronized SimulatedAnswer answer(SimulatedCall call) {
    if (!call.method().equals("POST") || !call.isOf("application/x-www-form-urlencoded")) {
      return error(400, "invalid_request", "a form is expected");
    }
    Map<String, String> form = call.formFields();
    return switch (form.getOrDefault("grant_type", "")) {
      case "refresh_token" -> {
        if (!is(call, "Basic ")) {
          yield error(401, "invalid_client", "client authentication failed");
        }
        yield consent && REFRESH_TOKEN.equals(form.get("refresh_token"))
            ? token()
            : error(400, "invalid_grant", "the refresh token is not valid");
      }
      case "client_credentials" ->
          is(call, "ID ") && Tenant.NAME.equals(form.get("tenant_alias"))
              ? token()
              : error(401, "invalid_client", "client authentication failed");
      case "urn:ietf:params:oauth:grant-type:jwt-bearer" ->
          assertions
              .problem(form.getOrDefault("assertion", ""), List.of("wd"))
              .map(problem -> error(400, "invalid_grant", problem))
              .orElseGet(this::token);
      default -> error(400, "unsupported_grant_type", "the grant type is not supported");
    };
  }

  private static boolean is(SimulatedCall call, String scheme) {
    String pair = CLIENT_ID + ":" + CLIENT_SECRET;
    return call.authorization(scheme)
        .filter(Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8))::equals)
        .isPresent();
  }

  private SimulatedAnswer token() {
    answered++;
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    String token = "wd-" + HexFormat.of().formatHex(bytes);
    expiries.put(token, clock.instant().plus(lifetime));
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.put("access_token", token)
        .put("token_type", "Bearer")
        .put("refresh_token", REFRESH_TOKEN)
        .put("expires_in", lifetime.toSeconds());
    return SimulatedAnswer.json(200, body);
  }

  private static SimulatedAnswer error(int status, String error, String description) {
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.put("error", error).put("error_description", description);
    return SimulatedAnswer.json(status, body);
  }

  synchronized boolean accepts(String token) {
    Instant expiry = expiries.get(token);
    return expiry != null && clock.instant().isBefore(expiry);
  }

  synchronized void expireAll() {
    expiries.clear();
  }

  synchronized void withdrawConsent() {
    consent = false;
  }

  synchronized void lifetime(Duration duration) {
    lifetime = duration;
  }

  synchronized int answered() {
    return answered;
  }
}
