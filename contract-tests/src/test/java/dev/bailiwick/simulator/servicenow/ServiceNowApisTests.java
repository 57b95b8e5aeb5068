// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.servicenow;

import static dev.bailiwick.simulator.Client.encode;
import static dev.bailiwick.simulator.Client.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.Action;
import dev.bailiwick.simulator.Client;
import dev.bailiwick.simulator.Touch;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What the instance has beyond its tables. */
class ServiceNowApisTests {
  private static final String INCIDENT = "c1000000000000000000000000000001";
  private static final String UPLOAD =
      "/api/now/attachment/file?table_name=incident&table_sys_id=" + INCIDENT + "&file_name=a.bin";

  private final ServiceNowSimulator instance = new ServiceNowSimulator();
  private final HttpClient http = HttpClient.newHttpClient();
  private Client client;

  @BeforeEach
  void start() {
    client = new Client(instance.start().origin());
  }

  @AfterEach
  void stop() {
    instance.close();
    client.close();
    http.shutdownNow();
  }

  @Test
  void batchWhenRunThenEveryRequestIsCarriedOutAndAnsweredInBase64() throws Exception {
    String body = base64("{\"state\":\"2\"}");
    JsonNode answer =
        json(
            send(
                "POST",
                "/api/now/v1/batch",
                """
                {"batch_request_id":"b","rest_requests":[
                  {"id":"1","method":"GET","url":"/api/now/table/incident/%s?sysparm_fields=number"},
                  {"id":"2","method":"PATCH","url":"/api/now/table/incident/%s","body":"%s"},
                  {"id":"3","method":"DELETE","url":"/api/now/table/problem/00000000000000000000000000000000"}]}
                """
                    .formatted(INCIDENT, INCIDENT, body)));

    JsonNode serviced = answer.path("serviced_requests");
    assertThat(serviced)
        .extracting(each -> each.path("status_code").asInt())
        .containsExactly(200, 200, 404);
    assertThat(text(serviced.path(0).path("body").asString())).contains("INC0010001");
    assertThat(instance.row("incident", INCIDENT).orElseThrow()).containsEntry("state", "2");
    assertThat(instance.touches())
        .contains(
            new Touch("table", "incident", Action.UPDATE, "state"),
            new Touch("table", "problem", Action.DELETE, ""));
  }

  @Test
  void batchWhenNestedThenTheInnerOneRunsToo() throws Exception {
    String inner =
        base64(
            "{\"rest_requests\":[{\"id\":\"x\",\"method\":\"GET\",\"url\":\"/api/now/table/sys_user\"}]}");

    send(
        "POST",
        "/api/now/v1/batch",
        "{\"rest_requests\":[{\"id\":\"1\",\"method\":\"POST\",\"url\":\"/api/now/batch\",\"body\":\""
            + inner
            + "\"}]}");

    assertThat(instance.touches()).contains(new Touch("table", "sys_user", Action.READ, "email"));
  }

  @Test
  void statsWhenGroupedThenCountsAndFigures() throws Exception {
    JsonNode groups =
        json(get(
                "/api/now/stats/incident?sysparm_count=true&sysparm_group_by=state"
                    + "&sysparm_max_fields=priority&sysparm_query="
                    + encode("stateIN1,2")))
            .path("result");

    assertThat(groups).hasSize(2);
    assertThat(groups.path(0).path("stats").path("count").asString()).isEqualTo("3");
    assertThat(groups.path(0).path("stats").path("max").path("priority").asString())
        .isEqualTo("4.0");
    assertThat(groups.path(0).path("groupby_fields").path(0).path("value").asString())
        .isEqualTo("1");
  }

  @Test
  void attachmentWhenSmallThenIsKept() throws Exception {
    HttpResponse<String> created = upload(HttpRequest.BodyPublishers.ofString("hello"));
    JsonNode shown = json(created).path("result");
    String path = "/api/now/attachment/" + shown.path("sys_id").asString();

    assertThat(created.statusCode()).isEqualTo(201);
    assertThat(created.headers().firstValue("Location")).contains(instance.origin() + path);
    assertThat(shown.path("download_link").asString())
        .isEqualTo(instance.origin() + path + "/file");
    assertThat(get(path + "/file").body()).isEqualTo("hello");
    assertThat(
            json(get("/api/now/attachment?sysparm_query=" + encode("file_name=a.bin")))
                .path("result"))
        .hasSize(1);
    assertThat(send("DELETE", path, "").statusCode()).isEqualTo(204);
    assertThat(get(path).statusCode()).isEqualTo(404);
  }

