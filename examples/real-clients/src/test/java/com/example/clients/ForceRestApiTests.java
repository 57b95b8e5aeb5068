// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.force.api.ApiConfig;
import com.force.api.ApiException;
import com.force.api.ApiSession;
import com.force.api.ForceApi;
import com.force.api.QueryResult;
import java.net.CookieHandler;
import java.net.CookieManager;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Maven {@code force-rest-api}: Bearer; updates are POSTs that say PATCH in a parameter. */
@Client("force-rest-api")
final class ForceRestApiTests {
  private static final String AGENT = "force-rest-api";
  private static final String NORTHWIND = "001000000000001AAA";
  private static final String[] EVERYTHING = {
    "salesforce:sobject/account:*", "salesforce:describe/account:read", "salesforce:api/*:read"
  };

  private static final CookieManager COOKIES = new CookieManager();

  private static Stage stage;
  private static ForceApi client;
  private static CookieHandler before;

  @BeforeAll
  static void start(Stage set) {
    stage = set;
    client = client("salesforce", stage.token(AGENT, EVERYTHING));
    before = CookieHandler.getDefault();
    CookieHandler.setDefault(COOKIES);
  }

  @AfterAll
  static void stop() {
    CookieHandler.setDefault(before);
  }

  private static ForceApi client(String connector, String token) {
    return new ForceApi(
        new ApiConfig().setApiVersionString("v59.0"),
        new ApiSession(token, stage.at(connector).toString()));
  }

  @Test
  void queryWhenThereAreMorePagesThenEveryLinkLeadsToTheGateway() {
    stage.salesforce.pageSize(2);
    try {
      QueryResult<?> first = client.query("SELECT Name FROM Account ORDER BY Name");
      QueryResult<?> second = client.queryMore(first.getNextRecordsUrl());

      assertThat(first.getNextRecordsUrl()).startsWith("/salesforce/services/data/");
      assertThat(first.getRecords()).hasSize(2);
      assertThat(second.getRecords()).isNotEmpty();
    } finally {
      stage.salesforce.pageSize(2000);
    }
  }

  @Test
  void recordWhenItIsCreatedChangedAndDeletedThenTheOrgFollows() {
    String id = client.createSObject("Account", Map.of("Name", "Lakeside Mills"));
    client.updateSObject("Account", id, Map.of("Industry", "Textiles"));
    client.createOrUpdateSObject("Account", "ExternalKey__c", "NW-1", Map.of("Phone", "2"));

    assertThat(client.getSObject("Account", id).asMap().get("Industry")).isEqualTo("Textiles");
    assertThat(stage.salesforce.row(NORTHWIND).orElseThrow().get("Phone").asString())
        .isEqualTo("2");
    client.deleteSObject("Account", id);
    assertThat(stage.salesforce.row(id)).isEmpty();
  }

  @Test
  void describeWhenGrantedThenObjectsCome() {
    assertThat(client.describeSObject("Account").getName()).isEqualTo("Account");
    assertThat(client.describeGlobal().getSObjects()).isNotEmpty();
  }

  @Test
  void queryWhenAnotherObjectThenTheExceptionNamesTheScope() {
    assertThatThrownBy(() -> client.query("SELECT Email FROM Contact"))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("SCOPE_NOT_GRANTED")
        .hasMessageContaining("salesforce:sobject/contact:read");
    assertThat(stage.salesforce.apiRequests()).isEmpty();
  }

  @Test
  void queryWhenTheIssuerDemandsProofThenTheExceptionSaysSo() {
    ForceApi unproven = client("salesforce", stage.unprovenToken(AGENT, EVERYTHING));

    assertThatThrownBy(() -> unproven.query("SELECT Id FROM Account"))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("TOKEN_UNBOUND");
    assertThat(stage.salesforce.apiRequests()).isEmpty();
  }

  @Test
  void queryWhenTheSessionEndedThenNothingIsNoticed() throws Exception {
    ForceApi renewed =
        client(
            "force-rest-api-renewed",
            stage.token(AGENT, "force-rest-api-renewed:sobject/account:read"));
    int issued = stage.salesforceRenewed.tokensIssued();
    stage.awaitRenewable();
    stage.salesforceRenewed.expireTokens();

    assertThat(renewed.query("SELECT Id FROM Account").getRecords()).hasSize(3);
    assertThat(stage.salesforceRenewed.tokensIssued()).isEqualTo(issued + 1);
  }

  @Test
  void queryWhenTheOrgSetsCookiesThenNoneArrives() {
    client.query("SELECT Id FROM Account");

    assertThat(COOKIES.getCookieStore().getCookies()).isEmpty();
  }
}
