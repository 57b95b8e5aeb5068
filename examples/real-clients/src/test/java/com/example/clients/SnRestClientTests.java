// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** npm {@code sn-rest-client}: Bearer, absolute links in {@code Link}. */
@Client("sn-rest-client")
final class SnRestClientTests {
  private static final String AGENT = "sn-rest-client";
  private static final String INCIDENTS = "/api/now/table/incident";
  private static final String[] EVERYTHING = {
    "servicenow:table/incident:read",
    "servicenow:table/incident:create",
    "servicenow:table/incident:update",
    "servicenow:table/incident:delete"
  };

  private static Stage stage;
  private static NodeClient client;

  @BeforeAll
  static void start(Stage set) {
    stage = set;
    client = stage.node("sn-rest-client", stage.at("servicenow"), stage.token(AGENT, EVERYTHING));
  }

  @AfterAll
  static void stop() {
    client.close();
  }

  @Test
  void getWhenThereAreMorePagesThenEveryLinkLeadsToTheGateway() {
    JsonNode incidents =
        client.call(
            "get",
            INCIDENTS,
            Map.of(
                "sysparm_limit",
                "2",
                "sysparm_fields",
                "number",
                "sysparm_query",
                "ORDERBYnumber"));

    assertThat(incidents.findValuesAsString("number"))
        .startsWith("INC0010001", "INC0010002", "INC0010003", "INC0010004", "INC0010005");
    assertThat(stage.servicenow.apiRequests()).hasSizeGreaterThanOrEqualTo(3);
  }

  @Test
  void recordWhenItIsCreatedChangedAndDeletedThenTheInstanceFollows() {
    JsonNode created =
        client.call("post", INCIDENTS, Map.of("short_description", "Screen flickers"));
    String id = created.get(0).get("sys_id").asString();
    String record = INCIDENTS + "/" + id;

    client.call("patch", record, Map.of("work_notes", "cable replaced"));
    client.call("put", record, Map.of("state", "6"));

    assertThat(stage.servicenow.row("incident", id).orElseThrow())
        .containsEntry("short_description", "Screen flickers")
        .containsEntry("work_notes", "cable replaced")
        .containsEntry("state", "6");
    client.call("del", record);
    assertThat(stage.servicenow.row("incident", id)).isEmpty();
  }

  @Test
  void getWhenAnotherTableThenTheMessageNamesTheScope() {
    NodeClient.Thrown thrown = client.fails("get", "/api/now/table/sys_user", Map.of());

    assertThat(thrown.name()).isEqualTo("StatusCodeError");
    assertThat(thrown.message())
        .startsWith("403")
        .contains("SCOPE_NOT_GRANTED")
        .contains("servicenow:table/sys_user:read");
    assertThat(stage.servicenow.apiRequests()).isEmpty();
  }

  @Test
  void getWhenTheIssuerDemandsProofThenTheMessageSaysSo() {
    try (NodeClient unproven =
        stage.node(
            "sn-rest-client", stage.at("servicenow"), stage.unprovenToken(AGENT, EVERYTHING))) {
      NodeClient.Thrown thrown = unproven.fails("get", INCIDENTS, Map.of());

      assertThat(thrown.message()).startsWith("401").contains("TOKEN_UNBOUND");
    }
    assertThat(stage.servicenow.apiRequests()).isEmpty();
  }

  @Test
  void getWhenTheSessionEndedThenNothingIsNoticed() throws Exception {
    int issued = stage.servicenowRenewed.tokensIssued();
    String token = stage.token(AGENT, "sn-rest-client-renewed:table/incident:read");
    Map<String, String> query = Map.of("sysparm_fields", "number");
    try (NodeClient renewed =
        stage.node("sn-rest-client", stage.at("sn-rest-client-renewed"), token)) {
      stage.awaitRenewable();
      stage.servicenowRenewed.expireTokens();

      assertThat(renewed.call("get", INCIDENTS, query)).hasSize(5);
    }
    assertThat(stage.servicenowRenewed.tokensIssued()).isEqualTo(issued + 1);
  }

  @Test
  void getWhenTheInstanceSetsCookiesThenNoneArrives() {
    client.call("get", INCIDENTS, Map.of("sysparm_limit", "1", "sysparm_fields", "number"));

    assertThat(client.call("cookies")).isEmpty();
  }
}
