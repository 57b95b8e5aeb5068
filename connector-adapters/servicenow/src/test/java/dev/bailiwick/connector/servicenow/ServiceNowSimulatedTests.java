// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.BodyRewriter;
import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.simulator.SeenRequest;
import dev.bailiwick.simulator.servicenow.ServiceNowSimulator;
import dev.bailiwick.simulator.servicenow.ServiceNowSimulatorExtension;
import dev.bailiwick.simulator.servicenow.Situation;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** The connector in front of the simulator, with nothing between them but an HTTP client. */
class ServiceNowSimulatedTests {
  private static final URI GATEWAY = URI.create("https://gateway.acme.example/servicenow");

  @RegisterExtension
  final ServiceNowSimulatorExtension servicenow = new ServiceNowSimulatorExtension();

  private final HttpClient client = HttpClient.newHttpClient();
  private ServiceNowSimulator instance;
  private Connector connector;

  @BeforeEach
  void connect() {
    instance = servicenow.get();
    connector =
        new ServiceNowAdapter()
            .connect(new ConnectorSettings("servicenow", instance.origin(), GATEWAY, Map.of()));
  }

  @AfterEach
  void close() {
    client.close();
  }

  @Test
  void readWhenSentThenTheStoredCredentialArrivesAndTheAgentsNever() throws Exception {
    Headers agent =
        Headers.none()
            .with("Authorization", "DPoP agent-token")
            .with("DPoP", "agent-proof")
            .with("Cookie", "JSESSIONID=agent-session")
            .with("x-sn-apikey", "agent-key");

    Exchange exchange = send("GET", "/api/now/table/incident", "sysparm_limit=2", agent, "");

    assertThat(exchange.inbound).isInstanceOf(Inbound.Relay.class);
    SeenRequest seen = instance.apiRequests().getFirst();
    assertThat(seen.headers().first("x-sn-apikey")).contains(instance.apiKey());
    for (String secret : List.of("agent-token", "agent-proof", "agent-session", "agent-key")) {
      assertThat(instance.saw(secret)).as(secret).isFalse();
    }
  }

  @Test
  void readWhenAnsweredThenNothingLeadsPastTheGateway() throws Exception {
    Exchange exchange =
        send("GET", "/api/now/table/incident", "sysparm_limit=2", Headers.none(), "");

    Inbound.Relay relay = (Inbound.Relay) exchange.inbound;
    assertThat(relay.headers().first("link"))
        .hasValueSatisfying(
            link -> assertThat(link).contains("<" + GATEWAY + "/api/now/table/incident?"));
    assertThat(relay.headers().has("set-cookie")).isFalse();
    assertThat(exchange.body).contains(GATEWAY + "/api/now/table/sys_user/");
    assertThat(exchange.body + relay.headers().all("link"))
        .doesNotContain(instance.origin().toString());
  }

  @Test
  void createWhenAnsweredThenShowsWhatWasWrittenAndNoMore() throws Exception {
    Exchange exchange =
        send(
            "POST",
            "/api/now/table/incident",
            null,
            Headers.none().with("Content-Type", "application/json"),
            "{\"short_description\":\"New\"}");

    Inbound.Relay relay = (Inbound.Relay) exchange.inbound;
    assertThat(relay.status()).isEqualTo(201);
    assertThat(relay.headers().first("location"))
        .hasValueSatisfying(
            location -> assertThat(location).startsWith(GATEWAY + "/api/now/table/incident/"));
    assertThat(exchange.body).contains("sys_id", "\"New\"").doesNotContain("number");
  }

  @Test
  void readWhenSessionHasExpiredThenTheCredentialIsToBeRenewed() throws Exception {
    instance.once(Situation.SESSION_EXPIRED);

    assertThat(send("GET", "/api/now/table/incident", null, Headers.none(), "").inbound)
        .isInstanceOf(Inbound.CredentialExpired.class);
  }

  @ParameterizedTest
  @EnumSource(names = {"LOGIN_PAGE", "REDIRECT_ELSEWHERE"})
  void readWhenTheInstanceShowsAPageThenUnusable(Situation situation) throws Exception {
    instance.once(situation);

    assertThat(send("GET", "/api/now/table/incident", null, Headers.none(), "").inbound)
        .isInstanceOf(Inbound.Unusable.class);
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.INCLUDE,
      names = {"RATE_LIMITED", "SEMAPHORES_EXHAUSTED", "SERVER_ERROR", "MISSING_AUTH_SCOPE"})
  void readWhenTheInstanceSaysNoThenItsOwnWordsAreRelayed(Situation situation) throws Exception {
    instance.once(situation);

    Exchange exchange = send("GET", "/api/now/table/incident", null, Headers.none(), "");

    assertThat(exchange.inbound).isInstanceOf(Inbound.Relay.class);
    assertThat(exchange.body).contains("\"failure\"");
  }

  private record Exchange(Inbound inbound, String body) {}

  private Exchange send(String method, String path, String query, Headers agent, String body)
      throws IOException, InterruptedException {
    ConnectorRequest request =
        ConnectorRequest.head(method, RequestTarget.parse(path, query), agent)
            .withBody(body.getBytes(StandardCharsets.UTF_8));
    assertThat(connector.call(request).operations()).isNotEmpty();
    OutboundRequest sent =
        connector
            .call(request)
            .outbound(new Credential.ApiKey("x-sn-apikey", Secret.of(instance.apiKey())));
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(instance.origin() + sent.target().pathAndQuery()))
            .method(sent.method(), HttpRequest.BodyPublishers.ofByteArray(request.body()));
    sent.headers().forEach(builder::header);
    HttpResponse<byte[]> answer =
        client.send(builder.build(), HttpResponse.BodyHandlers.ofByteArray());
    List<Headers.Field> fields = new ArrayList<>();
    answer
        .headers()
        .map()
        .forEach(
            (name, values) -> values.forEach(value -> fields.add(new Headers.Field(name, value))));
    Inbound inbound = connector.call(request).inbound(answer.statusCode(), Headers.of(fields));
    return new Exchange(inbound, shown(inbound, answer.body()));
  }

  private static String shown(Inbound inbound, byte[] body) {
    if (inbound instanceof Inbound.Relay relay && relay.rewriter().isPresent()) {
      BodyRewriter rewriter = relay.rewriter().get().get();
      byte[] head = rewriter.feed(body, 0, body.length);
      return new String(head, StandardCharsets.UTF_8)
          + new String(rewriter.finish(), StandardCharsets.UTF_8);
    }
    return new String(body, StandardCharsets.UTF_8);
  }
}
