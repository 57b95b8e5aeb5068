// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.tickets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.BodyRewriter;
import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.contract.connector.RequestCase;
import dev.bailiwick.contract.connector.RequestCorpus;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TicketsConnectorTests {
  private final Connector connector =
      new TicketsAdapter()
          .connect(
              new ConnectorSettings(
                  "tickets",
                  URI.create("https://tickets.example.com"),
                  URI.create("https://gateway.example.com/tickets"),
                  Map.of()));

  private static ConnectorRequest request(String method, String path) {
    return ConnectorRequest.head(
        method,
        RequestTarget.parse(path, null),
        Headers.none().with("Content-Type", "application/json"));
  }

  static Stream<RequestCase> corpus() {
    return RequestCorpus.load(TicketsConnectorTests.class, "tickets.http");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("corpus")
  void operationsWhenRequestIsOfTheCorpusThenAsWritten(RequestCase request) {
    request.check(connector);
  }

  @Test
  void corpusWhenCountedThenIsNotEmptyByMistake() {
    assertThat(corpus()).hasSizeGreaterThan(14);
  }

  @Test
  void bodyUseWhenCallSetsNothingThenNone() {
    assertThat(connector.classify(request("GET", "/v1/tickets/7")).bodyUse())
        .isEqualTo(BodyUse.NONE);
    assertThat(connector.classify(request("POST", "/v1/tickets")).bodyUse())
        .isEqualTo(BodyUse.READ);
  }

  @Test
  void outboundWhenTicketIsCreatedThenTheAnswerIsAskedNotToShowIt() {
    ConnectorRequest create =
        request("POST", "/v1/tickets").withBody("{}".getBytes(StandardCharsets.UTF_8));

    Headers sent =
        connector.call(create).outbound(new Credential.BearerToken(Secret.of("stored"))).headers();

    assertThat(sent.all("prefer")).containsExactly("return=minimal");
  }

  @Test
  void inboundWhenAListIsAnsweredThenOnlyItsLinksAreMoved() {
    String page =
        "{\"items\":[{\"title\":\"see https://tickets.example.com/v1/tickets/7\","
            + "\"self\":\"https://tickets.example.com/v1/tickets/8\"}],"
            + "\"next\":\"https://tickets.example.com/v1/tickets?page=2\"}";
    byte[] bytes = page.getBytes(StandardCharsets.UTF_8);

    Inbound inbound =
        connector
            .call(request("GET", "/v1/tickets"))
            .inbound(200, Headers.none().with("Content-Type", "application/json"));

    assertThat(inbound).isInstanceOf(Inbound.Relay.class);
    BodyRewriter rewriter = ((Inbound.Relay) inbound).rewriter().orElseThrow().get();
    String sent =
        new String(rewriter.feed(bytes, 0, bytes.length), StandardCharsets.UTF_8)
            + new String(rewriter.finish(), StandardCharsets.UTF_8);
    assertThat(sent)
        .contains("see https://tickets.example.com/v1/tickets/7")
        .contains("\"self\":\"https://gateway.example.com/tickets/v1/tickets/8\"")
        .contains("\"next\":\"https://gateway.example.com/tickets/v1/tickets?page=2\"");
  }
}
