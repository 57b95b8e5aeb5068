// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

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
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.HashMap;
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

class SalesforceSimulatorTests {
  private static final String DATA = "/services/data/v66.0";
  private static final String NORTHWIND = "001000000000001AAA";
  private static final String JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-24T08:00:00Z"));
  private final InstantSource source = now::get;
  private final Clock clock = source.withZone(ZoneOffset.UTC);
  private final SalesforceSimulator org = new SalesforceSimulator(0, clock);
  private Client client;
  private String bearer;

  @BeforeEach
  void start() throws Exception {
    client = new Client(org.start().origin());
    bearer = "Bearer " + token(Map.of("grant_type", "client_credentials"));
  }

  @AfterEach
  void stop() {
    org.close();
    client.close();
  }

  @Nested
  class Tokens {
    @Test
    void tokenWhenClientCredentialsThenNamesInstanceAndUserAndNoExpiry() throws Exception {
      JsonNode answer = json(grant(Map.of("grant_type", "client_credentials")));

      assertThat(answer.path("instance_url").asString()).isEqualTo(org.origin().toString());
      assertThat(answer.path("id").asString()).matches(".*/id/[A-Za-z0-9]{18}/[A-Za-z0-9]{18}");
      assertThat(answer.has("expires_in")).isFalse();
      assertThat(answer.path("access_token").asString()).startsWith("00D").contains("!");
    }

    @Test
    void tokenWhenSecretWrongThenInvalidClient() throws Exception {
      HttpResponse<String> answer =
          grant(Map.of("grant_type", "client_credentials", "client_secret", "wrong"));

      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(json(answer).path("error").asString()).isEqualTo("invalid_client");
    }

    @Test
    void refreshWhenRotatedThenTheOldOneIsOver() throws Exception {
      org.rotateRefreshTokens();
      Map<String, String> first =
          Map.of("grant_type", "refresh_token", "refresh_token", org.refreshToken());
      String next = json(grant(first)).path("refresh_token").asString();

      HttpResponse<String> again = grant(first);
      HttpResponse<String> withNext =
          grant(Map.of("grant_type", "refresh_token", "refresh_token", next));

      assertThat(json(again).path("error").asString()).isEqualTo("invalid_grant");
      assertThat(withNext.statusCode()).isEqualTo(200);
    }

    @Test
    void assertionWhenGoodThenCountsOnce() throws Exception {
      KeyPair keys = keys();
      org.trustAssertions((RSAPublicKey) keys.getPublic());
      Map<String, String> grant =
          Map.of(
              "grant_type",
              JWT_BEARER,
              "assertion",
              assertion(keys, "https://login.salesforce.com", 180));

      HttpResponse<String> first = grant(grant);
      HttpResponse<String> second = grant(grant);

      assertThat(first.statusCode()).isEqualTo(200);
      assertThat(json(second).path("error").asString()).isEqualTo("invalid_grant");
      assertThat(json(second).path("error_description").asString()).contains("before");
    }

    @ParameterizedTest
    @CsvSource({
      "https://elsewhere.example,180,audience is invalid",
      "https://login.salesforce.com,3600,invalid assertion expiration",
      "https://login.salesforce.com,-1,invalid assertion expiration",
    })
    void assertionWhenWrongThenSaysWhy(String audience, int seconds, String why) throws Exception {
      KeyPair keys = keys();
      org.trustAssertions((RSAPublicKey) keys.getPublic());

      HttpResponse<String> answer =
          grant(Map.of("grant_type", JWT_BEARER, "assertion", assertion(keys, audience, seconds)));

      assertThat(json(answer).path("error_description").asString()).isEqualTo(why);
    }

    @Test
    void sessionWhenIdleTooLongThenOver() throws Exception {
      org.sessionTimeout(Duration.ofMinutes(15));
      advance(Duration.ofMinutes(10));
      assertThat(get(DATA + "/limits").statusCode()).isEqualTo(200);
      advance(Duration.ofMinutes(10));
      assertThat(get(DATA + "/limits").statusCode()).isEqualTo(200);

      advance(Duration.ofMinutes(15));

      HttpResponse<String> answer = get(DATA + "/limits");
      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(json(answer).path(0).path("errorCode").asString()).isEqualTo("INVALID_SESSION_ID");
    }

    @Test
    void revokeWhenForwardedThenEverybodyIsOut() throws Exception {
      String token = bearer.substring(7);

      client.get("/services/oauth2/revoke?token=" + encode(token));

      assertThat(get(DATA + "/limits").statusCode()).isEqualTo(401);
      assertThat(org.revocations()).isEqualTo(1);
    }

