// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.apisix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.contract.gateway.AgentRequest;
import dev.bailiwick.contract.gateway.GatewayTestBed;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bodies that no header announces, as HTTP/2 and HTTP/3 allow, and bodies that APISIX cannot show:
 * none of them passes undecided, and an ordinary read costs no round trip for that.
 */
public abstract class AnnouncedBodyContract {
  private static final String TABLE = "/servicenow/api/now/table/incident";
  private static final Entry NONE_SAID = new Entry("content-length", "0");
  private static final byte[] GRANTED = bytes("{\"state\":\"2\"}");
  private static final byte[] NOT_GRANTED = bytes("{\"short_description\":\"mine\"}");

  /** APISIX in front of the runner. */
  protected abstract ExtPluginClient client();

  /** What surrounds the runner. */
  protected abstract GatewayTestBed bed();

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private PluginConf conf(boolean protocol) {
    return conf("servicenow", protocol);
  }

  private PluginConf conf(String connector, boolean protocol) {
    return PluginConf.of(
        connector + "#" + protocol,
        "bailiwick",
        "{\"connector\":\"%s\",\"upstream\":\"%s\",\"target\":\"header\"%s}"
            .formatted(
                connector,
                connector.equals("servicenow")
                    ? bed().servicenow().origin()
                    : bed().expiring().origin(),
                protocol ? ",\"protocol\":\"header\"" : ""));
  }

  private PluginRequest request(
      String method, String target, @Nullable String protocol, Entry... more) {
    return shown(bed().request(method, target), method, target, protocol, more);
  }

  private static PluginRequest shown(
      AgentRequest agent, String method, String target, @Nullable String protocol, Entry... more) {
    List<Entry> headers = new ArrayList<>();
    headers.add(new Entry("host", "gateway.contract.example"));
    headers.add(new Entry("authorization", "DPoP " + agent.token()));
    headers.add(new Entry("dpop", agent.proof()));
    headers.add(new Entry("x-bailiwick-target", target));
    headers.add(new Entry("x-bailiwick-request", UUID.randomUUID().toString()));
    if (protocol != null) {
      headers.add(new Entry("x-bailiwick-protocol", protocol));
    }
    headers.addAll(List.of(more));
    int question = target.indexOf('?');
    return PluginRequest.of(method, question < 0 ? target : target.substring(0, question), headers);
  }

  private PluginRequest update(@Nullable String protocol, Entry... more) {
    List<Entry> headers = new ArrayList<>(List.of(more));
    headers.add(new Entry("content-type", "application/json"));
    return request(
        "PATCH",
        TABLE + "/" + bed().servicenow().incident("INC0010001"),
        protocol,
        headers.toArray(Entry[]::new));
  }

  private static Entry length(byte[] body) {
    return new Entry("content-length", String.valueOf(body.length));
  }

  private static PluginAnswer.Rewrite allowed(PluginAnswer answer) {
    assertThat(answer).isInstanceOf(PluginAnswer.Rewrite.class);
    return (PluginAnswer.Rewrite) answer;
  }

