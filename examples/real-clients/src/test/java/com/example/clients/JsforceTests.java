// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** npm {@code jsforce}: Bearer; Bulk API 1.0 and SOAP send the token in other places. */
@Client("jsforce")
final class JsforceTests {
  private static final String AGENT = "jsforce";
  private static final String NORTHWIND = "001000000000001AAA";
  private static final String BLUEBIRD = "001000000000002AAA";
  private static final String[] EVERYTHING = {
    "salesforce:sobject/account:*",
    "salesforce:relationship/account.contacts:read",
    "salesforce:describe/account:read",
    "salesforce:api/*:read"
  };

  private static Stage stage;
  private static NodeClient client;

  @BeforeAll
  static void start(Stage set) {
    stage = set;
    client = stage.node("jsforce", stage.at("salesforce"), stage.token(AGENT, EVERYTHING));
  }

  @AfterAll
  static void stop() {
    client.close();
  }

  @Test
  void queryWhenItReachesChildrenThenTheyCome() {
    JsonNode accounts =
        client.call(
            "query",
            "SELECT Name, (SELECT LastName FROM Contacts) FROM Account WHERE Id = '"
                + NORTHWIND
                + "'");

    JsonNode account = accounts.get("records").get(0);
    assertThat(account.get("Name").asString()).isEqualTo("Northwind Energy");
    assertThat(account.get("Contacts").get("records").findValuesAsString("LastName"))
        .containsExactlyInAnyOrder("Cole", "Berg");
  }

  @Test
  void queryWhenThereAreMorePagesThenEveryLinkLeadsToTheGateway() {
    stage.salesforce.pageSize(2);
    try {
      JsonNode first = client.call("query", "SELECT Id, Name FROM Account ORDER BY Name");
      String more = first.get("nextRecordsUrl").asString();
      JsonNode second = client.call("queryMore", more);

      assertThat(more).startsWith(stage.at("salesforce") + "/services/data/");
      assertThat(first.get("records")).hasSize(2);
      assertThat(second.get("records").get(0).get("Name").asString())
          .isNotIn(first.get("records").findValuesAsString("Name"));
      assertThat(stage.salesforce.apiRequests())
          .anyMatch(request -> request.path().contains("/query/01g"));
    } finally {
      stage.salesforce.pageSize(2000);
    }
  }

  @Test
  void recordWhenItIsCreatedChangedAndDeletedThenTheOrgFollows() {
    String id =
        client.call("create", "Account", Map.of("Name", "Lakeside Mills")).get("id").asString();
    client.call("update", "Account", Map.of("Id", id, "Industry", "Textiles"));
    client.call(
        "upsert", "Account", Map.of("ExternalKey__c", "NW-1", "Phone", "1"), "ExternalKey__c");

    assertThat(client.call("retrieve", "Account", id).get("Industry").asString())
        .isEqualTo("Textiles");
    assertThat(stage.salesforce.row(NORTHWIND).orElseThrow().get("Phone").asString())
        .isEqualTo("1");
    client.call("destroy", "Account", id);
    assertThat(stage.salesforce.row(id)).isEmpty();
  }

  @Test
  void collectionWhenItIsCreatedChangedAndDeletedThenTheOrgFollows() {
    JsonNode created =
        client.call("create", "Account", List.of(Map.of("Name", "One"), Map.of("Name", "Two")));
    List<String> ids = created.findValuesAsString("id");
    client.call(
        "update",
        "Account",
        ids.stream().map(id -> Map.of("Id", id, "Industry", "Mining")).toList());

    assertThat(client.call("retrieve", "Account", ids).findValuesAsString("Industry"))
        .containsExactly("Mining", "Mining");
    client.call("destroy", "Account", ids);
    assertThat(ids).hasSize(2).allSatisfy(id -> assertThat(stage.salesforce.row(id)).isEmpty());
  }

  @Test
  void compositeWhenEveryPartIsGrantedThenAllAreCarriedOut() {
    JsonNode answer =
        client.call(
            "post",
            "/composite",
            Map.of(
                "compositeRequest",
                List.of(
                    part("GET", "read", "sobjects/Account/" + BLUEBIRD + "?fields=Name"),
                    part("GET", "limits", "limits"))));

    assertThat(answer.get("compositeResponse").findValuesAsString("httpStatusCode"))
        .containsExactly("200", "200");
  }

  @Test
  void compositeWhenOnePartIsNotGrantedThenTheMessageNamesItAndNothingIsDone() {
    NodeClient.Thrown thrown =
        client.fails(
            "post",
            "/composite",
            Map.of(
                "compositeRequest",
                List.of(
                    part("GET", "account", "sobjects/Account/" + BLUEBIRD + "?fields=Name"),
                    part("DELETE", "contact", "sobjects/Contact/003000000000001AAA"))));

    assertThat(thrown.name()).isEqualTo("SCOPE_NOT_GRANTED");
    assertThat(thrown.message()).contains("salesforce:sobject/contact:delete", "contact");
    assertThat(stage.salesforce.apiRequests()).isEmpty();
  }

  private static Map<String, String> part(String method, String reference, String path) {
    return Map.of(
        "method", method, "referenceId", reference, "url", "/services/data/v50.0/" + path);
  }

  @Test
  void searchWhenItNamesAnObjectThenItFinds() {
    JsonNode found =
        client.call("search", "FIND {Northwind} IN ALL FIELDS RETURNING Account(Id, Name)");

    assertThat(found.get("searchRecords").findValuesAsString("Name"))
        .contains("Northwind Energy", "Northwind Solar");
  }

