// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.contract.apisix.Entry;
import dev.bailiwick.contract.apisix.PluginAnswer;
import dev.bailiwick.contract.apisix.PluginConf;
import dev.bailiwick.contract.apisix.PluginRequest;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a route must hold, and what is made of a request that comes over it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(30)
final class RunnerRouteTests {
  private static final String TABLE = WireBed.INCIDENTS;

  private WireBed wire;

  @BeforeAll
  void start(@TempDir Path directory) {
    wire = new WireBed(directory);
  }

  @AfterAll
  void stop() {
    wire.close();
  }

  private static Map<String, String> headers(PluginAnswer.Rewrite rewrite) {
    return rewrite.headers().stream()
        .filter(entry -> entry.value() != null)
        .collect(Collectors.toMap(Entry::name, entry -> String.valueOf(entry.value())));
  }

  private static List<String> removed(PluginAnswer.Rewrite rewrite) {
    return rewrite.headers().stream()
        .filter(entry -> entry.value() == null)
        .map(Entry::name)
        .toList();
  }

  private void assertMiswired(PluginAnswer answer, String words) {
    assertThat(answer).isInstanceOf(PluginAnswer.Stop.class);
    PluginAnswer.Stop stop = (PluginAnswer.Stop) answer;
    assertThat(stop.status()).isEqualTo(500);
    assertThat(WireBed.code(answer)).contains("INTERNAL");
    assertThat(new String(stop.body(), StandardCharsets.UTF_8)).contains(words);
    wire.bed()
        .trail()
        .await(Entry.first(stop.headers(), "x-correlation-id").orElseThrow(), "INTERNAL");
  }

  @Test
  void requestWhenAllowedThenEverythingOfItIsSetAndNothingElseOfTheAgentIsLeft() {
    PluginRequest request =
        wire.request("GET", TABLE, new Entry("cookie", "mine"), new Entry("x-anything", "1"));
    long questions = wire.client().questions();

    PluginAnswer answer = wire.call("servicenow", request);

    assertThat(answer).isInstanceOf(PluginAnswer.Rewrite.class);
    PluginAnswer.Rewrite rewrite = (PluginAnswer.Rewrite) answer;
    assertThat(rewrite.path()).isEqualTo("/api/now/table/incident");
    assertThat(headers(rewrite))
        .containsEntry("host", wire.bed().servicenow().origin().getAuthority())
        .hasEntrySatisfying("authorization", value -> assertThat(value).startsWith("Bearer "));
    assertThat(removed(rewrite))
        .contains("dpop", "cookie", "x-bailiwick-target", "x-bailiwick-request");
    assertThat(Entry.first(rewrite.responseHeaders(), "x-correlation-id")).isPresent();
    assertThat(wire.client().questions()).isEqualTo(questions);
  }

  /** In the response phase APISIX sends what is left, with a body that it has read whole. */
  @Test
  void requestWhenItHasHopsOfItsOwnThenTheyEndHere() {
    byte[] body = "{\"state\":\"2\"}".getBytes(StandardCharsets.UTF_8);
    PluginRequest request =
        wire.request(
                "PATCH",
                TABLE + "/" + wire.bed().servicenow().incident("INC0010001"),
                new Entry("content-type", "application/json"),
                new Entry("transfer-encoding", "chunked"),
                new Entry("connection", "keep-alive"),
                new Entry("te", "trailers"))
            .withBody(() -> body);

    PluginAnswer answer = wire.call("servicenow", request);

    assertThat(answer).isInstanceOf(PluginAnswer.Rewrite.class);
    assertThat(removed((PluginAnswer.Rewrite) answer))
        .contains("transfer-encoding", "connection", "te")
        .doesNotContain("host", "content-length");
  }

  @Test
  void requestWhenArgumentsAreGivenThenTheCanonicalOnesAreSetAndTheRestRemoved() {
    PluginRequest request =
        withTarget(
            wire.request("GET", TABLE), TABLE + "?sysparm_limit=2&sysparm_fields=number%2Cstate");

    PluginAnswer answer =
        wire.call(
            "servicenow",
            request.withArguments(
                List.of(
                    new Entry("sysparm_fields", "number,state"),
                    new Entry("sysparm_limit", "2"),
                    new Entry("smuggled", null))));

    assertThat(answer).isInstanceOf(PluginAnswer.Rewrite.class);
    List<Entry> arguments = ((PluginAnswer.Rewrite) answer).arguments();
    assertThat(Entry.first(arguments, "sysparm_limit")).contains("2");
    assertThat(Entry.first(arguments, "sysparm_fields")).contains("number,state");
    assertThat(arguments).contains(new Entry("smuggled", null));
  }

