// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.clients;

import static org.apache.camel.component.servicenow.ServiceNowConstants.ACTION;
import static org.apache.camel.component.servicenow.ServiceNowConstants.ACTION_CREATE;
import static org.apache.camel.component.servicenow.ServiceNowConstants.ACTION_DELETE;
import static org.apache.camel.component.servicenow.ServiceNowConstants.ACTION_MODIFY;
import static org.apache.camel.component.servicenow.ServiceNowConstants.ACTION_RETRIEVE;
import static org.apache.camel.component.servicenow.ServiceNowConstants.ACTION_UPDATE;
import static org.apache.camel.component.servicenow.ServiceNowConstants.OFFSET_NEXT;
import static org.apache.camel.component.servicenow.ServiceNowConstants.PARAM_SYS_ID;
import static org.apache.camel.component.servicenow.ServiceNowConstants.PARAM_TABLE_NAME;
import static org.apache.camel.component.servicenow.ServiceNowConstants.RESOURCE;
import static org.apache.camel.component.servicenow.ServiceNowConstants.RESOURCE_TABLE;
import static org.apache.camel.component.servicenow.ServiceNowConstants.SYSPARM_FIELDS;
import static org.apache.camel.component.servicenow.ServiceNowConstants.SYSPARM_LIMIT;
import static org.apache.camel.component.servicenow.ServiceNowConstants.SYSPARM_OFFSET;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.servicenow.ServiceNowComponent;
import org.apache.camel.component.servicenow.ServiceNowConfiguration;
import org.apache.camel.component.servicenow.ServiceNowException;
import org.apache.camel.impl.engine.SimpleCamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Maven {@code camel-servicenow}: logs in with a password, then Bearer. */
@Client("camel-servicenow")
final class CamelServiceNowTests {
  private static final String AGENT = "camel-servicenow";
  private static final String[] EVERYTHING = {
    "servicenow:table/incident:read",
    "servicenow:table/incident:create",
    "servicenow:table/incident:update",
    "servicenow:table/incident:delete"
  };

  private static Stage stage;
  private static SimpleCamelContext camel;
  private static ProducerTemplate calls;

  @BeforeAll
  static void start(Stage set) {
    stage = set;
    camel = new SimpleCamelContext();
    camel.addComponent("plain", component("servicenow", stage.token(AGENT, EVERYTHING)));
    camel.addComponent("unproven", component("servicenow", stage.unprovenToken(AGENT, EVERYTHING)));
    camel.addComponent(
        "renewed",
        component(
            "camel-servicenow-renewed",
            stage.token(AGENT, "camel-servicenow-renewed:table/incident:read")));
    camel.start();
    calls = camel.createProducerTemplate();
  }

  /**
   * The one thing that is configured differently: which host, and that the password is the token.
   */
  private static ServiceNowComponent component(String connector, String token) {
    ServiceNowConfiguration configuration = new ServiceNowConfiguration();
    configuration.setApiUrl(stage.at(connector) + "/api");
    configuration.setOauthTokenUrl(stage.at(connector) + "/oauth_token.do");
    configuration.setOauthClientId("camel");
    configuration.setOauthClientSecret("none");
    configuration.setUserName("triage");
    configuration.setPassword(token);
    ServiceNowComponent component = new ServiceNowComponent();
    component.setConfiguration(configuration);
    return component;
  }

  @AfterAll
  static void stop() {
    camel.stop();
  }

  @Test
  void retrieveWhenThereAreMorePagesThenTheOffsetsOfItsLinksLeadThroughAll() {
    Exchange first = retrieve("plain", Map.of(SYSPARM_LIMIT, "2", SYSPARM_FIELDS, "number"));
    Exchange second =
        retrieve(
            "plain",
            Map.of(
                SYSPARM_LIMIT,
                "2",
                SYSPARM_FIELDS,
                "number",
                SYSPARM_OFFSET,
                first.getMessage().getHeader(OFFSET_NEXT)));

    assertThat(rows(first)).hasSize(2);
    assertThat(rows(second)).hasSize(2).noneMatch(rows(first)::contains);
  }

  @Test
  void recordWhenItIsCreatedChangedAndDeletedThenTheInstanceFollows() {
    Map<?, ?> created =
        call("plain", ACTION_CREATE, Map.of("short_description", "Screen flickers"), Map.of())
            .getMessage()
            .getBody(Map.class);
    String id = String.valueOf(created.get("sys_id"));
    Map<String, Object> record = Map.of(PARAM_SYS_ID, id);

    call("plain", ACTION_UPDATE, Map.of("work_notes", "cable replaced"), record);
    call("plain", ACTION_MODIFY, Map.of("state", "6"), record);

    assertThat(stage.servicenow.row("incident", id).orElseThrow())
        .containsEntry("short_description", "Screen flickers")
        .containsEntry("work_notes", "cable replaced")
        .containsEntry("state", "6");
    call("plain", ACTION_DELETE, null, record);
    assertThat(stage.servicenow.row("incident", id)).isEmpty();
  }

  @Test
  void retrieveWhenAnotherTableThenTheExceptionNamesTheScope() {
    Exchange denied = retrieve("plain", Map.of(PARAM_TABLE_NAME, "sys_user"));

    assertThat(denied.getException(ServiceNowException.class))
        .hasMessage("SCOPE_NOT_GRANTED")
        .extracting(ServiceNowException::getDetail)
        .asString()
        .contains("servicenow:table/sys_user:read");
    assertThat(stage.servicenow.apiRequests()).isEmpty();
  }

  @Test
  void retrieveWhenTheIssuerDemandsProofThenTheLogInSaysSo() {
    Exchange denied = retrieve("unproven", Map.of());

    assertThat(denied.getException()).hasStackTraceContaining("issuers.proof demands (dpop)");
    assertThat(stage.servicenow.requests()).isEmpty();
  }

  @Test
  void retrieveWhenTheSessionEndedThenNothingIsNoticed() throws Exception {
    int issued = stage.servicenowRenewed.tokensIssued();
    stage.awaitRenewable();
    stage.servicenowRenewed.expireTokens();

    Exchange incidents = retrieve("renewed", Map.of(SYSPARM_FIELDS, "number"));

    assertThat(rows(incidents)).hasSize(5);
    assertThat(stage.servicenowRenewed.tokensIssued()).isEqualTo(issued + 1);
  }

  private static List<?> rows(Exchange exchange) {
    return exchange.getMessage().getBody(List.class);
  }

  private static Exchange retrieve(String component, Map<String, Object> headers) {
    return call(component, ACTION_RETRIEVE, null, headers);
  }

  private static Exchange call(
      String component, String action, Object body, Map<String, Object> headers) {
    Map<String, Object> all = new HashMap<>();
    all.put(RESOURCE, RESOURCE_TABLE);
    all.put(PARAM_TABLE_NAME, "incident");
    all.put(ACTION, action);
    all.putAll(headers);
    return calls.request(
        component + ":instance",
        exchange -> {
          exchange.getMessage().setBody(body);
          exchange.getMessage().setHeaders(all);
        });
  }
}
