// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

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
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /services/oauth2}: client credentials, refresh token and JWT bearer grants; introspection
 * and revocation. No answer says how long a token lives: a session ends when it was idle too long,
 * or when someone ends it. Thread-safe.
 */
final class TokenEndpoint {
  static final String CLIENT_ID = "3MVG9.simulated.consumer.key";
  static final String CLIENT_SECRET = "simulated-client-secret";
  static final String USERNAME = "mara.stone@acme.example";
  static final String REFRESH_TOKEN = "5Aep861.simulated-refresh-token";
  static final String ORG = "00D000000000001EAA";

  private final Clock clock;
  private final Assertions assertions;
  private final Map<String, Instant> lastUse = new HashMap<>();
  private final Set<String> refreshTokens = new HashSet<>(Set.of(REFRESH_TOKEN));
  private final SecureRandom random = new SecureRandom();
  private Duration timeout = Duration.ofHours(2);
  private boolean rotate;
  private boolean sameToken;
  private int answered;
  private int revoked;

  TokenEndpoint(Clock clock) {
    this.clock = clock;
    assertions = new Assertions(clock, CLIENT_ID, USERNAME, Duration.ofMinutes(5));
  }

  Assertions assertions() {
    return assertions;
  }

  /**
   * @param call with a path below {@code /services/oauth2}
   */
  synchronized SimulatedAnswer answer(SimulatedCall call) {
    return switch (call.path().substring(call.path().lastIndexOf('/') + 1)) {
      case "token" -> token(call);
      case "introspect" -> introspect(call);
      case "revoke" -> revoke(call);
      case "userinfo" ->
          call.bearer().filter(this::accepts).isPresent() ? userInfo(call) : unknown();
      default -> SimulatedAnswer.empty(404);
    };
  }

  private SimulatedAnswer token(SimulatedCall call) {
    if (!call.method().equals("POST") || !call.isOf("application/x-www-form-urlencoded")) {
      return error(400, "invalid_request", "content type must be a form");
    }
    Map<String, String> form = call.formFields();
    String grant = form.getOrDefault("grant_type", "");
    return switch (grant) {
      case "client_credentials" ->
          knowsClient(call, form, true)
              ? grant(call, Optional.empty())
              : error(400, "invalid_client", "invalid client credentials");
      case "refresh_token" ->
          knowsClient(call, form, false)
              ? refresh(call, form.getOrDefault("refresh_token", ""))
              : error(400, "invalid_client_id", "client identifier invalid");
      case "urn:ietf:params:oauth:grant-type:jwt-bearer" ->
          assertions
              .problem(
                  form.getOrDefault("assertion", ""),
                  List.of(
                      "https://login.salesforce.com", "https://test.salesforce.com", origin(call)))
              .map(problem -> error(400, "invalid_grant", problem))
              .orElseGet(() -> grant(call, Optional.empty()));
      default -> error(400, "unsupported_grant_type", "grant type not supported");
    };
  }

  private static boolean knowsClient(
      SimulatedCall call, Map<String, String> form, boolean secretToo) {
    String pair = CLIENT_ID + ":" + CLIENT_SECRET;
    String basic = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    if (call.authorization("Basic ").isPresent()) {
      return call.authorization("Basic ").get().equals(basic);
    }
    String secret = form.getOrDefault("client_secret", secretToo ? "" : CLIENT_SECRET);
    return CLIENT_ID.equals(form.get("client_id")) && CLIENT_SECRET.equals(secret);
  }

  private SimulatedAnswer refresh(SimulatedCall call, String refreshToken) {
    if (!refreshTokens.contains(refreshToken)) {
      return error(400, "invalid_grant", "expired access/refresh token");
    }
    if (!rotate) {
      return grant(call, Optional.empty());
    }
    String next = "5Aep861." + random();
    refreshTokens.remove(refreshToken);
    refreshTokens.add(next);
    return grant(call, Optional.of(next));
  }