  private static PluginRequest withTarget(PluginRequest request, String target) {
    List<Entry> headers = new ArrayList<>(request.headers());
    headers.replaceAll(
        entry ->
            entry.name().equals("x-bailiwick-target") ? new Entry(entry.name(), target) : entry);
    return new PluginRequest(
        request.method(),
        request.path(),
        request.arguments(),
        headers,
        request.source(),
        request.body(),
        request.variables());
  }

  private PluginConf withoutTarget() {
    return PluginConf.of(
        "route#plain",
        "bailiwick",
        "{\"connector\":\"servicenow\",\"upstream\":\"%s\"}"
            .formatted(wire.bed().servicenow().origin()));
  }

  @Test
  void requestWhenRouteKeepsNoTargetThenTheNormalisedPathIsDecidedOnAndSent() {
    PluginAnswer answer = wire.client().request(withoutTarget(), wire.request("GET", TABLE));

    assertThat(answer).isInstanceOf(PluginAnswer.Rewrite.class);
    assertThat(((PluginAnswer.Rewrite) answer).path()).isEqualTo("/api/now/table/incident");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/servicenow/api/now/table/inci%64ent",
        "/servicenow/api/now/table/incident;v=1",
        "/servicenow/api/now/table/incident\u0000",
        "/servicenow/api/now/table/incident\u00ff",
        "/servicenow/api/now/table/a?b",
        "servicenow"
      })
  void requestWhenDecodedPathCouldBeMisreadThenDenies(String path) {
    PluginRequest good = wire.request("GET", TABLE);
    PluginRequest bad =
        new PluginRequest(
            "GET", path, List.of(), good.headers(), good.source(), good.body(), Map.of());

    assertThat(WireBed.code(wire.client().request(withoutTarget(), bad)))
        .contains("MALFORMED_TARGET");
  }

  @Test
  void requestWhenArgumentIsRepeatedThenDenies() {
    PluginRequest request =
        wire.request("GET", TABLE)
            .withArguments(
                List.of(new Entry("sysparm_limit", "1"), new Entry("sysparm_limit", "9")));

    PluginAnswer answer = wire.client().request(withoutTarget(), request);

    assertThat(WireBed.code(answer)).isPresent();
    assertThat(((PluginAnswer.Stop) answer).status()).isBetween(400, 403);
  }

  @Test
  void requestWhenHeaderIsRepeatedThenDenies() {
    PluginRequest request = wire.request("GET", TABLE, new Entry("dpop", "second"));

    assertThat(WireBed.code(wire.call("servicenow", request))).contains("AMBIGUOUS_HEADER");
  }

  @Test
  void requestWhenTargetIsTheClientsOwnThenDenies() {
    assertMiswired(
        wire.call(
            "servicenow", withTarget(wire.request("GET", TABLE), "/servicenow/api/now/stats")),
        "does not keep the raw target");
  }

  @Test
  void requestWhenFilterIsUnknownThenDenies() {
    assertMiswired(
        wire.client()
            .request(PluginConf.of("route#u", "bailiwik", "{}"), wire.request("GET", TABLE)),
        "bailiwik");
  }

  @Test
  void requestWhenThereIsAnotherFilterThenDenies() {
    List<Entry> filters = new ArrayList<>(wire.conf("servicenow").filters());
    filters.add(new Entry("say", "{}"));

    assertMiswired(
        wire.client().request(new PluginConf("route#2", filters), wire.request("GET", TABLE)),
        "nothing beside it");
  }

  @Test
  void requestWhenThereIsNoFilterThenDenies() {
    assertMiswired(
        wire.client().request(new PluginConf("route#0", List.of()), wire.request("GET", TABLE)),
        "one filter named bailiwick");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{\"connector\":\"servicenow\"}",
        "{\"connector\":1,\"upstream\":\"http://a\"}",
        "{\"connector\":\"servicenow\",\"upstream\":\"nowhere\"}",
        "{\"connector\":\"servicenow\",\"upstream\":\"http://a\",\"target\":\"none\"}",
        "{\"connector\":\"servicenow\",\"upstream\":\"http://a\",\"allow\":true}",
        "{\"connector\":\"a\",\"connector\":\"servicenow\",\"upstream\":\"http://a\"}"
      })
  void requestWhenConfIsNotOneThenDenies(String value) {
    assertMiswired(
        wire.client()
            .request(
                PluginConf.of("route#" + value, "bailiwick", value), wire.request("GET", TABLE)),
        "bailiwick apisix route");
  }

  @Test
  void requestWhenPathIsOfAnotherConnectorThenDenies() {
    assertMiswired(
        wire.call("fragile", wire.request("GET", TABLE)), "the path is one of servicenow");
  }

  @Test
  void requestWhenRouteLeadsElsewhereThenDenies() {
    PluginConf elsewhere = RunnerHost.conf("servicenow", URI.create("https://elsewhere.example"));

    assertMiswired(
        wire.client()
            .request(
                new PluginConf("route#elsewhere", elsewhere.filters()), wire.request("GET", TABLE)),
        "another upstream");
  }

  @Test
  void requestWhenHeadersAreAsManyAsApisixShowsThenDenies() {
    Entry[] many = new Entry[96];
    for (int i = 0; i < many.length; i++) {
      many[i] = new Entry("x-" + i, "1");
    }

    assertThat(WireBed.code(wire.call("servicenow", wire.request("GET", TABLE, many))))
        .contains("HEADER_TOO_LARGE");
  }

  @Test
  void requestWhenHeaderHoldsALineBreakThenDenies() {
    PluginRequest request = wire.request("GET", TABLE, new Entry("x-a", "1\r\nx-b: 2"));

    assertThat(WireBed.code(wire.call("servicenow", request))).contains("MALFORMED_REQUEST");
  }

  @ParameterizedTest
  @ValueSource(strings = {"2001:db8::17", "192.0.2.7"})
  void requestWhenItComesFromAnAddressThenTheRecordNamesIt(String address) throws Exception {
    PluginRequest good = wire.request("GET", "/servicenow/api/now/table/problem");
    PluginRequest request =
        new PluginRequest(
            "GET",
            good.path(),
            List.of(),
            good.headers(),
            InetAddress.getByName(address),
            good.body(),
            Map.of());

    PluginAnswer.Stop stop = (PluginAnswer.Stop) wire.call("servicenow", request);

    String id = Entry.first(stop.headers(), "x-correlation-id").orElseThrow();
    assertThat(wire.bed().trail().await(id, "SCOPE_NOT_GRANTED"))
        .contains("\"" + InetAddress.getByName(address).getHostAddress() + "\"");
  }

  @Test
  void requestWhenBodyMustBeReadThenItIsAskedForOnce() {
    byte[] body = "{\"state\":\"2\"}".getBytes(StandardCharsets.UTF_8);
    PluginRequest request =
        wire.request(
                "PATCH",
                TABLE + "/" + wire.bed().servicenow().incident("INC0010001"),
                new Entry("content-type", "application/json"),
                new Entry("content-length", String.valueOf(body.length)))
            .withBody(() -> body);
    long questions = wire.client().questions();

    assertThat(wire.call("servicenow", request)).isInstanceOf(PluginAnswer.Rewrite.class);
    assertThat(wire.client().questions()).isEqualTo(questions + 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {70_000, 16_777_100, 17_000_000})
  void requestWhenBodyIsLongerThanTheLimitThenNothingPasses(int length) {
    byte[] body = new byte[length];
    PluginRequest request =
        wire.request(
                "PATCH",
                TABLE + "/" + wire.bed().servicenow().incident("INC0010001"),
                new Entry("content-type", "application/json"),
                new Entry("transfer-encoding", "chunked"))
            .withBody(() -> body);

    PluginAnswer answer = wire.call("servicenow", request);

    if (length < 1 << 24) {
      assertThat(WireBed.code(answer)).contains("BODY_TOO_LARGE");
    } else {
      assertThat(answer).isInstanceOf(PluginAnswer.Failed.class);
    }
    assertThat(wire.call("servicenow", wire.request("GET", TABLE)))
        .isInstanceOf(PluginAnswer.Rewrite.class);
  }
}
