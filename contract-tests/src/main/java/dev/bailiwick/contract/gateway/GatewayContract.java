// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.gateway.token.jose.SignatureAlgorithm;
import dev.bailiwick.gateway.token.jose.SigningKey;
import dev.bailiwick.simulator.SeenRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every gateway host must do, over real HTTP and with the core as it is shipped. A subclass
 * starts its host; the ServiceNow adapter has to be on its class path.
 *
 * <p>After every test it is checked that nothing leaked in any direction: {@link
 * TestBed#assertNothingLeaked}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
public abstract class GatewayContract {
  static final String INCIDENTS = "/servicenow/api/now/table/incident";
  static final String FRAGILE = "/fragile/api/now/table/incident";
  static final String LIMITED = "/limited/api/now/table/incident";

  private static final List<String> RENEWED =
      List.of("/renewed-read", "/renewed-write", "/renewed-upload", "/never-accepted");

  /** A gateway does not renew a credential that it obtained less than five seconds ago. */
  private static final Duration RENEWAL_PAUSE = Duration.ofMillis(5500);

  private @Nullable GatewayTestBed bed;
  private long credentialsObtained;
  private String running = "";

  /** Starts the host; called once. */
  protected abstract GatewayHost start(GatewayHost.Setup setup) throws Exception;

  /** Whether this host's filter sees only what nginx and the routes of APISIX let through. */
  protected boolean behindNginx() {
    return false;
  }

  @BeforeAll
  void startEverything(@TempDir Path directory) throws Exception {
    bed = new GatewayTestBed(directory);
    bed.runs(start(bed.setup()));
    for (String connector : RENEWED) {
      assertThat(get(connector + "/api/now/table/incident?sysparm_limit=1").send().status())
          .as("first call of " + connector)
          .isEqualTo(200);
    }
    credentialsObtained = System.nanoTime();
  }

  @AfterAll
  void stopEverything() {
    try (TestBed stopped = bed()) {
      stopped.assertTrailComplete();
    }
  }

  @BeforeEach
  void calm(TestInfo test) {
    running = test.getTestMethod().map(Method::getName).orElse("") + " " + test.getDisplayName();
    bed().calm();
  }

  @AfterEach
  void nothingLeaked() {
    bed().assertNothingLeaked();
  }

  /** The surroundings of the host under test. */
  protected final GatewayTestBed bed() {
    if (bed == null) {
      throw new IllegalStateException("the test bed is not there yet");
    }
    return bed;
  }

  /** Waits until a gateway may renew the credentials that it obtained at the start. */
  final void awaitRenewable() {
    long left;
    while ((left = RENEWAL_PAUSE.toNanos() - (System.nanoTime() - credentialsObtained)) > 0) {
      LockSupport.parkNanos(left);
    }
  }

  final AgentRequest get(String target) {
    return bed().request("GET", target);
  }

  final AgentRequest patch(String target, String json) {
    return bed().request("PATCH", target).json(json);
  }

  final String incident() {
    return bed().servicenow().incident("INC0010001");
  }

  final SeenRequest onlySeen() {
    List<SeenRequest> seen = bed().servicenow().apiRequests();
    assertThat(seen).hasSize(1);
    return seen.get(0);
  }

  /** Denied by the core: status and code, nothing sent, and a record that names the denial. */
  final void assertDenied(RawHttp.Response response, int status, String code) {
    assertThat(response.header("x-bailiwick-code")).contains(code);
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.text()).contains(code);
    assertThat(bed().servicenow().apiRequests()).isEmpty();
    bed().mustRecord(running, response.header("x-correlation-id").orElseThrow(), code);
  }

  /** The same after something was sent. */
  final void assertReplaced(RawHttp.Response response, int status, String code) {
    assertThat(response.header("x-bailiwick-code")).contains(code);
    assertThat(response.status()).isEqualTo(status);
    bed().mustRecord(running, response.header("x-correlation-id").orElseThrow(), code);
  }

  /** One or the other: a host may be stricter than the core, never laxer. */
  final void assertDeniedOrTurnedAway(RawHttp.Response response, int status, String code) {
    if (response.header("x-bailiwick-code").isPresent()) {
      assertDenied(response, status, code);
    } else {
      assertTurnedAway(response);
    }
  }

  /** Denied by the core, unless nginx or a route that does not match is first. */
  final void assertDeniedWhereSeen(RawHttp.Response response, int status, String code) {
    if (behindNginx()) {
      assertDeniedOrTurnedAway(response, status, code);
    } else {
      assertDenied(response, status, code);
    }
  }

  /**
   * Turned away by the host's own HTTP server, before any filter of it ran. 500 is what APISIX says
   * to a method that its runners have no number for, 501 what nginx says to a transfer coding.
   */
  final void assertTurnedAway(RawHttp.Response response) {
    assertThat(response.status()).isBetween(400, behindNginx() ? 501 : 499);
    assertThat(bed().servicenow().apiRequests()).isEmpty();
  }

  /** A client that insists on logging in at the vendor's token endpoint. */
  @Nested
  final class LogIn {
    private AgentRequest logIn(AgentRequest caller, String form) {
      return caller
          .withoutToken()
          .header("Content-Type: application/x-www-form-urlencoded")
          .body(form.getBytes(StandardCharsets.UTF_8));
    }

    private AgentRequest caller() {
      return bed().request("POST", "/servicenow/oauth_token.do");
    }

    @Test
    void logInWhenTokenIsProvenThenTheSameTokenComesBack() {
      AgentRequest caller = caller();
      String form = "grant_type=password&username=x&password=" + caller.token();

      RawHttp.Response response = logIn(caller, form).send();

      assertThat(response.status()).isEqualTo(200);
      assertThat(response.text())
          .contains("\"access_token\":\"" + caller.token() + "\"")
          .contains("\"token_type\":\"DPoP\"");
      assertThat(response.header("cache-control")).contains("no-store");
      assertThat(bed().servicenow().apiRequests()).isEmpty();
      String record =
          bed().trail().await(response.header("x-correlation-id").orElseThrow(), "ALLOW");
      assertThat(record).contains(caller.tokenId()).doesNotContain("vault:");
    }

    @Test
    void logInWhenBoundTokenComesWithoutProofThenDenies() {
      AgentRequest caller = caller().withoutProof();
      String form = "grant_type=client_credentials&client_secret=" + caller.token();

      RawHttp.Response response = logIn(caller, form).send();

      assertReplaced(response, 400, "PROOF_SCHEME");
      assertThat(response.text()).contains("\"error\":\"invalid_grant\"");
      assertThat(bed().servicenow().apiRequests()).isEmpty();
    }

    @Test
    void logInWhenFormIsLongerThanTokensCanBeThenDenies() {
      RawHttp.Response response =
          logIn(caller(), "grant_type=password&password=" + "x".repeat(70_000)).send();

      assertReplaced(response, 413, "BODY_TOO_LARGE");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {"/oauth_revoke_token.do?token=x", "/oauth_auth.do", "/login.do", "/logout.do"})
    void callWhenPageEndsOrOpensASessionThenDenies(String page) {
      RawHttp.Response response = get("/servicenow" + page).send();

      assertDenied(response, 403, "OPERATION_FORBIDDEN");
    }
  }

  @Nested
  final class Allowed {

    @Test
    void readWhenGrantedThenOnlyTheStoredCredentialGoes() {
      AgentRequest request =
          get(INCIDENTS + "?sysparm_limit=2")
              .header("Cookie: JSESSIONID=mine")
              .header("x-sn-apikey: mine")
              .header("X-UserToken: mine")
              .header("X-Forwarded-For: 6.6.6.6")
              .header("Forwarded: for=6.6.6.6");

      RawHttp.Response response = request.send();

      assertThat(response.status()).isEqualTo(200);
      assertThat(response.whole()).isTrue();
      assertThat(response.text()).contains("INC0010001");
      SeenRequest seen = onlySeen();
      assertThat(seen.path()).isEqualTo("/api/now/table/incident");
      assertThat(seen.headers().first("authorization").orElse("")).startsWith("Bearer ");
      for (String name : List.of("dpop", "cookie", "x-sn-apikey", "x-usertoken", "forwarded")) {
        assertThat(seen.headers().has(name)).as(name).isFalse();
      }
      assertThat(seen.mentions("6.6.6.6")).isFalse();
      String record = bed().trail().await(request.tokenId(), "ALLOW");
      assertThat(record).contains("vault:servicenow/contract", "servicenow:table/incident:read");
    }

    @Test
    void readWhenAnsweredThenSessionOfTheUpstreamStays() {
      RawHttp.Response response = get(INCIDENTS + "?sysparm_limit=1").send();

      assertThat(response.status()).isEqualTo(200);
      assertThat(response.headers()).doesNotContainKey("set-cookie");
    }

    @Test
    void writeWhenGrantedThenItHappensAndIsRecordedTwice() {
      AgentRequest request = patch(INCIDENTS + "/" + incident(), "{\"state\":\"2\"}");

      RawHttp.Response response = request.send();

      assertThat(response.status()).isEqualTo(200);
      assertThat(onlySeen().body()).asString(StandardCharsets.UTF_8).isEqualTo("{\"state\":\"2\"}");
      assertThat(bed().servicenow().row("incident", incident()).orElseThrow())
          .containsEntry("state", "2");
      String record = bed().trail().await(request.tokenId(), "ALLOW");
      assertThat(record).contains("servicenow:table/incident:update");
    }

    @Test
    void writeWhenChunkedThenSameBytesAreSent() {
      AgentRequest request =
          bed()
              .request("PATCH", INCIDENTS + "/" + incident())
              .header("Content-Type: application/json")
              .header("Transfer-Encoding: chunked")
              .raw(
                  "6\r\n{\"stat\r\n9\r\ne\":\"3\"}  \r\n0\r\n\r\n"
                      .getBytes(StandardCharsets.US_ASCII));

      RawHttp.Response response = request.send();

      assertThat(response.status()).isEqualTo(200);
      assertThat(onlySeen().body())
          .asString(StandardCharsets.UTF_8)
          .isEqualTo("{\"state\":\"3\"}  ");
    }

    @Test
    void readWhenConnectionIsKeptThenEveryRequestIsDecidedByItself() {
      try (RawHttp connection = RawHttp.connect(bed().port())) {
        connection.send(get(INCIDENTS + "?sysparm_limit=1").bytes());
        assertThat(connection.receive().status()).isEqualTo(200);

        connection.send(get(INCIDENTS + "?sysparm_limit=1").withoutToken().bytes());
        assertThat(connection.receive().status()).isEqualTo(401);

        connection.send(get(INCIDENTS + "?sysparm_limit=1").bytes());
        assertThat(connection.receive().status()).isEqualTo(200);
      }
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "Connection: authorization",
          "Connection: close, Authorization, Accept",
          "Connection: keep-alive, x-sn-apikey",
          "Proxy-Connection: authorization",
          "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk"
        })
    void readWhenConnectionHeaderNamesTheCredentialThenItStillGoes(String line) {
      RawHttp.Response response = get(INCIDENTS + "?sysparm_limit=1").header(line).send();

      assertThat(response.status()).isEqualTo(200);
      assertThat(onlySeen().headers().first("authorization").orElse("")).startsWith("Bearer ");
    }
  }

  @Nested
  final class Token {

    @Test
    void sendWhenThereIsNoneThenDeniesWithAChallenge() {
      RawHttp.Response response = get(INCIDENTS).withoutToken().withoutProof().send();

      assertDenied(response, 401, "TOKEN_MISSING");
      assertThat(response.header("www-authenticate").orElse(""))
          .startsWith("DPoP ")
          .doesNotContain("error=");
    }

    @Test
    void sendWhenExpiredThenDenies() {
      Clock anHourAgo = Clock.offset(Clock.systemUTC(), Duration.ofHours(-1));

      RawHttp.Response response = get(INCIDENTS).at(anHourAgo).send();

      assertDenied(response, 401, "TOKEN_EXPIRED");
      assertThat(response.header("www-authenticate").orElse(""))
          .contains("error=\"invalid_token\"");
    }

    @Test
    void sendWhenForAnotherAudienceThenDenies() {
      RawHttp.Response response =
          get(INCIDENTS).token(draft -> draft.claim("aud", "https://other.example")).send();

      assertDenied(response, 401, "TOKEN_AUDIENCE");
    }

    @Test
    void sendWhenFromAnotherIssuerThenDenies() {
      RawHttp.Response response =
          get(INCIDENTS).token(draft -> draft.claim("iss", "https://other.example")).send();

      assertDenied(response, 401, "TOKEN_ISSUER");
    }

    @Test
    void sendWhenSignedByAnotherKeyThenDenies() {
      SigningKey other = SigningKey.generate(SignatureAlgorithm.ES256);

      RawHttp.Response response = get(INCIDENTS).issuedBy(other).send();

      assertDenied(response, 401, "TOKEN_KEY");
    }

    @Test
    void sendWhenTwiceInOneHeaderListThenDenies() {
      RawHttp.Response response = get(INCIDENTS).header("Authorization: Bearer second").send();

      assertDeniedWhereSeen(response, 400, "AMBIGUOUS_HEADER");
    }

    @Test
    void sendWhenLongerThanTheLimitThenDenies() {
      RawHttp.Response response =
          get(INCIDENTS).token(draft -> draft.claim("padding", "x".repeat(9000))).send();

      assertDeniedWhereSeen(response, 431, "HEADER_TOO_LARGE");
    }
  }

  @Nested
  final class Proof {

    @Test
    void sendWhenThereIsNoneThenDenies() {
      RawHttp.Response response = get(INCIDENTS).withoutProof().send();

      assertDenied(response, 401, "PROOF_MISSING");
      assertThat(response.header("www-authenticate").orElse(""))
          .contains("error=\"invalid_dpop_proof\"");
    }

    @Test
    void sendWhenReplayedThenDenies() {
      byte[] request = get(INCIDENTS + "?sysparm_limit=1").bytes();
      assertThat(bed().send(request).status()).isEqualTo(200);
      bed().servicenow().forgetRequests();

      RawHttp.Response replayed = bed().send(request);

      assertDenied(replayed, 401, "PROOF_REPLAYED");
    }

    @Test
    void sendWhenByAnotherKeyThenDenies() {
      SigningKey other = SigningKey.generate(SignatureAlgorithm.ES256);

      RawHttp.Response response = get(INCIDENTS).provenBy(other).send();

      assertDenied(response, 401, "PROOF_MISMATCH");
    }

    @ParameterizedTest
    @CsvSource({
      "POST, /servicenow/api/now/table/incident",
      "GET, /servicenow/api/now/table/problem",
      "GET, /fragile/api/now/table/incident"
    })
    void sendWhenMadeForAnotherRequestThenDenies(String method, String target) {
      RawHttp.Response response = get(INCIDENTS).provenFor(method, target).send();

      assertDenied(response, 401, "PROOF_MISMATCH");
    }

    @Test
    void sendWhenBoundTokenComesAsBearerThenDenies() {
      RawHttp.Response response = get(INCIDENTS).scheme("Bearer").send();

      assertDenied(response, 401, "PROOF_SCHEME");
    }

    @Test
    void sendWhenThereAreTwoThenDenies() {
      AgentRequest request = get(INCIDENTS);

      RawHttp.Response response = request.header("DPoP: " + request.proof()).send();

      assertDenied(response, 400, "AMBIGUOUS_HEADER");
    }
  }

  @Nested
  final class Policy {

    @Test
    void sendWhenAgentIsUnknownThenDenies() {
      RawHttp.Response response =
          get(INCIDENTS)
              .token(
                  draft -> draft.claim("act", Map.of("iss", TestBed.ISSUER, "sub", "other-agent")))
              .send();

      assertDenied(response, 403, "AGENT_UNKNOWN");
    }

    @Test
    void sendWhenTokenDoesNotGrantItThenDeniesAndNamesTheScope() {
      RawHttp.Response response = get("/servicenow/api/now/table/problem").send();

      assertDenied(response, 403, "SCOPE_NOT_GRANTED");
      assertThat(response.header("www-authenticate").orElse(""))
          .contains("error=\"insufficient_scope\"", "servicenow:table/problem:read");
    }

    @Test
    void sendWhenAboveTheCeilingThenDenies() {
      RawHttp.Response response =
          get("/servicenow/api/now/table/problem")
              .token(draft -> draft.grant("servicenow:table/problem:read"))
              .send();

      assertDenied(response, 403, "SCOPE_ABOVE_CEILING");
    }

    @Test
    void sendWhenFieldIsNotGrantedThenDeniesAndNothingChanges() {
      RawHttp.Response response =
          patch(INCIDENTS + "/" + incident(), "{\"state\":\"7\",\"priority\":\"1\"}").send();

      assertDenied(response, 403, "FIELD_NOT_GRANTED");
      assertThat(bed().servicenow().row("incident", incident()).orElseThrow())
          .doesNotContainEntry("state", "7");
    }

    @Test
    void sendWhenOperationIsUnknownThenDenies() {
      RawHttp.Response response = get("/servicenow/api/now/import/u_staging").send();

      assertDenied(response, 403, "OPERATION_UNKNOWN");
    }

    @Test
    void sendWhenQueryHoldsCodeThenDenies() {
      RawHttp.Response response = get(INCIDENTS + "?sysparm_query=javascript:gs.getUser()").send();

      assertThat(response.status()).isBetween(400, 403);
      assertThat(bed().servicenow().apiRequests()).isEmpty();
    }

    @Test
    void sendWhenNoConnectorIsThereThenDenies() {
      RawHttp.Response response = get("/elsewhere/api").send();

      assertDeniedWhereSeen(response, 404, "NO_ROUTE");
    }

    @Test
    void sendWhenCredentialIsMissingThenDenies() {
      RawHttp.Response response =
          get("/unset/api/now/table/incident")
              .token(draft -> draft.grant("unset:table/incident:read"))
              .send();

      assertDenied(response, 502, "CREDENTIAL_MISSING");
    }
  }

  @Nested
  final class Form {

    @ParameterizedTest
    @ValueSource(
        strings = {
          "/servicenow/../servicenow/api/now/table/incident",
          "/servicenow/api/now/table/../table/incident",
          "/servicenow/api/now/table/%2e%2e/table/incident",
          "/servicenow/api/now/table/.%2e/table/incident",
          "/servicenow/api/now/table/%252e%252e/table/incident",
          "/servicenow/api/now/table/./incident",
          "/servicenow/api/now/table%2fincident",
          "/servicenow/api/now/table%2Fincident",
          "/servicenow/api/now/table/incident%5c..",
          "/servicenow/api/now/table/incident;v=1",
          "/servicenow;v=1/api/now/table/incident",
          "/servicenow//api/now/table/incident",
          "//servicenow/api/now/table/incident",
          "/servicenow/api/now/table/%69ncident",
          "/%73ervicenow/api/now/table/incident",
          "/servicenow/api/now/table/incident%00",
          "/servicenow/api/now/table/incident%0d%0aX-Injected:1",
          "/servicenow/api/now/table/incident?a=%",
          "/servicenow/api/now/table/incident?a=1&&b=2",
          "/servicenow/api/now/table/incident."
        })
    void sendWhenTargetHasTwoReadingsThenDenies(String target) {
      RawHttp.Response response = get(target).send();

      assertDeniedOrTurnedAway(response, 400, "MALFORMED_TARGET");
    }

    @ParameterizedTest
    @ValueSource(strings = {"FOO", "TRACE", "OPTIONS", "PROPFIND", "get", "PURGE"})
    void sendWhenMethodIsNotOneOfOursThenDenies(String method) {
      RawHttp.Response response = bed().request(method, INCIDENTS).send();

      assertDeniedWhereSeen(response, 405, "METHOD_NOT_ALLOWED");
    }

    @Test
    void sendWhenConnectThenNothingIsOpened() {
      RawHttp.Response response =
          bed().send(RawHttp.head("CONNECT elsewhere.example:443 HTTP/1.1", "Host: elsewhere"));

      assertThat(response.status()).isBetween(400, 499);
    }

    @Test
    void sendWhenTargetIsLongerThanTheLimitThenDenies() {
      RawHttp.Response response = get(INCIDENTS + "?sysparm_query=" + "a".repeat(5000)).send();

      assertDenied(response, 414, "TARGET_TOO_LONG");
    }

    @Test
    void sendWhenHeadersAreHugeThenTurnedAway() {
      RawHttp.Response response = get(INCIDENTS).header("X-Huge: " + "x".repeat(300_000)).send();

      assertTurnedAway(response);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "Content-Length: 2\r\nTransfer-Encoding: chunked",
          "Content-Length: 2\r\nContent-Length: 3",
          "Content-Length: 2, 3",
          "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
          "Transfer-Encoding: xchunked",
          "Transfer-Encoding : chunked"
        })
    void sendWhenBodyHasTwoLengthsThenNothingIsSent(String lines) {
      AgentRequest request =
          bed()
              .request("PATCH", INCIDENTS + "/" + incident())
              .header("Content-Type: application/json")
              .header(lines)
              .raw("2\r\n{}\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

      RawHttp.Response response = request.send();

      assertTurnedAway(response);
    }

    @Test
    void sendWhenBodyIsLongerThanTheLimitThenDenies() {
      RawHttp.Response response =
          patch(INCIDENTS + "/" + incident(), "{\"state\":\"" + "x".repeat(70_000) + "\"}").send();

      assertDenied(response, 413, "BODY_TOO_LARGE");
    }

    @Test
    void sendWhenAnnouncedBodyIsLongerThanTheLimitThenDeniesBeforeItComes() {
      AgentRequest request =
          bed()
              .request("PATCH", INCIDENTS + "/" + incident())
              .header("Content-Type: application/json")
              .header("Content-Length: 1000000");

      RawHttp.Response response = request.send();

      assertDenied(response, 413, "BODY_TOO_LARGE");
    }

    @Test
    void sendWhenChunksAreLongerThanTheLimitThenDenies() {
      StringBuilder chunks = new StringBuilder();
      for (int i = 0; i < 20; i++) {
        chunks.append("1000\r\n").append("x".repeat(4096)).append("\r\n");
      }
      AgentRequest request =
          bed()
              .request("PATCH", INCIDENTS + "/" + incident())
              .header("Content-Type: application/json")
              .header("Transfer-Encoding: chunked")
              .raw(chunks.append("0\r\n\r\n").toString().getBytes(StandardCharsets.US_ASCII));

      RawHttp.Response response = request.send();

      assertDenied(response, 413, "BODY_TOO_LARGE");
    }

    @Test
    void sendWhenBodyRepeatsAKeyThenDenies() {
      RawHttp.Response response =
          patch(INCIDENTS + "/" + incident(), "{\"state\":\"2\",\"state\":\"7\"}").send();

      assertDenied(response, 400, "BODY_MALFORMED");
    }

    @Test
    void sendWhenBodyIsCompressedThenDenies() {
      RawHttp.Response response =
          bed()
              .request("PATCH", INCIDENTS + "/" + incident())
              .header("Content-Type: application/json")
              .header("Content-Encoding: gzip")
              .body(gzip("{\"state\":\"2\"}"))
              .send();

      assertDenied(response, 415, "UNSUPPORTED_MEDIA_TYPE");
    }

    @Test
    void sendWhenReadHasABodyThenDenies() {
      RawHttp.Response response = get(INCIDENTS).json("{}").send();

      assertDenied(response, 400, "BODY_MALFORMED");
    }

    @Test
    void sendWhenMethodIsOverriddenThenDenies() {
      RawHttp.Response response =
          get(INCIDENTS + "/" + incident()).header("X-HTTP-Method-Override: DELETE").send();

      assertDenied(response, 403, "OPERATION_FORBIDDEN");
    }

    @Test
    void sendWhenWebSocketThenDenies() {
      RawHttp.Response response =
          get(INCIDENTS)
              .header("Connection: Upgrade")
              .header("Upgrade: websocket")
              .header("Sec-WebSocket-Version: 13")
              .header("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
              .send();

      assertDenied(response, 403, "OPERATION_FORBIDDEN");
    }

    private static byte[] gzip(String text) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
        gzip.write(text.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return bytes.toByteArray();
    }
  }
}