    @Test
    void sessionWhenWrittenElsewhereThenLetsIn() throws Exception {
      String token = bearer.substring(7);

      assertThat(client.get(DATA + "/limits", "X-SFDC-Session", token).statusCode()).isEqualTo(200);
      assertThat(client.get(DATA + "/limits", "Cookie", "sid=" + token).statusCode())
          .isEqualTo(200);
      assertThat(client.get(DATA + "/limits?oauth_token=" + encode(token)).statusCode())
          .isEqualTo(200);
      assertThat(client.get(DATA + "/limits").statusCode()).isEqualTo(401);
    }

    private KeyPair keys() throws Exception {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    }

    private String assertion(KeyPair keys, String audience, int seconds) throws Exception {
      SignedJWT jwt =
          new SignedJWT(
              new JWSHeader(JWSAlgorithm.RS256),
              new JWTClaimsSet.Builder()
                  .issuer(org.clientId())
                  .subject(org.username())
                  .audience(audience)
                  .expirationTime(Date.from(now.get().plusSeconds(seconds)))
                  .build());
      jwt.sign(new RSASSASigner(keys.getPrivate()));
      return jwt.serialize();
    }
  }

  @Nested
  class Records {
    @Test
    void createReadUpdateDeleteWhenCalledThenRecordsChange() throws Exception {
      HttpResponse<String> created =
          send("POST", DATA + "/sobjects/account", "{\"Name\":\"Acme\",\"Industry\":\"Media\"}");
      String id = json(created).path("id").asString();
      String path = created.headers().firstValue("Location").orElseThrow();
      HttpResponse<String> updated = send("PATCH", path, "{\"industry\":\"Energy\"}");
      JsonNode read = json(get(path + "?fields=Name,Owner.Email,Industry"));
      HttpResponse<String> deleted = send("DELETE", path, "");

      assertThat(created.statusCode()).isEqualTo(201);
      assertThat(path).isEqualTo(DATA + "/sobjects/Account/" + id);
      assertThat(updated.statusCode()).isEqualTo(204);
      assertThat(read.path("Industry").asString()).isEqualTo("Energy");
      assertThat(read.path("Owner").path("Email").asString()).isEqualTo("mara.stone@acme.example");
      assertThat(read.path("attributes").path("url").asString()).isEqualTo(path);
      assertThat(deleted.statusCode()).isEqualTo(204);
      assertThat(org.row(id)).isEmpty();
      assertThat(json(get(path)).path(0).path("errorCode").asString())
          .isEqualTo("ENTITY_IS_DELETED");
    }

    @Test
    void postWhenItNamesAnotherVerbThenThatVerb() throws Exception {
      HttpResponse<String> answer =
          send(
              "POST",
              DATA + "/sobjects/Account/" + NORTHWIND + "?_HttpMethod=PATCH",
              "{\"Phone\":\"1\"}");

      assertThat(answer.statusCode()).isEqualTo(204);
      assertThat(org.row(NORTHWIND).orElseThrow().get("Phone").asString()).isEqualTo("1");
    }

    @Test
    void upsertWhenKeyIsKnownOrNotThenUpdatesOrCreates() throws Exception {
      HttpResponse<String> known =
          send("PATCH", DATA + "/sobjects/Account/ExternalKey__c/NW-1", "{\"Phone\":\"2\"}");
      HttpResponse<String> unknown =
          send("PATCH", DATA + "/sobjects/Account/ExternalKey__c/XX-1", "{\"Name\":\"New\"}");

      assertThat(json(known).path("created").asBoolean()).isFalse();
      assertThat(json(known).path("id").asString()).isEqualTo(NORTHWIND);
      assertThat(unknown.statusCode()).isEqualTo(201);
      assertThat(json(unknown).path("created").asBoolean()).isTrue();
    }

    @Test
    void relationshipsAndFilesWhenWalkedThenLeadToOtherObjects() throws Exception {
      JsonNode owner = json(get(DATA + "/sobjects/Account/" + NORTHWIND + "/Owner?fields=Email"));
      JsonNode contacts =
          json(get(DATA + "/sobjects/Account/" + NORTHWIND + "/Contacts?fields=LastName"));
      HttpResponse<String> file =
          get(DATA + "/sobjects/ContentVersion/068000000000001AAA/VersionData");

      assertThat(owner.path("Email").asString()).isEqualTo("ivo.reed@acme.example");
      assertThat(contacts.path("records")).hasSize(2);
      assertThat(file.body()).isEqualTo("item,price\nlamp,12\n");
    }

