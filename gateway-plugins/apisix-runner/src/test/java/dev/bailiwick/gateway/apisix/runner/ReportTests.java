// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.contract.apisix.Entry;
import dev.bailiwick.contract.apisix.PluginAnswer;
import dev.bailiwick.contract.apisix.PluginRequest;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What APISIX reports, and what is made of a report that does not come. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(30)
final class ReportTests {
  private WireBed wire;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeAll
  void start(@TempDir Path directory) {
    wire = new WireBed(directory, all -> WireBed.limited(all, WireBed.impatient()));
  }

  @AfterAll
  void stop() {
    wire.close();
  }

  private HttpResponse<String> send(String path, String authorization, String body)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(wire.runner().admin().resolve(path))
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private String get(String path) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(wire.runner().admin().resolve(path)).build();
    return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private record Allowed(String request, String correlationId) {}

  private Allowed allowed(String path) {
    PluginRequest request = wire.request("GET", path);
    PluginAnswer answer = wire.call(path.split("/")[1], request);
    assertThat(answer).isInstanceOf(PluginAnswer.Rewrite.class);
    return new Allowed(
        Entry.first(request.headers(), "x-bailiwick-request").orElseThrow(),
        Entry.first(((PluginAnswer.Rewrite) answer).responseHeaders(), "x-correlation-id")
            .orElseThrow());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"\"204\"|204", "404|404", "\"502, 200\"|200", "\"502 : 503\"|503"})
  void reportWhenStatusIsKnownThenRecordHasIt(String status, String recorded) throws Exception {
    Allowed call = allowed(WireBed.INCIDENTS);

    HttpResponse<String> response =
        send(
            "/report",
            wire.authorization(),
            "{\"request\":\"%s\",\"status\":%s}".formatted(call.request(), status));

    assertThat(response.statusCode()).isEqualTo(204);
    assertThat(wire.bed().trail().await(call.correlationId(), "ALLOW")).contains(recorded);
  }

  @Test
  void reportWhenManyComeAtOnceThenEachIsRecorded() throws Exception {
    Allowed one = allowed(WireBed.INCIDENTS);
    Allowed two = allowed(WireBed.INCIDENTS);

    send(
        "/report",
        wire.authorization(),
        "[{\"request\":\"%s\",\"status\":\"200\"},{\"request\":\"%s\",\"status\":\"-\"}]"
            .formatted(one.request(), two.request()));

    wire.bed().trail().await(one.correlationId(), "ALLOW");
    wire.bed().trail().await(two.correlationId(), "ALLOW");
  }

  @Test
  void reportWhenItDoesNotComeThenTheCallIsStillOnRecord() {
    Allowed call = allowed("/fragile/api/now/table/incident");

    wire.bed().trail().await(call.correlationId(), "ALLOW");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Bearer wrong", "Basic d3Jvbmc6"})
  void reportWhenTokenIsWrongThenNothingIsRecorded(String authorization) throws Exception {
    assertThat(send("/report", authorization, "{}").statusCode()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "7",
        "[[]]",
        "{\"status\":200}",
        "{\"request\":\"\",\"status\":200}",
        "{\"request\":\"a\",\"status\":true}",
        "{\"request\":\"a\",\"status\":\"2000\"}",
        "{\"request\":\"a\",\"status\":-1}"
      })
  void reportWhenItSaysNothingThenDenies(String body) throws Exception {
    assertThat(send("/report", wire.authorization(), body).statusCode()).isEqualTo(400);
  }

  @Test
  void reportWhenItIsTooLongThenDenies() throws Exception {
    assertThat(send("/report", wire.authorization(), "x".repeat(70_000)).statusCode())
        .isEqualTo(413);
  }

  @Test
  void reportWhenNobodyWaitsThenItIsIgnored() throws Exception {
    assertThat(
            send("/report", wire.authorization(), "{\"request\":\"nobody\",\"status\":\"401\"}")
                .statusCode())
        .isEqualTo(204);
  }

  @Test
  void readyWhenRunningThenNamesThePolicy() throws Exception {
    assertThat(get("/ready")).contains("\"status\":\"UP\"", "gateway-contract@1");
  }

  @Test
  void metricsWhenCallsWereMadeThenCountsThem() throws Exception {
    allowed(WireBed.INCIDENTS);

    assertThat(get("/metrics"))
        .containsPattern("bailiwick_apisix_calls_total\\{outcome=\"allow\"} [1-9]")
        .contains("bailiwick_apisix_ready 1")
        .contains("# TYPE bailiwick_apisix_connections gauge");
  }
}
