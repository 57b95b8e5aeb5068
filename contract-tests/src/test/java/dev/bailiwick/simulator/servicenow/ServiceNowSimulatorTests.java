// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.servicenow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

class ServiceNowSimulatorTests {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-23T08:00:00Z"));
  private final InstantSource source = now::get;
  private final Clock clock = source.withZone(ZoneOffset.UTC);
  private final ServiceNowSimulator simulator = new ServiceNowSimulator(0, clock);
  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeEach
  void start() {
    simulator.start();
  }

  @AfterEach
  void stop() {
    simulator.close();
    client.close();
  }

  @Nested
  class Tokens {
    @Test
    void tokenWhenClientCredentialsThenOpensTheTableApi() throws Exception {
      String token = accessToken(Map.of("grant_type", "client_credentials"));

      HttpResponse<String> answer = get("/api/now/table/incident", token);

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(simulator.tokensIssued()).isEqualTo(1);
    }

    @Test
    void tokenWhenJsonEncodedThenDenies() throws Exception {
      HttpRequest request =
          HttpRequest.newBuilder(simulator.tokenEndpoint())
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString("{\"grant_type\":\"client_credentials\"}"))
              .build();

      HttpResponse<String> answer = send(request);

      assertThat(answer.statusCode()).isEqualTo(400);
    }

    @Test
    void tokenWhenSecretWrongThenDenies() throws Exception {
      HttpResponse<String> answer =
          send(form(Map.of("grant_type", "client_credentials", "client_secret", "wrong")));

      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(json(answer).path("error").asString()).isEqualTo("invalid_client");
    }

    @Test
    void passwordGrantWhenRepeatedThenReturnsTheSameTokenWithItsExpiryMoved() throws Exception {
      Map<String, String> grant =
          Map.of(
              "grant_type",
              "password",
              "username",
              simulator.username(),
              "password",
              simulator.password());
      String first = accessToken(grant);
      advance(Duration.ofMinutes(20));

      String second = accessToken(grant);
      advance(Duration.ofMinutes(20));

      assertThat(second).isEqualTo(first);
      assertThat(get("/api/now/table/incident", first).statusCode()).isEqualTo(200);
    }

    @Test
    void refreshWhenConsentIsWithdrawnThenInvalidGrant() throws Exception {
      Map<String, String> grant =
          Map.of("grant_type", "refresh_token", "refresh_token", simulator.refreshToken());
      assertThat(accessToken(grant)).isNotEmpty();

      simulator.withdrawConsent();

      assertThat(json(send(form(grant))).path("error").asString()).isEqualTo("invalid_grant");
    }

    @Test
    void tokenWhenItsLifeIsOverThenNotAuthenticated() throws Exception {
      simulator.tokenLifetime(Duration.ofSeconds(30));
      String token = accessToken(Map.of("grant_type", "client_credentials"));

      advance(Duration.ofSeconds(30));

      HttpResponse<String> answer = get("/api/now/table/incident", token);
      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(json(answer).path("error").path("message").asString())
          .isEqualTo("User Not Authenticated");
    }