    @Test
    void createWhenAnotherRecordIsNamedByItsKeyThenRefersToIt() throws Exception {
      HttpResponse<String> created =
          send(
              "POST",
              DATA + "/sobjects/Contact",
              "{\"LastName\":\"New\",\"Account\":{\"ExternalKey__c\":\"NW-1\"}}");

      assertThat(
              org.row(json(created).path("id").asString())
                  .orElseThrow()
                  .get("AccountId")
                  .asString())
          .isEqualTo(NORTHWIND);
      assertThat(org.touches())
          .contains(new Touch("sobject", "Account", Action.READ, "ExternalKey__c"));
    }

    @Test
    void callsWhenWrongThenVendorErrors() throws Exception {
      assertThat(code(send("POST", DATA + "/sobjects/Account", "{\"Phone\":\"1\"}")))
          .isEqualTo("400 REQUIRED_FIELD_MISSING");
      assertThat(code(send("POST", DATA + "/sobjects/Account", "{\"Nmae\":\"x\"}")))
          .isEqualTo("400 INVALID_FIELD");
      assertThat(code(send("POST", DATA + "/sobjects/Account", "{")))
          .isEqualTo("400 JSON_PARSER_ERROR");
      assertThat(code(get(DATA + "/sobjects/Nothing/describe"))).isEqualTo("404 NOT_FOUND");
      assertThat(code(get(DATA + "/sobjects/Account/001000000000099AAA")))
          .isEqualTo("404 NOT_FOUND");
    }

    @Test
    void describeWhenAskedThenNamesFieldsRelationshipsAndPrefixes() throws Exception {
      JsonNode global = json(get(DATA + "/sobjects"));
      JsonNode account = json(get(DATA + "/sobjects/Account/describe"));

      assertThat(global.path("sobjects"))
          .extracting(each -> each.path("keyPrefix").asString())
          .contains("001", "003", "a0B");
      assertThat(account.path("childRelationships"))
          .extracting(each -> each.path("relationshipName").asString())
          .contains("Contacts", "Opportunities", "Invoices__r");
      assertThat(account.path("fields"))
          .extracting(each -> each.path("relationshipName").asString(""))
          .contains("Owner", "Parent");
    }
  }

