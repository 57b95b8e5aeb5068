// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.contract.gateway.RawHttp;
import dev.bailiwick.gateway.DenyReason;
import dev.bailiwick.gateway.UpstreamCall.Next;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** No path through the filters makes an event loop wait. */
@Timeout(60)
@ExtendWith(NoBlockingCalls.class)
final class EventLoopTests {
  private static TestGateway gateway;

  @BeforeAll
  static void start() {
    gateway = TestGateway.start();
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @BeforeEach
  void reset() {
    gateway.reset();
  }

  private static RawHttp.Response post(String body) {
    return RawHttp.exchange(
        gateway.port,
        ("POST /servicenow/x HTTP/1.1\r\nHost: gateway\r\nContent-Length: "
                + body.length()
                + "\r\n\r\n"
                + body)
            .getBytes(StandardCharsets.US_ASCII));
  }

  /** Without this, the other tests could not fail. */
  @Test
  void blockWhenOnTheServersEventLoopThenItIsNoticed() {
    gateway.pipeline.admission =
        request -> {
          try {
            Thread.sleep(1);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return Optional.empty();
        };

    gateway.get("/servicenow/x");

    assertThat(BlockingCalls.found()).singleElement().asString().startsWith("reactor-http");
    BlockingCalls.forget();
  }

  @Test
  void allowWhenBodyIsHeldThenNothingBlocks() {
    gateway.pipeline.needsBody = true;

    assertThat(post("{}").status()).isEqualTo(200);
  }

  @Test
  void allowWhenBodyStreamsThenNothingBlocks() {
    assertThat(post("x".repeat(100_000)).status()).isEqualTo(200);
  }

  @Test
  void allowWhenStagesCompleteElsewhereThenNothingBlocks() {
    try (ExecutorService elsewhere = Executors.newSingleThreadExecutor()) {
      gateway.pipeline.executor = elsewhere;

      assertThat(post("{}").status()).isEqualTo(200);
    }
  }

  @Test
  void denyWhenHeadIsEnoughThenNothingBlocks() {
    gateway.pipeline.admission = request -> Optional.of(DenyReason.TOKEN_EXPIRED);

    assertThat(gateway.get("/servicenow/x").status()).isEqualTo(401);
  }

  @Test
  void denyWhenBodyIsTooLargeThenNothingBlocks() {
    gateway.pipeline.needsBody = true;
    gateway.pipeline.maxBodyBytes = 10;

    assertThat(post("x".repeat(100)).status()).isEqualTo(413);
  }

  @Test
  void inspectWhenReplacedThenNothingBlocks() {
    gateway.pipeline.answered = (status, headers) -> new Next.Inspect(100);
    gateway.pipeline.inspected =
        (body, complete) -> new Next.Replace(FakePipeline.response(DenyReason.UPSTREAM_UNUSABLE));

    assertThat(gateway.get("/servicenow/x").status()).isEqualTo(502);
  }

  @Test
  void failWhenUpstreamResetsThenNothingBlocks() {
    gateway.upstream.script((request, out, socket) -> socket.close());

    assertThat(gateway.get("/servicenow/x").status()).isEqualTo(502);
  }
}