  private SimulatedAnswer grant(SimulatedCall call, Optional<String> refreshToken) {
    answered++;
    String token =
        sameToken
            ? lastUse.keySet().stream().filter(this::lives).findFirst().orElseGet(this::newToken)
            : newToken();
    lastUse.put(token, clock.instant());
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.put("access_token", token);
    refreshToken.ifPresent(next -> body.put("refresh_token", next));
    body.put("signature", Base64.getEncoder().encodeToString(new byte[32]))
        .put("scope", "api")
        .put("instance_url", origin(call))
        .put("id", origin(call) + "/id/" + ORG + "/" + Records.USER)
        .put("token_type", "Bearer")
        .put("issued_at", String.valueOf(clock.millis()));
    return SimulatedAnswer.json(200, body)
        .with("Set-Cookie", "BrowserId=simulated; Path=/; Secure");
  }

  private String newToken() {
    return ORG.substring(0, 15) + "!" + random();
  }

  private String random() {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static String origin(SimulatedCall call) {
    String origin = call.origin().toString();
    return origin.endsWith("/") ? origin.substring(0, origin.length() - 1) : origin;
  }

  private SimulatedAnswer introspect(SimulatedCall call) {
    Map<String, String> form = call.formFields();
    ObjectNode body = JsonMapper.shared().createObjectNode();
    String token = form.getOrDefault("token", "");
    Instant last = lastUse.get(token);
    boolean active = knowsClient(call, form, true) && lives(token);
    body.put("active", active);
    if (active && last != null) {
      body.put("scope", "api")
          .put("username", USERNAME)
          .put("sub", origin(call) + "/id/" + ORG + "/" + Records.USER)
          .put("exp", last.plus(timeout).getEpochSecond());
    }
    return SimulatedAnswer.json(200, body);
  }

  /** Whoever knows a token can end it, and with it everything else that uses it. */
  private SimulatedAnswer revoke(SimulatedCall call) {
    String token =
        call.parameter("token").orElseGet(() -> call.formFields().getOrDefault("token", ""));
    revoked++;
    boolean session = lastUse.remove(token) != null;
    boolean consent = refreshTokens.remove(token);
    return session || consent
        ? SimulatedAnswer.empty(200)
        : error(400, "invalid_token", "invalid token: " + token.length() + " characters");
  }

  private static SimulatedAnswer userInfo(SimulatedCall call) {
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.put("sub", origin(call) + "/id/" + ORG + "/" + Records.USER)
        .put("user_id", Records.USER)
        .put("organization_id", ORG)
        .put("preferred_username", USERNAME);
    return SimulatedAnswer.json(200, body);
  }

  private static SimulatedAnswer unknown() {
    return SimulatedAnswer.text(403, "text/html;charset=UTF-8", "Bad_OAuth_Token");
  }

  private static SimulatedAnswer error(int status, String error, String description) {
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.put("error", error).put("error_description", description);
    return SimulatedAnswer.json(status, body);
  }

  private boolean lives(String token) {
    Instant last = lastUse.get(token);
    return last != null && clock.instant().isBefore(last.plus(timeout));
  }

  /** Whether a token opens the API; using it keeps it alive. */
  synchronized boolean accepts(String token) {
    if (!lives(token)) {
      return false;
    }
    lastUse.put(token, clock.instant());
    return true;
  }

  synchronized void expire(String token) {
    lastUse.remove(token);
  }

  synchronized void expireAll() {
    lastUse.clear();
  }

  synchronized void withdrawRefreshTokens() {
    refreshTokens.clear();
  }

  synchronized void rotateRefreshTokens() {
    rotate = true;
  }

  synchronized void repeatTokens() {
    sameToken = true;
  }

  synchronized void timeout(Duration idle) {
    timeout = idle;
  }

  synchronized int answered() {
    return answered;
  }

  synchronized int revoked() {
    return revoked;
  }
}
