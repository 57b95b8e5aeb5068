// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.salesforce.AuthenticationType;
import org.apache.camel.component.salesforce.SalesforceComponent;
import org.apache.camel.component.salesforce.api.SalesforceException;
import org.apache.camel.impl.engine.SimpleCamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Maven {@code camel-salesforce}: logs in as an OAuth client, then Bearer; revokes when it stops.
 */
@Client("camel-salesforce")
final class CamelSalesforceTests {
  private static final String AGENT = "camel-salesforce";
  private static final String NORTHWIND = "001000000000001AAA";
  private static final String[] EVERYTHING = {
    "salesforce:sobject/account:*", "salesforce:describe/account:read", "salesforce:api/*:read"
  };

  private static final JsonMapper JSON = JsonMapper.shared();

  private static Stage stage;
  private static SimpleCamelContext camel;
  private static ProducerTemplate calls;

  @BeforeAll
  static void start(Stage set) {
    stage = set;
    camel = new SimpleCamelContext();
    camel.addComponent("salesforce", component("salesforce", stage.token(AGENT, EVERYTHING)));
    camel.addComponent(
        "renewed",
        component(
            "camel-salesforce-renewed",
            stage.token(AGENT, "camel-salesforce-renewed:sobject/account:read")));
    camel.start();
    calls = camel.createProducerTemplate();
  }

  /** The one thing that is configured differently: which host, and that the secret is the token. */
  private static SalesforceComponent component(String connector, String token) {
    SalesforceComponent component = new SalesforceComponent();
    component.setAuthenticationType(AuthenticationType.CLIENT_CREDENTIALS);
    component.setLoginUrl(stage.at(connector).toString());
    component.setClientId("camel");
    component.setClientSecret(token);
    return component;
  }

  @AfterAll
  static void stop() {
    camel.stop();
    assertThat(stage.salesforce.revocations()).isZero();
  }

  @Test
  void queryWhenGrantedThenTheRecordsCome() {
    JsonNode answer =
        call(
            "salesforce:query?rawPayload=true",
            "SELECT Name FROM Account WHERE Name LIKE 'North%'");

    assertThat(answer.get("records").findValuesAsString("Name"))
        .contains("Northwind Energy", "Northwind Solar");
  }

  /** The component puts its base URL, mount point included, in front of a link that has one. */
  @Test
  void queryWhenThereAreMorePagesThenEveryLinkLeadsToTheGateway() {
    stage.salesforce.pageSize(2);
    try {
      JsonNode first =
          call("salesforce:query?rawPayload=true", "SELECT Name FROM Account ORDER BY Name");
      String more = first.get("nextRecordsUrl").asString();
      JsonNode second = call("salesforce:queryMore?rawPayload=true", more);

      assertThat(more).startsWith("/salesforce/services/data/");
      assertThat(first.get("records")).hasSize(2);
      assertThat(second.get("records")).isNotEmpty();
    } finally {
      stage.salesforce.pageSize(2000);
    }
  }

  @Test
  void recordWhenItIsCreatedChangedAndDeletedThenTheOrgFollows() {
    String id =
        call(
                "salesforce:createSObject?rawPayload=true&sObjectName=Account",
                "{\"Name\":\"Harbour\"}")
            .get("id")
            .asString();
    String record = "rawPayload=true&sObjectName=Account&sObjectId=" + id;
    call("salesforce:updateSObject?" + record, "{\"Industry\":\"Shipping\"}");
    call(
        "salesforce:upsertSObject?rawPayload=true&sObjectName=Account"
            + "&sObjectIdName=ExternalKey__c&sObjectIdValue=NW-1",
        "{\"Phone\":\"3\"}");

    assertThat(call("salesforce:getSObject?" + record, null).get("Industry").asString())
        .isEqualTo("Shipping");
    assertThat(stage.salesforce.row(NORTHWIND).orElseThrow().get("Phone").asString())
        .isEqualTo("3");
    call("salesforce:deleteSObject?" + record, null);
    assertThat(stage.salesforce.row(id)).isEmpty();
  }

  @Test
  void describeWhenGrantedThenObjectsAndLimitsCome() {
    assertThat(
            call("salesforce:getDescription?rawPayload=true&sObjectName=Account", null)
                .get("name")
                .asString())
        .isEqualTo("Account");
    assertThat(call("salesforce:getGlobalObjects?rawPayload=true", null).get("sobjects"))
        .isNotEmpty();
    assertThat(call("salesforce:limits?rawPayload=true", null).isObject()).isTrue();
  }

  @Test
  void queryWhenAnotherObjectThenTheExceptionNamesTheScope() {
    Exchange denied = request("salesforce:query?rawPayload=true", "SELECT Email FROM Contact");

    assertThat(denied.getException())
        .isInstanceOf(SalesforceException.class)
        .hasMessageContaining("salesforce:sobject/contact:read");
    assertThat(stage.salesforce.apiRequests()).isEmpty();
  }

  @Test
  void startWhenTheIssuerDemandsProofThenTheLogInSaysSo() throws Exception {
    try (SimpleCamelContext unproven = new SimpleCamelContext()) {
      SalesforceComponent component =
          component("salesforce", stage.unprovenToken(AGENT, EVERYTHING));
      unproven.addComponent("salesforce", component);

      assertThatThrownBy(unproven::start).hasStackTraceContaining("issuers.proof demands (dpop)");
    }
    assertThat(stage.salesforce.requests()).isEmpty();
  }

  @Test
  void queryWhenTheSessionEndedThenNothingIsNoticed() throws Exception {
    int issued = stage.salesforceRenewed.tokensIssued();
    stage.awaitRenewable();
    stage.salesforceRenewed.expireTokens();

    assertThat(call("renewed:query?rawPayload=true", "SELECT Id FROM Account").get("records"))
        .hasSize(3);
    assertThat(stage.salesforceRenewed.tokensIssued()).isEqualTo(issued + 1);
  }

  @Test
  void queryWhenTheOrgSetsCookiesThenNoneArrives() {
    call("salesforce:query?rawPayload=true", "SELECT Id FROM Account");

    assertThat(
            camel
                .getComponent("salesforce", SalesforceComponent.class)
                .getHttpClient()
                .getHttpCookieStore()
                .all())
        .isEmpty();
  }

  private static JsonNode call(String endpoint, Object body) {
    Exchange exchange = request(endpoint, body);
    if (exchange.getException() != null) {
      throw new AssertionError(endpoint, exchange.getException());
    }
    byte[] answer = exchange.getMessage().getBody(byte[].class);
    return answer == null || answer.length == 0
        ? JSON.createObjectNode()
        : JSON.readTree(new String(answer, StandardCharsets.UTF_8));
  }

  private static Exchange request(String endpoint, Object body) {
    return calls.request(endpoint, exchange -> exchange.getMessage().setBody(body));
  }
}