  @Test
  void attachmentWhenLargeThenOnlyItsDigestIsKept() throws Exception {
    byte[] block = new byte[1 << 20];
    Arrays.fill(block, (byte) 7);
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    for (int i = 0; i < 8; i++) {
      digest.update(block);
    }

    HttpResponse<String> created =
        upload(HttpRequest.BodyPublishers.ofByteArrays(Collections.nCopies(8, block)));
    String sysId = json(created).path("result").path("sys_id").asString();
    HttpResponse<InputStream> file = download(sysId);

    assertThat(json(created).path("result").path("size_bytes").asString())
        .isEqualTo(String.valueOf(8 << 20));
    assertThat(instance.digest(sysId)).contains(HexFormat.of().formatHex(digest.digest()));
    assertThat(file.headers().firstValueAsLong("Content-Length")).hasValue(8 << 20);
    assertThat(length(file)).isEqualTo(8 << 20);
    assertThat(instance.requests())
        .extracting(Object::toString)
        .containsExactly(
            "POST /api/now/attachment/file", "GET /api/now/attachment/" + sysId + "/file");
    assertThat(instance.saw(instance.apiKey())).isTrue();
  }

  @Test
  void attachmentWhenMadeForADownloadThenHasItsLength() throws Exception {
    String sysId = instance.attachLargeFile("incident", INCIDENT, 3_000_000_000L);

    HttpResponse<InputStream> file = download(sysId);

    assertThat(file.headers().firstValueAsLong("Content-Length")).hasValue(3_000_000_000L);
    assertThat(file.body().readNBytes(70_000)).hasSize(70_000);
    file.body().close();
    assertThat(instance.digest(sysId)).isEmpty();
  }

  @Test
  void attachmentWhenNobodyIsLoggedInThenNotEvenLargeOnes() throws Exception {
    HttpResponse<String> answer =
        client.send(
            client
                .request(UPLOAD, "Content-Type", "application/octet-stream")
                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[2 << 20]))
                .build());

    assertThat(answer.statusCode()).isEqualTo(401);
  }

  @Test
  void importWhenSeveralThenTheTransformMapMakesIncidents() throws Exception {
    JsonNode answer =
        json(
            send(
                "POST",
                "/api/now/import/u_staging/insertMultiple",
                "{\"records\":[{\"short_description\":\"One\"},{\"short_description\":\"Two\"}]}"));

    assertThat(answer.path("result")).hasSize(2);
    assertThat(answer.path("result").path(0).path("record_link").asString())
        .startsWith(instance.origin() + "/api/now/table/incident/");
    assertThat(instance.rows("incident")).hasSize(7);
  }

  @Test
  void catalogWhenOrderedThenThereIsARequest() throws Exception {
    String item = "/api/sn_sc/servicecatalog/items/d1000000000000000000000000000001";

    JsonNode ordered =
        json(send("POST", item + "/order_now", "{\"sysparm_quantity\":1}")).path("result");
    JsonNode cart = json(send("POST", item + "/add_to_cart", "{}")).path("result");
    send("POST", "/api/sn_sc/servicecatalog/cart/submit_order", "{}");

    assertThat(ordered.path("request_number").asString()).startsWith("REQ");
    assertThat(cart).hasSize(1);
    assertThat(json(get("/api/sn_sc/servicecatalog/cart")).path("result")).isEmpty();
    assertThat(instance.rows("sc_request")).hasSize(2);
  }

  @Test
  void touchesWhenAFieldIsWalkedOrSetByAPathThenNameTheOtherTable() throws Exception {
    get("/api/now/table/incident?sysparm_query=" + encode("caller_id.phoneISNOTEMPTY"));
    send("PATCH", "/api/now/table/incident/" + INCIDENT, "{\"caller_id.title\":\"x\"}");

    assertThat(instance.touches())
        .contains(
            new Touch("table", "sys_user", Action.READ, "phone"),
            new Touch("table", "sys_user", Action.UPDATE, "title"));
    assertThat(instance.behind("incident", List.of("caller_id", "manager"))).contains("sys_user");
    assertThat(instance.rows("sys_user"))
        .extracting(row -> row.getOrDefault("title", ""))
        .contains("x");
  }

  @Test
  void scriptedWhenCalledThenItIsNoted() throws Exception {
    send("POST", "/api/x_acme_app/v1/orders", "{}");

    assertThat(instance.touches())
        .containsExactly(new Touch("scripted", "x_acme_app.v1.orders", Action.EXECUTE, ""));
  }

  private HttpResponse<String> upload(HttpRequest.BodyPublisher body) throws Exception {
    return client.send(
        client
            .request(
                UPLOAD,
                "x-sn-apikey",
                instance.apiKey(),
                "Content-Type",
                "application/octet-stream")
            .POST(body)
            .build());
  }

  private HttpResponse<InputStream> download(String sysId) throws Exception {
    return http.send(
        client
            .request("/api/now/attachment/" + sysId + "/file", "x-sn-apikey", instance.apiKey())
            .build(),
        HttpResponse.BodyHandlers.ofInputStream());
  }

  private static long length(HttpResponse<InputStream> answer) throws Exception {
    try (InputStream in = answer.body()) {
      return in.transferTo(OutputStream.nullOutputStream());
    }
  }

  private HttpResponse<String> get(String target) throws Exception {
    return client.get(target, "x-sn-apikey", instance.apiKey());
  }

  private HttpResponse<String> send(String method, String target, String body) throws Exception {
    return client.send(method, target, body, "x-sn-apikey", instance.apiKey());
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }
}
