// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.clients;

import static org.apache.camel.component.servicenow.ServiceNowConstants.ACTION;
import static org.apache.camel.component.servicenow.ServiceNowConstants.ACTION_CONTENT;
import static org.apache.camel.component.servicenow.ServiceNowConstants.ACTION_CREATE;
import static org.apache.camel.component.servicenow.ServiceNowConstants.ACTION_DELETE;
import static org.apache.camel.component.servicenow.ServiceNowConstants.ACTION_MODIFY;
import static org.apache.camel.component.servicenow.ServiceNowConstants.ACTION_RETRIEVE;
import static org.apache.camel.component.servicenow.ServiceNowConstants.ACTION_SUBJECT;
import static org.apache.camel.component.servicenow.ServiceNowConstants.ACTION_SUBJECT_CART;
import static org.apache.camel.component.servicenow.ServiceNowConstants.ACTION_SUBJECT_CHECKOUT;
import static org.apache.camel.component.servicenow.ServiceNowConstants.ACTION_UPDATE;
import static org.apache.camel.component.servicenow.ServiceNowConstants.ACTION_UPLOAD;
import static org.apache.camel.component.servicenow.ServiceNowConstants.CONTENT_TYPE;
import static org.apache.camel.component.servicenow.ServiceNowConstants.OFFSET_NEXT;
import static org.apache.camel.component.servicenow.ServiceNowConstants.PARAM_FILE_NAME;
import static org.apache.camel.component.servicenow.ServiceNowConstants.PARAM_SYS_ID;
import static org.apache.camel.component.servicenow.ServiceNowConstants.PARAM_TABLE_NAME;
import static org.apache.camel.component.servicenow.ServiceNowConstants.PARAM_TABLE_SYS_ID;
import static org.apache.camel.component.servicenow.ServiceNowConstants.RESOURCE;
import static org.apache.camel.component.servicenow.ServiceNowConstants.RESOURCE_AGGREGATE;
import static org.apache.camel.component.servicenow.ServiceNowConstants.RESOURCE_ATTACHMENT;
import static org.apache.camel.component.servicenow.ServiceNowConstants.RESOURCE_IMPORT;
import static org.apache.camel.component.servicenow.ServiceNowConstants.RESOURCE_SERVICE_CATALOG_CARTS;
import static org.apache.camel.component.servicenow.ServiceNowConstants.RESOURCE_SERVICE_CATALOG_ITEMS;
import static org.apache.camel.component.servicenow.ServiceNowConstants.RESOURCE_TABLE;
import static org.apache.camel.component.servicenow.ServiceNowConstants.SYSPARM_COUNT;
import static org.apache.camel.component.servicenow.ServiceNowConstants.SYSPARM_FIELDS;
import static org.apache.camel.component.servicenow.ServiceNowConstants.SYSPARM_GROUP_BY;
import static org.apache.camel.component.servicenow.ServiceNowConstants.SYSPARM_LIMIT;
import static org.apache.camel.component.servicenow.ServiceNowConstants.SYSPARM_OFFSET;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
    "servicenow:table/incident:delete",
    "servicenow:attachment/metadata:read",
    "servicenow:attachment/file:read",
    "servicenow:attachment/file:create",
    "servicenow:import/u_incident_import:create",
    "servicenow:catalog/*:read",
    "servicenow:catalog/*:execute"
  };
  private static final String LAPTOP = "d1000000000000000000000000000001";

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
  void aggregateWhenTheTableIsGrantedThenItIsCountedByState() {
    Exchange counted =
        call(
            "plain",
            ACTION_RETRIEVE,
            null,
            Map.of(RESOURCE, RESOURCE_AGGREGATE, SYSPARM_COUNT, true, SYSPARM_GROUP_BY, "state"));
    Exchange denied =
        call(
            "plain",
            ACTION_RETRIEVE,
            null,
            Map.of(
                RESOURCE, RESOURCE_AGGREGATE, PARAM_TABLE_NAME, "sys_user", SYSPARM_COUNT, true));

    assertThat(rows(counted)).hasSize(3);
    assertDenied(denied, "SCOPE_NOT_GRANTED", "servicenow:table/sys_user:read");
  }

  /** The component announces no length; of such a file the simulator keeps length and digest. */
  @Test
  void attachmentWhenUploadedThenItIsListedAndReadAndNotDeleted() throws Exception {
    byte[] screenshot = new byte[300_000];
    new Random(1).nextBytes(screenshot);
    Map<String, Object> attachments = Map.of(RESOURCE, RESOURCE_ATTACHMENT);

    Map<?, ?> uploaded =
        call(
                "plain",
                ACTION_UPLOAD,
                new ByteArrayInputStream(screenshot),
                Map.of(
                    RESOURCE,
                    RESOURCE_ATTACHMENT,
                    CONTENT_TYPE,
                    "image/png",
                    PARAM_FILE_NAME,
                    "screen.png",
                    PARAM_TABLE_SYS_ID,
                    stage.servicenow.incident("INC0010001")))
            .getMessage()
            .getBody(Map.class);
    String id = String.valueOf(uploaded.get("sys_id"));
    Map<String, Object> one = Map.of(RESOURCE, RESOURCE_ATTACHMENT, PARAM_SYS_ID, id);
    Exchange listed = call("plain", ACTION_RETRIEVE, null, attachments);
    Exchange described = call("plain", ACTION_RETRIEVE, null, one);
    Exchange content = call("plain", ACTION_CONTENT, null, one);
    Exchange denied = call("plain", ACTION_DELETE, null, one);

    assertThat(rows(listed)).hasSize(1);
    assertThat(described.getMessage().getBody(Map.class).get("file_name")).isEqualTo("screen.png");
    assertThat(stage.servicenow.digest(id)).contains(sha256(screenshot));
    assertThat(content.getMessage().getBody(byte[].class)).hasSize(screenshot.length);
    assertDenied(denied, "SCOPE_NOT_GRANTED", "servicenow:attachment/file:delete");
  }

  @Test
  void importWhenTheStagingTableIsGrantedThenARecordIsMade() {
    Map<String, Object> staging =
        Map.of(RESOURCE, RESOURCE_IMPORT, PARAM_TABLE_NAME, "u_incident_import");

    Exchange imported =
        call("plain", ACTION_CREATE, Map.of("short_description", "Imported"), staging);
    Exchange denied =
        call(
            "plain",
            ACTION_CREATE,
            Map.of("name", "x"),
            Map.of(RESOURCE, RESOURCE_IMPORT, PARAM_TABLE_NAME, "u_user_import"));

    assertThat(rows(imported)).hasSize(1);
    assertThat(stage.servicenow.rows("incident"))
        .anyMatch(row -> "Imported".equals(row.get("short_description")));
    assertDenied(denied, "SCOPE_NOT_GRANTED", "servicenow:import/u_user_import:create");
  }

  /** The component adds an item without saying how many, and lists all items of every catalog. */
  @Test
  void catalogWhenGrantedThenTheCartIsOrderedAndWhatIsUnclearIsDenied() {
    Map<String, Object> items = Map.of(RESOURCE, RESOURCE_SERVICE_CATALOG_ITEMS);

    Exchange listed = call("plain", ACTION_RETRIEVE, null, items);
    Exchange added =
        call(
            "plain",
            ACTION_CREATE,
            null,
            Map.of(
                RESOURCE,
                RESOURCE_SERVICE_CATALOG_ITEMS,
                ACTION_SUBJECT,
                ACTION_SUBJECT_CART,
                PARAM_SYS_ID,
                LAPTOP));
    Exchange ordered =
        call(
            "plain",
            ACTION_UPDATE,
            null,
            Map.of(
                RESOURCE, RESOURCE_SERVICE_CATALOG_CARTS, ACTION_SUBJECT, ACTION_SUBJECT_CHECKOUT));

    assertDenied(listed, "OPERATION_UNKNOWN", "service catalog");
    assertDenied(added, "BODY_MALFORMED", "the body is empty");
    assertThat(ordered.getException()).isNull();
    assertThat(stage.servicenow.rows("sc_request")).hasSize(1);
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

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private static void assertDenied(Exchange denied, String code, String scope) {
    assertThat(denied.getException(ServiceNowException.class))
        .hasMessage(code)
        .extracting(ServiceNowException::getDetail)
        .asString()
        .contains(scope);
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