  @Test
  void graphQlWhenItsObjectIsGrantedThenTheRecordsComeAndOthersDoNot() {
    JsonNode answer = client.call("post", "/graphql", graphQl("Account", "Name"));
    NodeClient.Thrown thrown = client.fails("post", "/graphql", graphQl("Contact", "Email"));

    assertThat(answer.get("data").toString()).contains("Bluebird Media");
    assertThat(thrown.message()).contains("salesforce:sobject/contact:read");
  }

  private static Map<String, String> graphQl(String object, String field) {
    return Map.of(
        "query",
        "query { uiapi { query { %s { edges { node { %s { value } } } } } } }"
            .formatted(object, field));
  }

  @Test
  void describeWhenGrantedThenObjectsAndLimitsCome() {
    assertThat(client.call("describe", "Account").get("name").asString()).isEqualTo("Account");
    assertThat(client.call("describeGlobal").get("sobjects").findValuesAsString("name"))
        .contains("Account", "Contact");
    assertThat(client.call("limits").get("info").get("apiUsage").get("limit").asInt()).isPositive();
  }

  @Test
  void bulkWhenMountedAtTheRootThenRecordsGoInAndComeOut() {
    try (NodeClient bulk =
        stage.node(
            "jsforce",
            stage.root(),
            stage.token(
                AGENT, "bulk:sobject/account:*", "bulk:relationship/account.lookups:read"))) {
      JsonNode results =
          bulk.call(
              "bulkInsert",
              "Account",
              List.of(Map.of("Name", "Bulk One"), Map.of("Name", "Bulk Two")));
      JsonNode found = bulk.call("bulkQuery", "SELECT Name FROM Account WHERE Name LIKE 'Bulk%'");

      assertThat(results.get("successfulResults")).hasSize(2);
      assertThat(found.findValuesAsString("Name")).contains("Bulk One", "Bulk Two");
    }
  }

  @Test
  void queryWhenAnotherObjectThenTheErrorNamesTheScope() {
    NodeClient.Thrown thrown = client.fails("query", "SELECT Email FROM Contact");

    assertThat(thrown.name()).isEqualTo("SCOPE_NOT_GRANTED");
    assertThat(thrown.message()).contains("salesforce:sobject/contact:read");
    assertThat(stage.salesforce.apiRequests()).isEmpty();
  }

  @Test
  void callWhenItRunsCodeThenTheErrorSaysSo() {
    assertThat(client.fails("executeAnonymous", "System.debug(1);"))
        .satisfies(
            thrown -> {
              assertThat(thrown.name()).isEqualTo("OPERATION_FORBIDDEN");
              assertThat(thrown.message()).contains("Tooling API");
            });
    assertThat(client.fails("apexRest", "/cases/escalate").message()).contains("apexRestPaths");
    assertThat(stage.salesforce.apiRequests()).isEmpty();
  }

  @Test
  void bulk1WhenTheTokenIsNotInAuthorizationThenItIsMissed() {
    assertThat(client.fails("bulk1", "Account", List.of(Map.of("Name", "x"))).message())
        .contains("TOKEN_MISSING");
    assertThat(stage.salesforce.apiRequests()).isEmpty();
  }

  @Test
  void queryWhenTheIssuerDemandsProofThenTheErrorSaysSo() {
    try (NodeClient unproven =
        stage.node("jsforce", stage.at("salesforce"), stage.unprovenToken(AGENT, EVERYTHING))) {
      NodeClient.Thrown thrown = unproven.fails("query", "SELECT Id FROM Account");

      assertThat(thrown.name()).isEqualTo("TOKEN_UNBOUND");
      assertThat(thrown.message()).contains("issuers.proof demands (dpop)");
    }
    assertThat(stage.salesforce.apiRequests()).isEmpty();
  }

  @Test
  void queryWhenTheSessionEndedThenNothingIsNoticed() throws Exception {
    String token = stage.token(AGENT, "jsforce-renewed:sobject/account:read");
    int issued = stage.salesforceRenewed.tokensIssued();
    try (NodeClient renewed = stage.node("jsforce", stage.at("jsforce-renewed"), token)) {
      stage.awaitRenewable();
      stage.salesforceRenewed.expireTokens();

      assertThat(renewed.call("queryRefreshing", "SELECT Id FROM Account").get("records"))
          .hasSize(3);
      assertThat(renewed.call("refreshes").asInt()).isZero();
    }
    assertThat(stage.salesforceRenewed.tokensIssued()).isEqualTo(issued + 1);
  }

  @Test
  void queryWhenTheOrgSetsCookiesThenNoneArrives() {
    client.call("query", "SELECT Id FROM Account");

    assertThat(client.call("cookies")).isEmpty();
  }

  @Test
  void queryWhenTheAgentIsInASandboxThenItWorksAsOutside() {
    try (NodeClient confined =
        stage.nodeInSandbox("jsforce", stage.at("salesforce"), stage.token(AGENT, EVERYTHING))) {
      JsonNode accounts =
          confined.call("query", "SELECT Name FROM Account WHERE Id = '" + NORTHWIND + "'");

      assertThat(accounts.get("records").findValuesAsString("Name"))
          .containsExactly("Northwind Energy");
    }
  }

  /** Straight to the org, past the gateway: nobody there hears of it. */
  @Test
  void queryWhenTheAgentInASandboxGoesPastTheGatewayThenTheKernelDeniesIt() {
    try (NodeClient confined =
        stage.nodeInSandbox("jsforce", stage.salesforce.origin(), stage.token(AGENT, EVERYTHING))) {
      NodeClient.Thrown thrown = confined.fails("query", "SELECT Name FROM Account");

      assertThat(thrown.message()).contains("EPERM");
    }
    assertThat(stage.salesforce.requests()).isEmpty();
  }
}
