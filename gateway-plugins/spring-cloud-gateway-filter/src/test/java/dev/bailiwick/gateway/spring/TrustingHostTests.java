// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.contract.gateway.RawHttp;
import dev.bailiwick.gateway.Denial;
import dev.bailiwick.gateway.DenyReason;
import dev.bailiwick.gateway.InboundRequest;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A host whose own server believes what it should not. */
final class TrustingHostTests {
  private static TestGateway gateway;

  @BeforeAll
  static void start() {
    gateway =
        TestGateway.startWith(
            List.of(),
            "bailiwick.routes=true",
            "server.forward-headers-strategy=framework",
            "server.netty.validate-headers=false");
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @BeforeEach
  void reset() {
    gateway.reset();
  }

  @Test
  void admitWhenForwardedHeadersAreBelievedThenPeerAndPathAreStillTheWires() {
    gateway.get(
        "/servicenow/x?a=1",
        "X-Forwarded-For: 6.6.6.6",
        "X-Forwarded-Prefix: /elsewhere",
        "X-Forwarded-Host: elsewhere.example");

    InboundRequest seen = gateway.pipeline.admitted.get(0);
    assertThat(seen.sourceAddress()).isEqualTo("127.0.0.1");
    assertThat(seen.rawPath()).isEqualTo("/servicenow/x");
    assertThat(seen.headers().first("x-forwarded-for")).contains("6.6.6.6");
  }

  @Test
  void admitWhenServerDoesNotCheckHeadersThenWeDo() {
    RawHttp.Response response = gateway.get("/servicenow/x", "X-Bell: a\u0007b");

    assertThat(response.status()).isEqualTo(400);
    assertThat(gateway.pipeline.hostDenials)
        .extracting(Denial::reason)
        .containsExactly(DenyReason.MALFORMED_REQUEST);
    assertThat(gateway.upstream.seen()).isEmpty();
  }
}
