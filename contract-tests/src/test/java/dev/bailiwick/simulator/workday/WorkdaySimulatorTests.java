// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.workday;

import static dev.bailiwick.simulator.Client.encode;
import static dev.bailiwick.simulator.Client.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.bailiwick.connector.Action;
import dev.bailiwick.simulator.Client;
import dev.bailiwick.simulator.Touch;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class WorkdaySimulatorTests {
  private static final String MARA = "3aa5550b7fe348b98d7b5741afc65534";
  private static final String WORKERS = "/ccx/api/v1/acme/workers";
  private static final String SOAP = "/ccx/service/acme/Human_Resources/v42.0";

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-24T08:00:00Z"));
  private final InstantSource source = now::get;
  private final Clock clock = source.withZone(ZoneOffset.UTC);
  private final WorkdaySimulator tenant = new WorkdaySimulator(0, clock);
  private Client client;
  private String bearer;

  @BeforeEach
  void start() throws Exception {
    client = new Client(tenant.start().origin());
    bearer = "Bearer " + json(refresh()).path("access_token").asString();
  }

  @AfterEach
  void stop() {
    tenant.close();
    client.close();
  }

  @Nested
  class Credentials {
    @Test
    void tokenWhenRefreshedWithBasicThenOpensTheTenantForAnHour() throws Exception {
      assertThat(get(WORKERS).statusCode()).isEqualTo(200);

      now.updateAndGet(instant -> instant.plus(Duration.ofHours(1)));

      assertThat(get(WORKERS).statusCode()).isEqualTo(401);
    }

    @Test
    void tokenWhenClientCredentialsThenTheSchemeIsId() throws Exception {
      Map<String, String> form = Map.of("grant_type", "client_credentials", "tenant_alias", "acme");

      assertThat(form(form, "ID " + pair()).statusCode()).isEqualTo(200);
      assertThat(form(form, "Basic " + pair()).statusCode()).isEqualTo(401);
    }

    @Test
    void tokenWhenAssertionThenItsAudienceIsWdAndItCountsOnce() throws Exception {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      KeyPair keys = generator.generateKeyPair();
      tenant.trustAssertions((RSAPublicKey) keys.getPublic());
      SignedJWT jwt =
          new SignedJWT(
              new JWSHeader(JWSAlgorithm.RS256),
              new JWTClaimsSet.Builder()
                  .issuer(tenant.clientId())
                  .subject(tenant.username())
                  .audience("wd")
                  .expirationTime(Date.from(now.get().plusSeconds(120)))
                  .build());
      jwt.sign(new RSASSASigner(keys.getPrivate()));
      Map<String, String> form =
          Map.of(
              "grant_type",
              "urn:ietf:params:oauth:grant-type:jwt-bearer",
              "assertion",
              jwt.serialize());

      assertThat(form(form, "Basic " + pair()).statusCode()).isEqualTo(200);
      assertThat(json(form(form, "Basic " + pair())).path("error").asString())
          .isEqualTo("invalid_grant");
    }

    @Test
    void refreshWhenConsentIsWithdrawnThenInvalidGrant() throws Exception {
      tenant.withdrawConsent();

      assertThat(json(refresh()).path("error").asString()).isEqualTo("invalid_grant");
    }

    @Test
    void basicWhenUserNamesItsTenantOrNoneThenLetsIn() throws Exception {
      for (String user : List.of("ISU_Bailiwick@acme", "ISU_Bailiwick")) {
        assertThat(client.get(WORKERS, "Authorization", basic(user)).statusCode()).isEqualTo(200);
      }
      assertThat(client.get(WORKERS, "Authorization", basic("ISU_Bailiwick@x")).statusCode())
          .isEqualTo(401);
    }

    @Test
    void expireTokensWhenCalledThenErrorInVendorShape() throws Exception {
      tenant.expireTokens();

      JsonNode answer = json(get(WORKERS));

      assertThat(answer.path("error").asString()).isNotEmpty();
      assertThat(answer.path("errors").path(0).path("code").asString()).isEqualTo("S22");
    }
  }

  @Nested
  class Rest {
    @Test
    void listWhenPagedThenTotalAndLinks() throws Exception {
      JsonNode page = json(get(WORKERS + "?limit=2&offset=1"));

      assertThat(page.path("total").asInt()).isEqualTo(4);
      assertThat(page.path("data")).hasSize(2);
      assertThat(page.path("data").path(0).path("descriptor").asString()).isEqualTo("Ivo Reed");
      assertThat(page.path("data").path(0).path("href").asString())
          .isEqualTo(tenant.origin() + WORKERS + "/0e44c92412d34b01ace61e80a47aaf6d");
    }

    @Test
    void instanceWhenItRefersThenTheReferenceHasALink() throws Exception {
      JsonNode worker = json(get(WORKERS + "/Employee_ID=21002"));

      assertThat(worker.path("manager").path("descriptor").asString()).isEqualTo("Mara Stone");
      assertThat(worker.path("manager").path("href").asString())
          .isEqualTo(tenant.origin() + WORKERS + "/" + MARA);
    }

    @Test
    void subresourceWhenAskedThenOfThatWorkerOnly() throws Exception {
      JsonNode reports = json(get(WORKERS + "/" + MARA + "/directReports"));
      JsonNode slips = json(get(WORKERS + "/" + MARA + "/paySlips"));

      assertThat(reports.path("total").asInt()).isEqualTo(2);
      assertThat(slips.path("total").asInt()).isZero();
      assertThat(tenant.touches())
          .contains(
              new Touch("rest", "workers.directReports", Action.READ, ""),
              new Touch("rest", "workers.paySlips", Action.READ, ""));
    }

    @Test
    void postWhenItStartsAProcessThenItIsKept() throws Exception {
      HttpResponse<String> answer =
          client.send(
              "POST",
              WORKERS + "/" + MARA + "/businessTitleChanges",
              "{\"proposedBusinessTitle\":\"Chief\"}",
              "Authorization",
              bearer);

      assertThat(answer.statusCode()).isEqualTo(201);
      assertThat(tenant.rows("workers.businessTitleChanges"))
          .extracting(row -> row.path("proposedBusinessTitle").asString())
          .containsExactly("Chief");
    }

    @Test
    void pathWhenUnknownOrOfAnotherTenantThenNotFound() throws Exception {
      assertThat(get("/ccx/api/v1/acme/nothing").statusCode()).isEqualTo(404);
      assertThat(get("/ccx/api/v1/other/workers").statusCode()).isEqualTo(404);
    }
  }

  @Nested
  class Queries {
    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "SELECT fullName FROM allWorkers WHERE location = 'Oslo'|Mara Stone,Ivo Reed",
          "SELECT fullName FROM allWorkers WHERE location = 'Bergen' AND NOT fullName startswith 'Nia'|Tom Vik",
          "SELECT fullName FROM allWorkers WHERE annualSalary > 68000 ORDER BY fullName|Ivo Reed,Mara Stone",
          "SELECT fullName FROM allWorkers WHERE manager{fullName} = 'Ivo Reed'|Tom Vik",
          "SELECT fullName FROM allWorkers(dataSourceFilter=active) ORDER BY fullName DESC LIMIT 1|Tom Vik",
          "SELECT fullName FROM allWorkers WHERE (location IN ('Oslo') OR location = 'x') AND manager IS EMPTY|Mara Stone",
        })
    void wqlWhenRunThenFindsRows(String query, String names) throws Exception {
      JsonNode answer = json(get("/ccx/api/wql/v1/acme/data?query=" + encode(query)));

      assertThat(answer.path("data"))
          .extracting(row -> row.path("fullName").asString())
          .containsExactly(names.split(","));
    }

    @Test
    void wqlWhenItWalksThenShowsAndNotesTheOtherObject() throws Exception {
      JsonNode answer =
          json(
              client.send(
                  "POST",
                  "/ccx/api/wql/v1/acme/data",
                  "{\"query\":\"SELECT fullName, manager{email, manager{phone}} FROM allWorkers\"}",
                  "Authorization",
                  bearer));

      assertThat(answer.path("data").path(1).path("manager").path("email").asString())
          .isEqualTo("mara.stone@acme.example");
      assertThat(tenant.touches())
          .contains(
              new Touch("wql", "allWorkers", Action.READ, "manager"),
              new Touch("wql-related", "allWorkers.manager", Action.READ, "email"),
              new Touch("wql-related", "allWorkers.manager.manager", Action.READ, "phone"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SELECT", "SELECT a FROM nothing", "SELECT a FROM allWorkers x", "x"})
    void wqlWhenWrongThenVendorError(String query) throws Exception {
      assertThat(get("/ccx/api/wql/v1/acme/data?query=" + encode(query)).statusCode())
          .isEqualTo(400);
    }
  }

  @Nested
  class Reports {
    @Test
    void reportWhenAskedInEachFormThenThatForm() throws Exception {
      String path = "/ccx/service/customreport2/acme/isu_reports/Salaries";

      assertThat(json(get(path + "?format=json")).path("Report_Entry")).hasSize(2);
      assertThat(get(path + "?format=csv").body())
          .isEqualTo("Worker,Salary\n\"Mara Stone\",120000\n\"Reed, Ivo\",70000\n");
      assertThat(get(path).body()).contains("<wd:Worker>Reed, Ivo</wd:Worker>");
      assertThat(json(get(path + "?format=json&Salary=70000")).path("Report_Entry")).hasSize(1);
      assertThat(get("/ccx/service/customreport2/acme/isu_reports/None").statusCode())
          .isEqualTo(404);
    }
  }

  @Nested
  class Soap {
    private static final String GET_WORKERS =
        "<b:Get_Workers_Request xmlns:b=\"urn:com.workday/bsvc\" b:version=\"v42.0\"/>";

    @Test
    void soapWhenUserOrBearerThenAnswers() throws Exception {
      HttpResponse<String> asUser = soap(security(tenant.password()), GET_WORKERS, "");
      HttpResponse<String> asBearer = soap("", GET_WORKERS, bearer);

      assertThat(asUser.statusCode()).isEqualTo(200);
      assertThat(asUser.body()).contains("<wd:Total_Results>4</wd:Total_Results>", "21002");
      assertThat(asBearer.statusCode()).isEqualTo(200);
    }

    @Test
    void soapWhenCredentialIsBadThenFaultUnder500() throws Exception {
      HttpResponse<String> wrong = soap(security("wrong"), GET_WORKERS, "");
      HttpResponse<String> none = soap("", GET_WORKERS, "");
      tenant.changePassword("another");
      HttpResponse<String> old = soap(security(tenant.password()), GET_WORKERS, "");

      for (HttpResponse<String> answer : List.of(wrong, none, old)) {
        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.body())
            .contains("SOAP-ENV:Client.authenticationError", "invalid username or password");
      }
    }

    @Test
    void soapWhenTheBodyHoldsTwoThenBothAreCarriedOut() throws Exception {
      soap(
          "",
          GET_WORKERS
              + "<b:Put_Applicant_Request xmlns:b=\"urn:com.workday/bsvc\"><b:Applicant_Data b:Delete=\"1\"/></b:Put_Applicant_Request>"
              + "<b:Terminate_Employee_Request xmlns:b=\"urn:com.workday/bsvc\"/>",
          bearer);

      assertThat(tenant.touches())
          .contains(
              new Touch("soap", "Human_Resources.Get_Workers", Action.READ, ""),
              new Touch("soap", "Human_Resources.Put_Applicant", Action.DELETE, ""),
              new Touch("soap", "Human_Resources.Terminate_Employee", Action.EXECUTE, ""));
    }

    @Test
    void soapWhenMalformedThenValidationFault() throws Exception {
      HttpResponse<String> answer = client.send("POST", SOAP, "<x", "Authorization", bearer);

      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(answer.body()).contains("Client.validationError");
    }

    private HttpResponse<String> soap(String header, String body, String authorization)
        throws Exception {
      HttpRequest.Builder request =
          client
              .request(SOAP, "Content-Type", "text/xml")
              .POST(
                  HttpRequest.BodyPublishers.ofString(
                      "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Header>"
                          + header
                          + "</s:Header><s:Body>"
                          + body
                          + "</s:Body></s:Envelope>"));
      if (!authorization.isEmpty()) {
        request.header("Authorization", authorization);
      }
      return client.send(request.build());
    }

    private String security(String password) {
      return "<w:Security xmlns:w=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\">"
          + "<w:UsernameToken><w:Username>ISU_Bailiwick@acme</w:Username><w:Password>"
          + password
          + "</w:Password></w:UsernameToken></w:Security>";
    }
  }

  @ParameterizedTest
  @EnumSource
  void onceWhenArmedThenTheNextRequestRunsIntoItAndTheOneAfterDoesNot(Situation situation)
      throws Exception {
    HttpRequest request =
        switch (situation) {
          case TOKEN_INVALID_CLIENT, TOKEN_INVALID_GRANT, TOKEN_UNAVAILABLE ->
              HttpRequest.newBuilder(tenant.tokenEndpoint())
                  .header("Content-Type", "application/x-www-form-urlencoded")
                  .header("Authorization", "ID " + pair())
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "grant_type=client_credentials&tenant_alias=acme"))
                  .build();
          case SOAP_AUTHENTICATION_ERROR, SOAP_VALIDATION_ERROR ->
              client
                  .request(SOAP, "Authorization", bearer, "Content-Type", "text/xml")
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>"
                              + "<b:Get_Workers_Request xmlns:b=\"urn:com.workday/bsvc\"/></s:Body></s:Envelope>"))
                  .build();
          default -> client.request(WORKERS + "?search=nobody", "Authorization", bearer).build();
        };
    String normal = client.send(request).body();

    tenant.once(situation);

    assertThat(client.outcome(tenant, request)).isNotEqualTo("200 " + normal);
    assertThat(client.send(request).statusCode()).isEqualTo(200);
  }

  private HttpResponse<String> get(String target) throws Exception {
    return client.get(target, "Authorization", bearer);
  }

  private HttpResponse<String> refresh() throws Exception {
    return form(
        Map.of("grant_type", "refresh_token", "refresh_token", tenant.refreshToken()),
        "Basic " + pair());
  }

  private HttpResponse<String> form(Map<String, String> fields, String authorization)
      throws Exception {
    return client.form(tenant.tokenEndpoint(), fields, "Authorization", authorization);
  }

  private String pair() {
    return base64(tenant.clientId() + ":" + tenant.clientSecret());
  }

  private String basic(String user) {
    return "Basic " + base64(user + ":" + tenant.password());
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
