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
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.Secret;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchTests {
  private static final String UPSTREAM = "https://acme.service-now.com";
  private static final String GATEWAY = "https://gateway.acme.example/servicenow";
  private static final Headers JSON = Headers.none().with("Content-Type", "application/json");
  private static final String PATCH =
      """
      {"batch_request_id":"b","rest_requests":[{"id":"1","method":"PATCH",\
      "url":"/api/now/table/Incident/c1000000000000000000000000000001",\
      "headers":[{"name":"Content-Type","value":"application/json"},\
      {"name":"Authorization","value":"Basic agent-secret"},\
      {"name":"X-SN-ApiKey","value":"agent-secret"},{"name":"Cookie","value":"agent-secret"}],\
      "body":"%s"}]}"""
          .formatted(base64("{\"state\":\"2\"}"));

  private final Connector connector =
      new ServiceNowAdapter()
          .connect(
              new ConnectorSettings(
                  "servicenow", URI.create(UPSTREAM), URI.create(GATEWAY), Map.of()));

  private final ConnectorRequest batch =
      ConnectorRequest.head("POST", RequestTarget.parse("/api/now/v1/batch", null), JSON)
          .withBody(PATCH.getBytes(StandardCharsets.UTF_8));

  @Test
  void operationsWhenInsideABatchThenSayWhere() {
    assertThat(connector.call(batch).operations())
        .extracting(Operation::where)
        .containsExactly("rest_requests[0]");
  }

  @Test
  void outboundWhenBatchThenInnerRequestsAreCanonicalNarrowedAndWithoutCredentials() {
    OutboundRequest sent =
        connector.call(batch).outbound(new Credential.BearerToken(Secret.of("stored")));

    assertThat(new String(sent.body().orElseThrow(), StandardCharsets.UTF_8))
        .isEqualTo(
            """
            {"batch_request_id":"b","rest_requests":[{"id":"1","method":"PATCH",\
            "url":"/api/now/table/incident/c1000000000000000000000000000001\
            ?sysparm_fields=sys_id%%2Cstate",\
            "headers":[{"name":"content-type","value":"application/json"},\
            {"name":"accept","value":"application/json"}],\
            "body":"%s"}]}"""
                .formatted(base64("{\"state\":\"2\"}")));
  }

  @Test
  void inspectWhenAnsweredThenInnerLinksLeadToTheGateway() {
    String inner = "{\"result\":{\"caller_id\":{\"link\":\"UP/a\"},\"text\":\"UP/b\"}}";
    String answer =
        """
        {"batch_request_id":"b","serviced_requests":[{"id":"1","status_code":200,\
        "headers":[{"name":"Location","value":"UP/c"},{"name":"Set-Cookie","value":"s"}],\
        "body":"BODY","more":"UP/d"}],"unserviced_requests":["2"]}"""
            .replace("BODY", base64(inner.replace("UP", UPSTREAM)))
            .replace("UP", UPSTREAM);

    Inbound inbound = inspect(answer);

    assertThat(shown((Inbound.Relay) inbound))
        .isEqualTo(
            """
            {"batch_request_id":"b","serviced_requests":[{"id":"1","status_code":200,\
            "body":"%s","headers":[{"name":"location","value":"%s/c"}]}],\
            "unserviced_requests":["2"]}"""
                .formatted(
                    base64(inner.replace("UP/a", GATEWAY + "/a").replace("UP/b", UPSTREAM + "/b")),
                    GATEWAY));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html></html>",
        "{}",
        "{\"serviced_requests\":[1]}",
        "{\"serviced_requests\":[{\"id\":\"9\",\"body\":\"e30=\"}]}",
        "{\"serviced_requests\":[{\"id\":\"1\",\"body\":{}}]}",
        "{\"serviced_requests\":[{\"id\":\"1\",\"body\":\"?\"}]}",
        "{\"serviced_requests\":[{\"id\":\"1\",\"body\":\"PGh0bWw+\"}]}",
        "{\"serviced_requests\":[{\"id\":\"1\",\"body\":\"e30=\",\"headers\":{}}]}",
        "{\"serviced_requests\":[{\"id\":\"1\",\"redirect_url\":\"https://sso.example/\"}]}"
      })
  void inspectWhenLinksCannotBeMovedThenUnusable(String answer) {
    assertThat(inspect(answer)).isInstanceOf(Inbound.Unusable.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json", ""})
  void inboundWhenBatchIsAnsweredThenItIsReadWhole(String type) {
    Headers headers = type.isEmpty() ? Headers.none() : JSON;

    assertThat(connector.call(batch).inbound(200, headers)).isInstanceOf(Inbound.Inspect.class);
  }

  private Inbound inspect(String answer) {
    return connector.call(batch).inspect(200, JSON, answer.getBytes(StandardCharsets.UTF_8));
  }

  private static String shown(Inbound.Relay relay) {
    BodyRewriter rewriter = relay.rewriter().orElseThrow().get();
    byte[] head = rewriter.feed(new byte[] {'x'}, 0, 1);
    assertThat(head).isEmpty();
    return new String(rewriter.finish(), StandardCharsets.UTF_8);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
