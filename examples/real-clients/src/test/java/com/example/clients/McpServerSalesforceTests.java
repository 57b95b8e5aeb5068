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

/** npm {@code @tsmztech/mcp-server-salesforce}: an MCP server that offers Salesforce as tools. */
@Client("mcp-server-salesforce")
final class McpServerSalesforceTests {
  private static final String AGENT = "mcp-server-salesforce";
  private static final String[] EVERYTHING = {
    "salesforce:sobject/account:*", "salesforce:describe/account:read", "salesforce:api/*:read"
  };

  private static Stage stage;
  private static NodeClient client;

  @BeforeAll
  static void start(Stage set) {
    stage = set;
    client =
        stage.node("mcp-server-salesforce", stage.at("salesforce"), stage.token(AGENT, EVERYTHING));
  }

  @AfterAll
  static void stop() {
    client.close();
  }

  @Test
  void queryWhenGrantedThenTheRecordsCome() {
    JsonNode answer = query("Account", "Name");

    assertThat(answer.get("isError").asBoolean()).isFalse();
    assertThat(answer.get("text").asString()).contains("Northwind Energy", "Bluebird Media");
  }

  @Test
  void recordWhenItIsCreatedChangedAndDeletedThenTheOrgFollows() {
    change("insert", Map.of("Name", "Mountain Rail", "ExternalKey__c", "MR-1"));
    String id = id("MR-1");
    change("update", Map.of("Id", id, "Industry", "Transportation"));

    assertThat(stage.salesforce.row(id).orElseThrow().get("Industry").asString())
        .isEqualTo("Transportation");
    change("delete", Map.of("Id", id));
    assertThat(stage.salesforce.row(id)).isEmpty();
  }

  @Test
  void describeWhenGrantedThenTheFieldsCome() {
    JsonNode answer =
        client.call("call", "salesforce_describe_object", Map.of("objectName", "Account"));

    assertThat(answer.get("text").asString()).contains("Industry");
  }

  @Test
  void queryWhenAnotherObjectThenTheToolsAnswerNamesTheScope() {
    JsonNode answer = query("Contact", "Email");

    assertThat(answer.get("isError").asBoolean()).isTrue();
    assertThat(answer.get("text").asString()).contains("salesforce:sobject/contact:read");
    assertThat(stage.salesforce.apiRequests()).isEmpty();
  }

  @Test
  void executeAnonymousWhenItIsCalledThenNoCodeRuns() {
    JsonNode answer =
        client.call(
            "call",
            "salesforce_execute_anonymous",
            Map.of("apexCode", "delete [SELECT Id FROM Account];"));

    assertThat(answer.get("isError").asBoolean()).isTrue();
    assertThat(answer.get("text").asString()).contains("Tooling API");
    assertThat(stage.salesforce.apiRequests()).isEmpty();
  }

  @Test
  void queryWhenTheIssuerDemandsProofThenTheToolsAnswerSaysSo() {
    try (NodeClient unproven =
        stage.node(
            "mcp-server-salesforce",
            stage.at("salesforce"),
            stage.unprovenToken(AGENT, EVERYTHING))) {
      JsonNode answer =
          unproven.call(
              "call",
              "salesforce_query_records",
              Map.of("objectName", "Account", "fields", List.of("Id")));

      assertThat(answer.get("text").asString()).contains("issuers.proof demands (dpop)");
    }
    assertThat(stage.salesforce.apiRequests()).isEmpty();
  }

  private static JsonNode query(String object, String field) {
    return client.call(
        "call", "salesforce_query_records", Map.of("objectName", object, "fields", List.of(field)));
  }

  private static void change(String operation, Map<String, String> row) {
    JsonNode answer =
        client.call(
            "call",
            "salesforce_dml_records",
            Map.of("operation", operation, "objectName", "Account", "records", List.of(row)));
    assertThat(answer.get("text").asString()).contains("Successful: 1");
  }

  private static String id(String key) {
    return stage.salesforce.rows("Account").stream()
        .filter(row -> row.containsKey("ExternalKey__c"))
        .filter(row -> row.get("ExternalKey__c").asString("").equals(key))
        .map(row -> row.get("Id").asString())
        .findFirst()
        .orElseThrow();
  }
}