  private static void assertDenied(PluginAnswer answer, String code) {
    assertThat(answer).isInstanceOf(PluginAnswer.Stop.class);
    assertThat(Entry.first(((PluginAnswer.Stop) answer).headers(), "x-bailiwick-code"))
        .contains(code);
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1", "HTTP/1.0"})
  void requestWhenHttp1AnnouncesNoBodyThenNothingIsAskedAndNothingSaid(String protocol) {
    long questions = client().questions();

    PluginAnswer.Rewrite read =
        allowed(client().request(conf(true), request("GET", TABLE, protocol)));

    assertThat(read.headers()).noneMatch(entry -> entry.name().equals("content-length"));
    assertThat(client().questions()).isEqualTo(questions);
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/2.0", "HTTP/3.0"})
  void requestWhenNoBodyBelongsAndNoneIsSaidThenNginxIsToldWithoutARoundTrip(String protocol) {
    long questions = client().questions();

    PluginAnswer.Rewrite read =
        allowed(client().request(conf(true), request("GET", TABLE, protocol)));

    assertThat(read.headers()).contains(NONE_SAID);
    assertThat(client().questions()).isEqualTo(questions);
  }

  @Test
  void requestWhenHttp2SaysALengthWhereNoBodyBelongsThenDenies() {
    assertDenied(
        client().request(conf(true), request("GET", TABLE, "HTTP/2.0", length(GRANTED))),
        "BODY_MALFORMED");
  }

  @Test
  void requestWhenBodyMattersAndNoLengthIsSaidThenItIsAskedFor() {
    long questions = client().questions();

    PluginAnswer.Rewrite write =
        allowed(client().request(conf(true), update("HTTP/2.0").withBody(() -> GRANTED)));

    assertThat(write.headers()).noneMatch(entry -> entry.name().equals("content-length"));
    assertThat(client().questions()).isEqualTo(questions + 1);
  }

  @Test
  void requestWhenBodyWithoutALengthDoesMoreThanIsGrantedThenDenies() {
    assertDenied(
        client().request(conf(true), update("HTTP/2.0").withBody(() -> NOT_GRANTED)),
        "FIELD_NOT_GRANTED");
  }

  @Test
  void requestWhenBodyWithoutALengthIsTooLongThenDenies() {
    byte[] tooLong = new byte[100_000];
    Arrays.fill(tooLong, (byte) ' ');

    assertDenied(
        client().request(conf(true), update("HTTP/2.0").withBody(() -> tooLong)), "BODY_TOO_LARGE");
  }

  @Test
  void requestWhenApisixShowsNothingOfABodyThenItIsNotTakenForNone() {
    assertDenied(client().request(conf(true), update("HTTP/2.0")), "BODY_MALFORMED");
    assertDenied(
        client().request(conf(true), update("HTTP/2.0", length(GRANTED))), "BODY_MALFORMED");
    assertDenied(
        client().request(conf(true), update("HTTP/1.1", length(GRANTED))), "BODY_MALFORMED");
    assertDenied(
        client().request(conf(true), update("HTTP/1.1", new Entry("transfer-encoding", "chunked"))),
        "BODY_MALFORMED");
  }

  @Test
  void requestWhenTheBodyIsNotShownThenTheRecordNamesTheCallerAllTheSame() {
    String target = TABLE + "/" + bed().servicenow().incident("INC0010001");
    AgentRequest agent = bed().request("PATCH", target);
    Entry type = new Entry("content-type", "application/json");

    PluginAnswer answer =
        client()
            .request(conf(true), shown(agent, "PATCH", target, "HTTP/1.1", length(GRANTED), type));

    assertDenied(answer, "BODY_MALFORMED");
    String correlationId =
        Entry.first(((PluginAnswer.Stop) answer).headers(), "x-correlation-id").orElseThrow();
    assertThat(bed().trail().await(agent.tokenId(), "BODY_MALFORMED")).contains(correlationId);
  }

  @Test
  void requestWhenApisixShowsAnotherLengthThenDenies() {
    assertDenied(
        client()
            .request(
                conf(true),
                update("HTTP/1.1", new Entry("content-length", "90")).withBody(() -> GRANTED)),
        "BODY_MALFORMED");
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"HTTP/1.1", "HTTP/2.0"})
  void requestWhenRouteTellsNoProtocolThenTheAgentIsNotBelieved(@Nullable String claimed) {
    PluginAnswer.Rewrite read =
        allowed(client().request(conf(false), request("GET", TABLE, claimed)));

    assertThat(read.headers()).contains(NONE_SAID);
    assertDenied(
        client().request(conf(false), update(claimed).withBody(() -> NOT_GRANTED)),
        "FIELD_NOT_GRANTED");
  }

  @Test
  void requestWhenRouteShouldTellTheProtocolAndDoesNotThenDenies() {
    assertDenied(client().request(conf(true), request("GET", TABLE, null)), "INTERNAL");
    assertDenied(
        client()
            .request(
                conf(true),
                request("GET", TABLE, "HTTP/2.0", new Entry("x-bailiwick-protocol", "HTTP/1.1"))),
        "INTERNAL");
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1", "HTTP/2.0"})
  void requestWhenAllowedThenTheProtocolIsNotSent(String protocol) {
    PluginAnswer.Rewrite read =
        allowed(client().request(conf(true), request("GET", TABLE, protocol)));

    assertThat(read.headers()).contains(new Entry("x-bailiwick-protocol", null));
  }

  @Test
  void requestWhenAFileIsUploadedWithoutALengthThenItStreams() {
    String target =
        "/renewed-upload/api/now/attachment/file?table_name=incident&table_sys_id="
            + bed().expiring().incident("INC0010001")
            + "&file_name=scan.bin";
    long questions = client().questions();

    PluginAnswer.Rewrite upload =
        allowed(
            client()
                .request(
                    conf("renewed-upload", true),
                    request(
                        "POST",
                        target,
                        "HTTP/2.0",
                        new Entry("content-type", "application/octet-stream"))));

    assertThat(upload.headers()).noneMatch(entry -> entry.name().equals("content-length"));
    assertThat(client().questions()).isEqualTo(questions);
  }
}