    @Test
    void expireTokensWhenCalledThenLiveTokensEnd() throws Exception {
      String token = token();

      simulator.expireTokens();

      assertThat(get("/api/now/table/incident", token).statusCode()).isEqualTo(401);
    }
  }

  @Nested
  class OtherCredentials {
    @Test
    void basicAndApiKeyWhenRightThenLetIn() throws Exception {
      String pair = simulator.username() + ":" + simulator.password();
      String basic = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));

      HttpResponse<String> withBasic =
          send(
              request("/api/now/table/incident").header("Authorization", "Basic " + basic).build());
      HttpResponse<String> withKey =
          send(
              request("/api/now/table/incident").header("x-sn-apikey", simulator.apiKey()).build());

      assertThat(withBasic.statusCode()).isEqualTo(200);
      assertThat(withKey.statusCode()).isEqualTo(200);
    }

    @Test
    void cookieWhenItCameFromAnAnswerThenLetsIn() throws Exception {
      HttpResponse<String> answer = get("/api/now/table/incident", token());
      String cookie = answer.headers().firstValue("Set-Cookie").orElseThrow().split(";")[0];

      HttpResponse<String> again =
          send(request("/api/now/table/incident").header("Cookie", cookie).build());

      assertThat(again.statusCode()).isEqualTo(200);
    }

    @Test
    void requestWhenNoCredentialThenNotAuthenticated() throws Exception {
      HttpResponse<String> answer = send(request("/api/now/table/incident").build());

      assertThat(answer.statusCode()).isEqualTo(401);
    }
  }

  @Nested
  class Rows {
    @Test
    void createUpdateDeleteWhenCalledThenRowsChange() throws Exception {
      String token = token();
      HttpResponse<String> created =
          send(
              request("/api/now/table/incident")
                  .header("Authorization", "Bearer " + token)
                  .header("Content-Type", "application/json")
                  .POST(body("{\"short_description\":\"New\"}"))
                  .build());
      String location = created.headers().firstValue("Location").orElseThrow();
      String sysId = location.substring(location.lastIndexOf('/') + 1);
      HttpResponse<String> updated =
          send(
              HttpRequest.newBuilder(URI.create(location))
                  .header("Authorization", "Bearer " + token)
                  .header("Content-Type", "application/json")
                  .method("PATCH", body("{\"state\":\"2\"}"))
                  .build());
      String state = simulator.row("incident", sysId).orElseThrow().get("state");
      HttpResponse<String> deleted =
          send(
              HttpRequest.newBuilder(URI.create(location))
                  .header("Authorization", "Bearer " + token)
                  .DELETE()
                  .build());

      assertThat(created.statusCode()).isEqualTo(201);
      assertThat(location).startsWith(simulator.origin() + "/api/now/table/incident/");
      assertThat(updated.statusCode()).isEqualTo(200);
      assertThat(state).isEqualTo("2");
      assertThat(deleted.statusCode()).isEqualTo(204);
      assertThat(simulator.row("incident", sysId)).isEmpty();
    }

    @Test
    void listWhenPagedThenLinksAreAbsolute() throws Exception {
      HttpResponse<String> answer =
          get("/api/now/table/incident?sysparm_limit=2&sysparm_offset=2", token());

      String link = answer.headers().firstValue("Link").orElseThrow();
      assertThat(link)
          .contains("<" + simulator.origin() + "/api/now/table/incident?")
          .contains("rel=\"first\"", "rel=\"prev\"", "rel=\"next\"", "rel=\"last\"");
      assertThat(answer.headers().firstValue("X-Total-Count")).contains("5");
      assertThat(json(answer).path("result")).hasSize(2);
    }

    @Test
    void readWhenFieldIsAReferenceThenItHasALink() throws Exception {
      String sysId = simulator.incident("INC0010001");

      JsonNode row =
          json(get("/api/now/table/incident/" + sysId, token())).path("result").path("caller_id");

      assertThat(row.path("value").asString()).isEqualTo("a1000000000000000000000000000002");
      assertThat(row.path("link").asString())
          .isEqualTo(
              simulator.origin() + "/api/now/table/sys_user/a1000000000000000000000000000002");
    }

    @Test
    void listWhenDotWalkedThenDisclosesTheOtherTable() throws Exception {
      JsonNode answer =
          json(
              get(
                  "/api/now/v2/table/incident?sysparm_fields=number,caller_id.manager.email"
                      + "&sysparm_query=number%3DINC0010001",
                  token()));

      assertThat(answer.path("result").path(0).path("caller_id.manager.email").asString())
          .isEqualTo("mara.stone@acme.example");
    }

    @Test
    void listWhenFilteredThenOnlyMatchingRowsInOrder() throws Exception {
      JsonNode answer =
          json(
              get(
                  "/api/now/table/incident?sysparm_fields=number&sysparm_query="
                      + encode("state=1^ORstate=6^priorityIN3,4^ORDERBYDESCnumber"),
                  token()));

      assertThat(answer.path("result"))
          .extracting(row -> row.path("number").asString())
          .containsExactly("INC0010004", "INC0010003");
    }

    @Test
    void listWhenConditionUnknownThenItIsIgnored() throws Exception {
      JsonNode answer =
          json(get("/api/now/table/incident?sysparm_query=" + encode("no such thing"), token()));

      assertThat(answer.path("result")).hasSize(5);
    }

    @Test
    void readWhenMissingOrForbiddenOrUnknownThenVendorShapes() throws Exception {
      String token = token();

      assertThat(get("/api/now/table/incident/" + "0".repeat(32), token).statusCode())
          .isEqualTo(404);
      assertThat(get("/api/now/table/sys_properties", token).statusCode()).isEqualTo(403);
      assertThat(get("/api/now/table/nothing", token).statusCode()).isEqualTo(400);
    }
  }

  @Nested
  class Situations {
    @ParameterizedTest
    @EnumSource
    void onceWhenArmedThenTheNextRequestRunsIntoItAndTheOneAfterDoesNot(Situation situation)
        throws Exception {
      String token = token();
      HttpRequest request =
          situation.name().startsWith("TOKEN")
              ? form(Map.of("grant_type", "client_credentials"))
              : request("/api/now/table/problem")
                  .header("Authorization", "Bearer " + token)
                  .build();
      HttpResponse<String> normal = send(request);

      simulator.once(situation);

      assertThat(outcome(request)).isNotEqualTo("200 " + normal.body());
      assertThat(send(request).statusCode()).isEqualTo(200);
    }

    /**
     * What the client saw; it may try a GET again by itself, so the count of requests belongs to
     * it.
     */
    private String outcome(HttpRequest request) throws InterruptedException {
      int before = simulator.requests().size();
      long start = System.nanoTime();
      try {
        HttpResponse<String> answer = send(request);
        boolean late = Duration.ofNanos(System.nanoTime() - start).toMillis() >= 2000;
        int requests = simulator.requests().size() - before;
        return answer.statusCode()
            + " "
            + answer.body()
            + (late ? " late" : "")
            + (requests == 1 ? "" : " in " + requests + " requests");
      } catch (IOException e) {
        return e.getClass().getSimpleName();
      }
    }

    @Test
    void calmWhenCalledThenSituationsEnd() throws Exception {
      String token = token();
      simulator.always(Situation.RATE_LIMITED);
      assertThat(get("/api/now/table/incident", token).statusCode()).isEqualTo(429);
      assertThat(get("/api/now/table/incident", token).statusCode()).isEqualTo(429);

      simulator.calm();

      assertThat(get("/api/now/table/incident", token).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void requestsWhenAskedThenShowsWhatArrivedInOrder() throws Exception {
    String token = token();
    get("/api/now/table/incident?sysparm_limit=1", token);

    assertThat(simulator.requests())
        .extracting(Object::toString)
        .containsExactly("POST /oauth_token.do", "GET /api/now/table/incident");
    assertThat(simulator.apiRequests().getFirst().headers().first("authorization"))
        .contains("Bearer " + token);
    assertThat(simulator.saw(token)).isTrue();
    assertThat(simulator.saw("never sent")).isFalse();
  }

  @Test
  void scriptsEvaluatedWhenAQueryHoldsJavascriptThenListsIt() throws Exception {
    get("/api/now/table/incident?sysparm_query=" + encode("number=JavaScript:gs.now()"), token());

    assertThat(simulator.scriptsEvaluated()).containsExactly("number=JavaScript:gs.now()");
  }

  @Test
  void closeWhenCalledThenThePortIsFree() {
    URI origin = simulator.origin();

    simulator.close();

    assertThatThrownBy(() -> send(HttpRequest.newBuilder(origin).build()))
        .isInstanceOf(ConnectException.class);
  }

  private void advance(Duration duration) {
    now.updateAndGet(instant -> instant.plus(duration));
  }

  private String token() throws Exception {
    return accessToken(Map.of("grant_type", "client_credentials"));
  }

  private String accessToken(Map<String, String> grant) throws Exception {
    return json(send(form(grant))).path("access_token").asString();
  }

  private HttpRequest form(Map<String, String> fields) {
    Map<String, String> all =
        new java.util.HashMap<>(
            Map.of("client_id", simulator.clientId(), "client_secret", simulator.clientSecret()));
    all.putAll(fields);
    return HttpRequest.newBuilder(simulator.tokenEndpoint())
        .header("Content-Type", "application/x-www-form-urlencoded")
        .POST(
            body(
                all.entrySet().stream()
                    .map(field -> field.getKey() + "=" + encode(field.getValue()))
                    .collect(Collectors.joining("&"))))
        .build();
  }

  private HttpRequest.Builder request(String target) {
    return HttpRequest.newBuilder(URI.create(simulator.origin() + target));
  }

  private HttpResponse<String> get(String target, String token)
      throws IOException, InterruptedException {
    return send(request(target).header("Authorization", "Bearer " + token).build());
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static HttpRequest.BodyPublisher body(String text) {
    return HttpRequest.BodyPublishers.ofString(text);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return Answers.JSON.readTree(answer.body());
  }
}
