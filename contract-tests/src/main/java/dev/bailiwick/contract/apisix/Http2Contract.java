// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.apisix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.contract.gateway.AgentRequest;
import dev.bailiwick.contract.gateway.GatewayTestBed;
import dev.bailiwick.simulator.SeenRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A runner behind a real nginx, with curl as the agent: what HTTP/2 makes of bodies. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class Http2Contract {
  private static final String TABLE = "/servicenow/api/now/table/incident";
  private static final String GRANTED = "{\"state\":\"2\"}";
  private static final String NOT_GRANTED = "{\"short_description\":\"mine\"}";
  private static final String SHOWN = "\n%{http_code} %header{x-bailiwick-code}";

  private @Nullable NginxFront front;

  /** APISIX in front of the runner. */
  protected abstract ExtPluginClient client();

  /** What surrounds the runner. */
  protected abstract GatewayTestBed bed();

  private record Answer(String status, String code) {}

  /** Started with the first request, since the runner has to be there. */
  private NginxFront front() throws IOException {
    if (front != null) {
      return front;
    }
    List<ApisixRoute> routes = new ArrayList<>();
    routes.add(
        ApisixRoute.of("/servicenow", bed().servicenow().origin(), conf("servicenow", true)));
    routes.add(
        ApisixRoute.of(
            "/renewed-upload", bed().expiring().origin(), conf("renewed-upload", false)));
    front =
        NginxFront.start(
            Path.of("target", "nginx"), Files.createTempDirectory("bwn"), client(), routes);
    return front;
  }

  @AfterAll
  void stopNginx() {
    if (front != null) {
      front.close();
    }
  }

  @BeforeEach
  void forget() {
    bed().calm();
  }

  private PluginConf conf(String connector, boolean servicenow) {
    return PluginConf.of(
        "nginx#" + connector,
        "bailiwick",
        "{\"connector\":\"%s\",\"upstream\":\"%s\",\"target\":\"header\",\"protocol\":\"header\"}"
            .formatted(
                connector, servicenow ? bed().servicenow().origin() : bed().expiring().origin()));
  }

  private String incident() {
    return TABLE + "/" + bed().servicenow().incident("INC0010001");
  }

  private Answer curl(
      boolean http2, AgentRequest agent, String method, String target, String body, String... more)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("curl", "-sS", "-o", "/dev/null", "-w", SHOWN, "-m", "10"));
    command.add(http2 ? "--http2-prior-knowledge" : "--http1.1");
    command.addAll(List.of("--unix-socket", front().socket(http2).toString(), "-X", method));
    // A file, since the arguments of a process can be read by everybody.
    Path credentials = Files.createTempFile("curl", ".headers");
    String said;
    try {
      Files.writeString(
          credentials, "Authorization: DPoP " + agent.token() + "\nDPoP: " + agent.proof() + "\n");
      command.addAll(List.of("-H", "@" + credentials));
      command.addAll(List.of(more));
      command.add("http://gateway.contract.example" + target);
      said = output(new ProcessBuilder(command).redirectErrorStream(true).start(), body);
    } finally {
      Files.delete(credentials);
    }
    String[] shown = said.substring(said.lastIndexOf('\n') + 1).split(" ", -1);
    return new Answer(shown[0], shown[1]);
  }

  private static String output(Process process, String body) throws IOException {
    try (var in = process.getOutputStream()) {
      in.write(body.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // curl reads no more than it sends.
    }
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private Answer send(boolean http2, String method, String target, String body, String... more)
      throws IOException {
    return curl(http2, bed().request(method, target), method, target, body, more);
  }

  /** With a body that no header announces: curl does not know how long it is. */
  private Answer unannounced(String method, String target, String body, String... more)
      throws IOException {
    List<String> options = new ArrayList<>(List.of("-T", "-"));
    options.addAll(List.of(more));
    return send(true, method, target, body, options.toArray(String[]::new));
  }

  private SeenRequest sent() {
    List<SeenRequest> seen = bed().servicenow().apiRequests();
    assertThat(seen).hasSize(1);
    return seen.get(0);
  }

  private void assertNothingSent() {
    assertThat(bed().servicenow().apiRequests()).isEmpty();
  }

  @Test
  void readWhenItHasNoBodyThenPassesOverEitherProtocolWithoutAQuestion() throws IOException {
    long questions = client().questions();

    assertThat(send(false, "GET", TABLE, "").status()).isEqualTo("200");
    assertThat(sent().headers().has("content-length")).isFalse();
    bed().calm();
    assertThat(send(true, "GET", TABLE, "").status()).isEqualTo("200");
    assertThat(sent().headers().first("content-length")).contains("0");
    assertThat(client().questions()).isEqualTo(questions);
  }

  @Test
  void readWhenABodyFollowsUnannouncedThenNginxDeniesIt() throws IOException {
    assertThat(unannounced("GET", TABLE, GRANTED)).isEqualTo(new Answer("400", ""));
    assertThat(unannounced("GET", TABLE, " ")).isEqualTo(new Answer("400", ""));
    assertNothingSent();
  }

  @Test
  void readWhenALongBodyFollowsUnannouncedThenNothingOfItIsSent() throws IOException {
    assertThat(unannounced("GET", TABLE, "x".repeat(300_000)).status()).isNotEqualTo("200");
    assertNothingSent();
  }

  @Test
  void readWhenTheAgentClaimsAnotherProtocolThenIsNotBelieved() throws IOException {
    assertThat(unannounced("GET", TABLE, GRANTED, "-H", "X-Bailiwick-Protocol: HTTP/1.1").status())
        .isEqualTo("400");
    assertNothingSent();
  }

  @Test
  void readWhenABodyIsAnnouncedThenDenies() throws IOException {
    for (boolean http2 : new boolean[] {false, true}) {
      assertThat(send(http2, "GET", TABLE, "", "--data-binary", GRANTED))
          .isEqualTo(new Answer("400", "BODY_MALFORMED"));
    }
    assertNothingSent();
  }

  @Test
  void writeWhenItsBodyIsUnannouncedThenItIsDecidedOnAndSent() throws IOException {
    Answer answer =
        unannounced("PATCH", incident(), GRANTED, "-H", "Content-Type: application/json");

    assertThat(answer.status()).isEqualTo("200");
    assertThat(sent().bodyText()).isEqualTo(GRANTED);
  }

  @Test
  void writeWhenItsBodyLiesInAFileOfNginxThenItIsDecidedOnAndSent() throws IOException {
    String notes = "{\"work_notes\":\"" + "n".repeat(40_000) + "\"}";

    Answer answer = unannounced("PATCH", incident(), notes, "-H", "Content-Type: application/json");

    assertThat(answer.status()).isEqualTo("200");
    assertThat(sent().bodyText()).isEqualTo(notes);
  }

  @Test
  void writeWhenItsUnannouncedBodyIsNotGrantedThenDenies() throws IOException {
    assertThat(
            unannounced("PATCH", incident(), NOT_GRANTED, "-H", "Content-Type: application/json"))
        .isEqualTo(new Answer("403", "FIELD_NOT_GRANTED"));
    assertNothingSent();
  }

  @Test
  void writeWhenThereIsNoBodyAtAllThenDenies() throws IOException {
    assertThat(send(true, "PATCH", incident(), "", "-H", "Content-Type: application/json"))
        .isEqualTo(new Answer("400", "BODY_MALFORMED"));
    assertNothingSent();
  }

  @Test
  void uploadWhenItsLengthIsUnknownThenItStreams() throws IOException {
    String target =
        "/renewed-upload/api/now/attachment/file?table_name=incident&table_sys_id="
            + bed().expiring().incident("INC0010001")
            + "&file_name=scan.bin";
    String file = "f".repeat(100_000);

    Answer answer =
        unannounced("POST", target, file, "-H", "Content-Type: application/octet-stream");

    assertThat(answer.status()).isEqualTo("201");
    assertThat(bed().expiring().apiRequests())
        .anySatisfy(request -> assertThat(request.bodyText()).isEqualTo(file));
  }
}