  @Nested
  class Queries {
    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "SELECT Name FROM Account WHERE Industry = 'Energy' ORDER BY Name DESC|Northwind Solar,Northwind Energy",
          "SELECT Name FROM Account WHERE Name LIKE 'blue%'|Bluebird Media",
          "SELECT Name FROM Account WHERE AnnualRevenue > 1000000 AND NumberOfEmployees < 20|Northwind Solar",
          "SELECT Name FROM Account WHERE NOT Industry IN ('Energy')|Bluebird Media",
          "SELECT Name FROM Account WHERE Industry = 'Media' OR BillingCity = 'Oslo' ORDER BY Name LIMIT 1 OFFSET 1|Northwind Energy",
          "SELECT Name FROM Account WHERE Owner.Manager.Name = 'Mara Stone' ORDER BY Name LIMIT 1|Northwind Energy",
          "SELECT Name FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Title = 'Editor')|Bluebird Media",
          "SELECT Name FROM Account WHERE Id NOT IN (SELECT AccountId FROM Contact)|Northwind Solar",
          "SELECT a.Name FROM Account a WHERE a.ParentId != null|Northwind Solar",
          "SELECT Name FROM Lead WHERE CreatedDate = TODAY|Tom Vik",
          "SELECT Name FROM Account WHERE CALENDAR_YEAR(CreatedDate) = 2026 ORDER BY Name LIMIT 1|Bluebird Media",
          "SELECT Name FROM Invoice__c WHERE Amount__c = 1200.5 AND Paid__c = false|INV-0001",
        })
    void queryWhenRunThenFindsRows(String query, String names) throws Exception {
      JsonNode answer = json(query(query));

      assertThat(answer.path("records"))
          .extracting(row -> row.path("Name").asString())
          .isEqualTo(names == null ? List.of() : List.of(names.split(",")));
    }

    @Test
    void queryWhenItWalksThenAnswersNestedRecords() throws Exception {
      JsonNode row =
          json(query(
                  "SELECT Name, Owner.Email, Owner.Manager.Name, (SELECT LastName FROM Contacts ORDER BY LastName)"
                      + " FROM Account WHERE Id = '"
                      + NORTHWIND
                      + "'"))
              .path("records")
              .path(0);

      assertThat(row.path("Owner").path("Email").asString()).isEqualTo("ivo.reed@acme.example");
      assertThat(row.path("Owner").path("Manager").path("Name").asString()).isEqualTo("Mara Stone");
      assertThat(row.path("Contacts").path("records"))
          .extracting(child -> child.path("LastName").asString())
          .containsExactly("Berg", "Cole");
    }

    @Test
    void queryWhenTypeOfThenEachObjectHasItsFields() throws Exception {
      JsonNode rows =
          json(query(
                  "SELECT TYPEOF Who WHEN Contact THEN Title WHEN Lead THEN Company END FROM Task ORDER BY Subject"))
              .path("records");

      assertThat(rows.path(0).path("Who").path("Title").asString()).isEqualTo("Buyer");
      assertThat(rows.path(1).path("Who").path("Company").asString()).isEqualTo("Vik Shipping");
    }

    @Test
    void queryWhenAggregateThenGroups() throws Exception {
      JsonNode groups =
          json(query(
                  "SELECT Industry, COUNT(Id) n, SUM(AnnualRevenue) FROM Account GROUP BY Industry"
                      + " HAVING COUNT(Id) > 1"))
              .path("records");
      JsonNode count = json(query("SELECT COUNT() FROM Contact"));

      assertThat(groups).hasSize(1);
      assertThat(groups.path(0).path("n").asInt()).isEqualTo(2);
      assertThat(groups.path(0).path("expr0").asInt()).isEqualTo(6_200_000);
      assertThat(count.path("totalSize").asInt()).isEqualTo(3);
      assertThat(count.path("records")).isEmpty();
    }

    @Test
    void queryWhenAllFieldsThenTheyAreThere() throws Exception {
      JsonNode row =
          json(query("SELECT FIELDS(ALL) FROM Attachment LIMIT 200")).path("records").path(0);

      assertThat(row.path("Name").asString()).isEqualTo("meter.txt");
      assertThat(row.path("Body").asString()).endsWith("/00P000000000001AAA/Body");
    }

    @Test
    void queryWhenLongThenPagesByLocatorOfWhoeverKnowsIt() throws Exception {
      org.pageSize(2);
      JsonNode first = json(query("SELECT Id FROM Contact"));
      String next = first.path("nextRecordsUrl").asString();
      String other = "Bearer " + token(Map.of("grant_type", "client_credentials"));

      JsonNode second = json(client.get(next, "Authorization", other));

      assertThat(first.path("done").asBoolean()).isFalse();
      assertThat(first.path("totalSize").asInt()).isEqualTo(3);
      assertThat(next).matches("/services/data/v66.0/query/01g[A-Za-z0-9]{15}-2");
      assertThat(second.path("records")).hasSize(1);
      assertThat(second.path("done").asBoolean()).isTrue();
      org.forgetLocators();
      assertThat(code(get(next))).isEqualTo("400 INVALID_QUERY_LOCATOR");
    }

    @Test
    void queryAllWhenRowsWereDeletedThenShowsThem() throws Exception {
      send("DELETE", DATA + "/sobjects/Contact/003000000000003AAA", "");

      assertThat(json(query("SELECT Id FROM Contact")).path("totalSize").asInt()).isEqualTo(2);
      assertThat(
              json(get(DATA + "/queryAll/?q=" + encode("SELECT Id FROM Contact")))
                  .path("totalSize")
                  .asInt())
          .isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "SELECT Id FROM",
          "SELECT Id FROM Account WHERE Name",
          "SELECT Nope FROM Account",
          "SELECT Id FROM Nope",
          "SELECT Id, Nope.Name FROM Account",
          "SELECT Id, (SELECT Id FROM Nope) FROM Account",
          "SELECT Id FROM Account; DROP",
        })
    void queryWhenWrongThenVendorError(String query) throws Exception {
      HttpResponse<String> answer = query(query);

      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(json(answer).path(0).path("errorCode").asString())
          .isIn("MALFORMED_QUERY", "INVALID_FIELD", "INVALID_TYPE");
    }

    @Test
    void searchWhenRunThenFindsAcrossObjects() throws Exception {
      JsonNode found =
          json(get(
                  DATA
                      + "/search?q="
                      + encode(
                          "FIND {northwind} IN ALL FIELDS RETURNING Account(Id, Name WHERE Industry = 'Energy'),"
                              + " Contact(Email)")))
              .path("searchRecords");

      assertThat(found).hasSize(4);
      assertThat(found.path(0).path("Name").asString()).isEqualTo("Northwind Energy");
    }

    @Test
    void touchesWhenAQueryWalksThenNameWhatItReallyRead() throws Exception {
      query("SELECT Id FROM Contact WHERE Account.Owner.Email = 'x'");

      assertThat(org.touches())
          .contains(
              new Touch("sobject", "Contact", Action.READ, "Account"),
              new Touch("sobject", "Account", Action.READ, "Owner"),
              new Touch("sobject", "User", Action.READ, "Email"));
    }

    private HttpResponse<String> query(String query) throws Exception {
      return get(DATA + "/query?q=" + encode(query));
    }
  }

  @Nested
  class Compound {
    @Test
    void compositeWhenPartsReferThenEachIsCarriedOut() throws Exception {
      JsonNode parts =
          json(send(
                  "POST",
                  DATA + "/composite",
                  """
                      {"compositeRequest":[
                        {"method":"POST","url":"/services/data/v66.0/sobjects/Account","referenceId":"a","body":{"Name":"Acme"}},
                        {"method":"POST","url":"/services/data/v66.0/sobjects/Contact","referenceId":"c","body":{"LastName":"Doe","AccountId":"@{a.id}"}},
                        {"method":"GET","url":"/services/data/v66.0/query?q=SELECT+Name+FROM+Account+WHERE+Id='@{a.id}'","referenceId":"q"},
                        {"method":"GET","url":"/services/data/v66.0/sobjects/User/@{c.nope}","referenceId":"u"}]}
                      """))
              .path("compositeResponse");

      assertThat(parts)
          .extracting(part -> part.path("httpStatusCode").asInt())
          .containsExactly(201, 201, 200, 400);
      assertThat(parts.path(2).path("body").path("records").path(0).path("Name").asString())
          .isEqualTo("Acme");
      assertThat(parts.path(0).path("httpHeaders").path("Location").asString())
          .contains("/Account/");
      assertThat(org.rows("Contact")).hasSize(4);
    }

    @Test
    void compositeWhenAReferenceIsPartOfAnObjectsNameThenItIsFilledInThere() throws Exception {
      send(
          "POST",
          DATA + "/composite",
          """
          {"compositeRequest":[
            {"method":"GET","url":"/services/data/v66.0/query?q=SELECT+Id+FROM+User+LIMIT+1","referenceId":"q"},
            {"method":"GET","url":"/services/data/v66.0/sobjects/@{q.records[0].attributes.type}/@{q.records[0].Id}","referenceId":"u"}]}
          """);

      assertThat(org.touches()).contains(new Touch("sobject", "User", Action.READ, "Email"));
    }

    @Test
    void compositeWhenAllOrNoneAndOneFailsThenNothingStays() throws Exception {
      JsonNode parts =
          json(send(
                  "POST",
                  DATA + "/composite",
                  """
                      {"allOrNone":true,"compositeRequest":[
                        {"method":"DELETE","url":"/services/data/v66.0/sobjects/Contact/003000000000001AAA","referenceId":"d"},
                        {"method":"GET","url":"/services/data/v66.0/sobjects/Account/001000000000099AAA","referenceId":"g"}]}
                      """))
              .path("compositeResponse");

      assertThat(parts)
          .extracting(part -> part.path("httpStatusCode").asInt())
          .containsExactly(400, 404);
      assertThat(org.row("003000000000001AAA")).isPresent();
    }

    @Test
    void compositeWhenTheSessionEndsInsideThenTheRestSaysSo() throws Exception {
      org.expireInsideNextCompound(1);
      JsonNode parts =
          json(send(
                  "POST",
                  DATA + "/composite",
                  """
                      {"compositeRequest":[
                        {"method":"GET","url":"/services/data/v66.0/limits","referenceId":"a"},
                        {"method":"GET","url":"/services/data/v66.0/limits","referenceId":"b"}]}
                      """))
              .path("compositeResponse");

      assertThat(parts)
          .extracting(part -> part.path("httpStatusCode").asInt())
          .containsExactly(200, 401);
      assertThat(get(DATA + "/limits").statusCode()).isEqualTo(401);
    }

    @Test
    void batchWhenRunThenAnswersEachPart() throws Exception {
      JsonNode answer =
          json(
              send(
                  "POST",
                  DATA + "/composite/batch",
                  """
                  {"batchRequests":[
                    {"method":"PATCH","url":"v66.0/sobjects/account/001000000000001AAA","richInput":{"Name":"Renamed"}},
                    {"method":"GET","url":"v66.0/sobjects/Nope/1"}]}
                  """));

      assertThat(answer.path("hasErrors").asBoolean()).isTrue();
      assertThat(answer.path("results"))
          .extracting(part -> part.path("statusCode").asInt())
          .containsExactly(204, 404);
      assertThat(org.row(NORTHWIND).orElseThrow().get("Name").asString()).isEqualTo("Renamed");
    }

    @Test
    void graphWhenOneFailsThenTheOthersStay() throws Exception {
      JsonNode graphs =
          json(send(
                  "POST",
                  DATA + "/composite/graph",
                  """
                      {"graphs":[
                        {"graphId":"good","compositeRequest":[
                          {"method":"POST","url":"/services/data/v66.0/sobjects/Account","referenceId":"a","body":{"Name":"Acme"}}]},
                        {"graphId":"bad","compositeRequest":[
                          {"method":"POST","url":"/services/data/v66.0/sobjects/Account","referenceId":"a","body":{"Name":"Gone"}},
                          {"method":"POST","url":"/services/data/v66.0/sobjects/Account","referenceId":"b","body":{}}]}]}
                      """))
              .path("graphs");

      assertThat(graphs)
          .extracting(graph -> graph.path("isSuccessful").asBoolean())
          .containsExactly(true, false);
      assertThat(org.rows("Account"))
          .extracting(row -> row.get("Name").asString())
          .contains("Acme")
          .doesNotContain("Gone");
    }

    @Test
    void treeWhenNestedThenChildrenAreOfTheObjectThatTheyName() throws Exception {
      JsonNode answer =
          json(
              send(
                  "POST",
                  DATA + "/composite/tree/Account",
                  """
                  {"records":[{"attributes":{"type":"Account","referenceId":"a"},"Name":"Tree",
                    "Contacts":{"records":[{"attributes":{"type":"Contact","referenceId":"c"},"LastName":"Leaf"}]}}]}
                  """));

      assertThat(answer.path("results"))
          .extracting(each -> each.path("referenceId").asString())
          .containsExactly("a", "c");
      assertThat(
              org.row(answer.path("results").path(1).path("id").asString())
                  .orElseThrow()
                  .get("AccountId"))
          .isEqualTo(answer.path("results").path(0).path("id"));
    }

    @Test
    void collectionsWhenMixedThenEveryRecordCounts() throws Exception {
      JsonNode created =
          json(
              send(
                  "POST",
                  DATA + "/composite/sobjects",
                  """
                  {"records":[{"attributes":{"type":"Account"},"Name":"Mixed"},
                    {"attributes":{"type":"User"},"LastName":"New","Username":"new@acme.example"},
                    {"attributes":{"type":"Contact"},"FirstName":"NoLastName"}]}
                  """));
      String account = created.path(0).path("id").asString();
      JsonNode updated =
          json(
              send(
                  "PATCH",
                  DATA + "/composite/sobjects",
                  "{\"records\":[{\"attributes\":{\"type\":\"Account\"},\"id\":\""
                      + account
                      + "\",\"Phone\":\"9\"}]}"));
      JsonNode read = json(get(DATA + "/composite/sobjects/Account?fields=Phone&ids=" + account));
      JsonNode deleted =
          json(
              send(
                  "DELETE",
                  DATA + "/composite/sobjects?ids=" + account + ",003000000000001AAA",
                  ""));

      assertThat(created)
          .extracting(each -> each.path("success").asBoolean())
          .containsExactly(true, true, false);
      assertThat(updated.path(0).path("success").asBoolean()).isTrue();
      assertThat(read.path(0).path("Phone").asString()).isEqualTo("9");
      assertThat(deleted).hasSize(2);
      assertThat(org.row("003000000000001AAA")).isEmpty();
    }

    @Test
    void collectionsWhenAllOrNoneThenNothingStays() throws Exception {
      JsonNode created =
          json(
              send(
                  "POST",
                  DATA + "/composite/sobjects",
                  """
                  {"allOrNone":true,"records":[{"attributes":{"type":"Account"},"Name":"Mixed"},
                    {"attributes":{"type":"Contact"},"FirstName":"NoLastName"}]}
                  """));

      assertThat(created.path(0).path("errors").path(0).path("statusCode").asString())
          .isEqualTo("ALL_OR_NONE_OPERATION_ROLLED_BACK");
      assertThat(org.rows("Account")).hasSize(3);
    }

    @Test
    void collectionsWhenUpsertedByKeyThenCreatedOrUpdated() throws Exception {
      JsonNode answer =
          json(
              send(
                  "PATCH",
                  DATA + "/composite/sobjects/Account/ExternalKey__c",
                  """
                  {"records":[{"attributes":{"type":"Account"},"ExternalKey__c":"NW-1","Phone":"5"},
                    {"attributes":{"type":"Account"},"ExternalKey__c":"ZZ","Name":"Zed"}]}
                  """));

      assertThat(answer)
          .extracting(each -> each.path("created").asBoolean())
          .containsExactly(false, true);
    }
  }

  @Nested
  class Bulk {
    @Test
    void ingestWhenUploadedThenRowsChangeAndResultsAreCsv() throws Exception {
      JsonNode job =
          json(
              send(
                  "POST",
                  DATA + "/jobs/ingest",
                  "{\"object\":\"Account\",\"operation\":\"insert\",\"contentType\":\"CSV\"}"));
      String url = "/" + job.path("contentUrl").asString();
      String path = DATA + "/jobs/ingest/" + job.path("id").asString();
      send(
          client
              .request(url, "Authorization", bearer, "Content-Type", "text/csv")
              .PUT(HttpRequest.BodyPublishers.ofString("Name,Phone\n\"Bulk, one\",1\n,2\n"))
              .build());
      JsonNode done = json(send("PATCH", path, "{\"state\":\"UploadComplete\"}"));

      assertThat(done.path("state").asString()).isEqualTo("JobComplete");
      assertThat(done.path("numberRecordsFailed").asInt()).isEqualTo(1);
      assertThat(get(path + "/successfulResults").body())
          .contains("\"Bulk, one\"")
          .contains("true");
      assertThat(get(path + "/failedResults").body()).contains("REQUIRED_FIELD_MISSING");
      assertThat(org.rows("Account"))
          .extracting(row -> row.get("Name").asString())
          .contains("Bulk, one");
    }

    @Test
    void queryWhenPagedThenLocatorLeadsOn() throws Exception {
      JsonNode job =
          json(
              send(
                  "POST",
                  DATA + "/jobs/query",
                  "{\"operation\":\"query\",\"query\":\"SELECT Id, Owner.Name FROM Contact\"}"));
      String path = DATA + "/jobs/query/" + job.path("id").asString();

      HttpResponse<String> first = get(path + "/results?maxRecords=2");
      HttpResponse<String> second = get(path + "/results?maxRecords=2&locator=2");

      assertThat(json(get(path)).path("state").asString()).isEqualTo("JobComplete");
      assertThat(first.body().lines()).hasSize(3).first().isEqualTo("Id,Owner.Name");
      assertThat(first.headers().firstValue("Sforce-Locator")).contains("2");
      assertThat(second.headers().firstValue("Sforce-Locator")).contains("null");
    }
  }

  @Nested
  class Elsewhere {
    @Test
    void graphQlWhenQueriedThenAnswersEdges() throws Exception {
      JsonNode answer =
          json(
              graphQl(
                  "query q($i: String) { uiapi { query { Account(where: {Industry: {eq: $i}}, orderBy: {Name: {order: DESC}})"
                      + " { edges { node { Id ...N Owner { Email { value } } Contacts { edges { node { Title { value } } } } } }"
                      + " totalCount } } } } fragment N on Account { Name { value } }",
                  "{\"i\":\"Energy\"}"));

      JsonNode account = answer.path("data").path("uiapi").path("query").path("Account");
      assertThat(account.path("totalCount").asInt()).isEqualTo(2);
      JsonNode node = account.path("edges").path(1).path("node");
      assertThat(node.path("Name").path("value").asString()).isEqualTo("Northwind Energy");
      assertThat(node.path("Owner").path("Email").path("value").asString())
          .isEqualTo("ivo.reed@acme.example");
      assertThat(node.path("Contacts").path("edges")).hasSize(2);
      assertThat(answer.path("errors")).isEmpty();
    }

    @Test
    void graphQlWhenMutatedThenRecordsChange() throws Exception {
      graphQl(
          "mutation { uiapi { AccountUpdate(input: {Id: \""
              + NORTHWIND
              + "\", Account: {Name: \"G\"}}) { success } ContactDelete(input: {Id: \"003000000000001AAA\"}) { Id } } }",
          "{}");

      assertThat(org.row(NORTHWIND).orElseThrow().get("Name").asString()).isEqualTo("G");
      assertThat(org.row("003000000000001AAA")).isEmpty();
    }

    private HttpResponse<String> graphQl(String query, String variables) throws Exception {
      return send(
          "POST",
          DATA + "/graphql",
          "{\"query\":\"" + query.replace("\"", "\\\"") + "\",\"variables\":" + variables + "}");
    }

    @Test
    void uiApiWhenRecordIsReadThenItsObjectIsInTheAnswerOnly() throws Exception {
      JsonNode answer = json(get(DATA + "/ui-api/records/" + NORTHWIND + "?fields=Account.Name"));

      assertThat(answer.path("apiName").asString()).isEqualTo("Account");
      assertThat(answer.path("fields").path("Name").path("value").asString())
          .isEqualTo("Northwind Energy");
    }

    @Test
    void codeWhenCalledThenItIsNoted() throws Exception {
      get(
          DATA
              + "/tooling/executeAnonymous?anonymousBody="
              + encode("delete [SELECT Id FROM Account];"));
      send("POST", DATA + "/actions/custom/flow/Escalate", "{\"inputs\":[{}]}");
      send("POST", "/services/apexrest/cases/escalate", "{}");

      assertThat(org.touches())
          .contains(
              new Touch("apex", "anonymous", Action.EXECUTE, ""),
              new Touch("action", "custom.flow.escalate", Action.EXECUTE, ""),
              new Touch("apexrest", "cases.escalate", Action.EXECUTE, ""));
    }

    @Test
    void limitsWhenUsedUpThenNoMoreCalls() throws Exception {
      HttpResponse<String> first = get(DATA + "/limits");
      org.dailyLimit(1);

      HttpResponse<String> second = get(DATA + "/limits");

      assertThat(first.headers().firstValue("Sforce-Limit-Info")).contains("api-usage=1/15000");
      assertThat(code(second)).isEqualTo("403 REQUEST_LIMIT_EXCEEDED");
    }

    @Test
    void discoveryWhenAskedThenPathsAreRelative() throws Exception {
      assertThat(json(get("/services/data")).path(0).path("url").asString())
          .startsWith("/services/data/v");
      assertThat(json(get(DATA)).path("sobjects").asString()).isEqualTo(DATA + "/sobjects");
    }
  }

  @ParameterizedTest
  @EnumSource
  void onceWhenArmedThenTheNextRequestRunsIntoItAndTheOneAfterDoesNot(Situation situation)
      throws Exception {
    HttpRequest request =
        switch (situation) {
          case TOKEN_INVALID_CLIENT,
              TOKEN_INVALID_GRANT,
              TOKEN_FOREIGN_INSTANCE,
              TOKEN_UNAVAILABLE ->
              HttpRequest.newBuilder(org.tokenEndpoint())
                  .header("Content-Type", "application/x-www-form-urlencoded")
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "grant_type=client_credentials&client_id="
                              + encode(org.clientId())
                              + "&client_secret="
                              + encode(org.clientSecret())))
                  .build();
          case COMPOSITE_SESSION_EXPIRED ->
              client
                  .request(DATA + "/composite", "Authorization", bearer)
                  .POST(HttpRequest.BodyPublishers.ofString("{\"compositeRequest\":[]}"))
                  .build();
          default ->
              client
                  .request(
                      DATA + "/query?q=" + encode("SELECT Id FROM Lead WHERE Name='x'"),
                      "Authorization",
                      bearer)
                  .build();
        };
    String normal = send(request).body();

    org.once(situation);

    String outcome = client.outcome(org, request);
    assertThat(outcome).isNotEqualTo("200 " + normal);
    if (situation == Situation.TOKEN_FOREIGN_INSTANCE) {
      assertThat(outcome).contains("elsewhere.example");
    }
    assertThat(send(request).statusCode()).isEqualTo(200);
  }

  @Test
  void requestsWhenAskedThenTokenCallsAreToldApart() throws Exception {
    get(DATA + "/limits");

    assertThat(org.requests())
        .extracting(Object::toString)
        .containsExactly("POST /services/oauth2/token", "GET /services/data/v66.0/limits");
    assertThat(org.apiRequests()).hasSize(1);
    assertThat(org.saw(bearer)).isTrue();
  }

  private void advance(Duration duration) {
    now.updateAndGet(instant -> instant.plus(duration));
  }

  private HttpResponse<String> grant(Map<String, String> fields) throws Exception {
    Map<String, String> form =
        new HashMap<>(Map.of("client_id", org.clientId(), "client_secret", org.clientSecret()));
    form.putAll(fields);
    return client.form(org.tokenEndpoint(), form);
  }

  private String token(Map<String, String> fields) throws Exception {
    return json(grant(fields)).path("access_token").asString();
  }

  private HttpResponse<String> get(String target) throws Exception {
    return client.get(target, "Authorization", bearer);
  }

  private HttpResponse<String> send(String method, String target, String body) throws Exception {
    return client.send(method, target, body, "Authorization", bearer);
  }

  private HttpResponse<String> send(HttpRequest request) throws Exception {
    return client.send(request);
  }

  private static String code(HttpResponse<String> answer) {
    return answer.statusCode() + " " + json(answer).path(0).path("errorCode").asString();
  }
}
