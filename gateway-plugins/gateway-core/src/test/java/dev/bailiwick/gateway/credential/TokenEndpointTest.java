// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import static dev.bailiwick.gateway.credential.CredentialFixtures.ENDPOINT;
import static dev.bailiwick.gateway.credential.CredentialFixtures.claims;
import static dev.bailiwick.gateway.credential.CredentialFixtures.clientCredentials;
import static dev.bailiwick.gateway.credential.CredentialFixtures.jwtBearer;
import static dev.bailiwick.gateway.credential.CredentialFixtures.refresh;
import static dev.bailiwick.gateway.credential.CredentialFixtures.timeout;
import static dev.bailiwick.gateway.credential.FakeTokenEndpoint.breakOff;
import static dev.bailiwick.gateway.credential.FakeTokenEndpoint.json;
import static dev.bailiwick.gateway.credential.FakeTokenEndpoint.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.Secret;
import dev.bailiwick.gateway.credential.TokenAnswer.Cause;
import dev.bailiwick.gateway.credential.TokenAnswer.Failed;
import dev.bailiwick.gateway.credential.TokenAnswer.Granted;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class TokenEndpointTest {
  /** Long enough to reach a server of this host on a busy machine. */
  private static final Duration IMPATIENT = Duration.ofMillis(1500);

  private final FakeClock clock = new FakeClock();
  private final FakeTokenEndpoint server = new FakeTokenEndpoint();
  private final TokenEndpoint endpoint = endpoint(ENDPOINT);
  private final CountDownLatch end = new CountDownLatch(1);

  @AfterEach
  void close() {
    end.countDown();
    endpoint.close();
    server.close();
  }

  @Nested
  class Repeating {

    @Test
    void askWhen500ThenRepeated() {
      server.then(json(500, ""));
      server.then(json(502, "<html>"));
      server.always(token("t-1"));

      assertThat(endpoint.ask(clientCredentials(server.url()))).isInstanceOf(Granted.class);
      assertThat(server.requests()).isEqualTo(3);
    }

    @Test
    void askWhen500ForeverThenGivesUpAfterThreeAttempts() {
      server.always(json(500, ""));

      assertThat(endpoint.ask(clientCredentials(server.url())))
          .isEqualTo(new Failed(Cause.OUTAGE, "answers with status 500", null));
      assertThat(server.requests()).isEqualTo(3);
    }

    @Test
    void askWhenTheConnectionBreaksThenRepeated() {
      server.then(breakOff());
      server.always(token("t-1"));

      assertThat(endpoint.ask(clientCredentials(server.url()))).isInstanceOf(Granted.class);
    }

    @Test
    void askWhenAnAssertionIsRepeatedThenSignedAnewAtThatTime() {
      server.then(
          exchange -> {
            clock.advance(Duration.ofSeconds(5));
            json(500, "").write(exchange);
          });

      TokenAnswer answer = endpoint.ask(jwtBearer(server.url()));

      assertThat(answer).isInstanceOf(Granted.class);
      JsonNode first = claims(server.seen().get(0).form().get("assertion"));
      JsonNode second = claims(server.seen().get(1).form().get("assertion"));
      assertThat(second.get("jti")).isNotEqualTo(first.get("jti"));
      assertThat(first.get("iat").longValue()).isEqualTo(FakeClock.START.getEpochSecond());
      assertThat(second.get("iat").longValue()).isEqualTo(FakeClock.START.getEpochSecond() + 5);
    }

    @Test
    void askWhenRefreshTokenAnd500ThenNotRepeated() {
      server.always(json(500, ""));

      assertThat(endpoint.ask(refresh(server.url(), "r-1"))).isInstanceOf(Failed.class);
      assertThat(server.requests()).isEqualTo(1);
    }

    @Test
    void askWhenToldToWaitThenNotRepeated() {
      server.always(json(503, "", "Retry-After", "30"));

      assertThat(endpoint.ask(clientCredentials(server.url())))
          .isEqualTo(new Failed(Cause.OUTAGE, "answers with status 503", Duration.ofSeconds(30)));
      assertThat(server.requests()).isEqualTo(1);
    }

    @Test
    void askWhenNobodyListensThenNotSent() throws IOException {
      try (SocketChannel unused = unusedPort()) {
        assertThat(endpoint.ask(refresh("http://127.0.0.1:" + number(unused) + "/token", "r-1")))
            .isEqualTo(new Failed(Cause.NOT_SENT, "cannot be reached", null));
      }
    }

    @Test
    void askWhenTheHostIsUnknownThenNotSent() {
      assertThat(endpoint.ask(clientCredentials("https://login.bailiwick.invalid/token")))
          .isEqualTo(new Failed(Cause.NOT_SENT, "cannot be reached", null));
    }

    @Test
    void askWhenTheServerSpeaksNoTlsThenFails() {
      String url = server.url().replace("http:", "https:");
      BrokerSettings.Endpoint once =
          new BrokerSettings.Endpoint(
              Duration.ofMillis(300),
              ENDPOINT.timeout(),
              1,
              ENDPOINT.retryPause(),
              ENDPOINT.failurePause(),
              ENDPOINT.longestFailurePause(),
              ENDPOINT.breaker());

      try (TokenEndpoint impatient = endpoint(once)) {
        assertThat(impatient.ask(clientCredentials(url)))
            .isEqualTo(new Failed(Cause.NOT_SENT, "cannot be reached", null));
      }
      assertThat(server.requests()).isZero();
    }

    @Test
    void askWhenItComesUpBetweenAttemptsThenEvenARefreshTokenIsSent() throws IOException {
      SocketChannel unused = unusedPort();
      int port = number(unused);
      AtomicInteger attempts = new AtomicInteger();
      AtomicReference<FakeTokenEndpoint> late = new AtomicReference<>();
      Executor threads =
          task -> {
            if (task instanceof FutureTask<?> && attempts.incrementAndGet() == 2) {
              late.set(new FakeTokenEndpoint(port));
            }
            Thread.ofVirtual().start(task);
          };

      try (unused;
          TokenEndpoint waiting = new TokenEndpoint(ENDPOINT, clock, threads)) {
        assertThat(waiting.ask(refresh("http://127.0.0.1:" + port + "/token", "r-1")))
            .isInstanceOf(Granted.class);
        assertThat(late.get().requests()).isEqualTo(1);
      } finally {
        late.get().close();
      }
    }
  }

  @Nested
  class Bounds {

    @Test
    void askWhenTheHeadIsSlowThenTimesOutAndIsNotRepeated() {
      server.always(exchange -> end.await());

      try (TokenEndpoint impatient = endpoint(timeout(IMPATIENT))) {
        assertThat(impatient.ask(clientCredentials(server.url())))
            .isEqualTo(new Failed(Cause.TIMEOUT, "does not answer in time", null));
      }
      assertThat(server.requests()).isEqualTo(1);
    }

    @Test
    void askWhenTheBodyIsSlowThenTimesOut() {
      server.always(
          exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            end.await();
          });

      try (TokenEndpoint impatient = endpoint(timeout(IMPATIENT))) {
        assertThat(impatient.ask(clientCredentials(server.url())))
            .isEqualTo(new Failed(Cause.TIMEOUT, "does not answer in time", null));
      }
    }

    @Test
    void askWhenTheAnswerIsTooLongThenGivenUp() {
      server.always(json(200, "{\"access_token\":\"" + "x".repeat(TokenAnswer.MAX_BYTES) + "\"}"));

      assertThat(endpoint.ask(clientCredentials(server.url())))
          .isEqualTo(new Failed(Cause.NO_USE, "answers with more than 64 KiB", null));
    }

    @Test
    void askWhenTheAnswerNeverEndsThenGivenUp() {
      byte[] chunk = new byte[8192];
      server.always(
          exchange -> {
            exchange.sendResponseHeaders(200, 0);
            while (end.getCount() > 0) {
              exchange.getResponseBody().write(chunk);
            }
          });

      assertThat(endpoint.ask(clientCredentials(server.url())))
          .isEqualTo(new Failed(Cause.NO_USE, "answers with more than 64 KiB", null));
    }

    @Test
    void askWhenTheAnswerJustFitsThenRead() {
      String head = "{\"access_token\":\"t-1\",\"padding\":\"";
      server.always(
          json(200, head + "x".repeat(TokenAnswer.MAX_BYTES - head.length() - 2) + "\"}"));

      assertThat(endpoint.ask(clientCredentials(server.url())))
          .isEqualTo(new Granted(Secret.of("t-1"), null, null));
    }

    @Test
    void askWhenRedirectedThenNotFollowed() {
      try (FakeTokenEndpoint elsewhere = new FakeTokenEndpoint()) {
        server.always(json(307, "", "Location", elsewhere.url()));

        assertThat(endpoint.ask(clientCredentials(server.url())))
            .isEqualTo(
                new Failed(Cause.NO_USE, "answers with a redirect, which is not followed", null));
        assertThat(elsewhere.requests()).isZero();
      }
    }

    @Test
    void askWhenACookieIsSetThenItIsNotSentBack() {
      server.always(
          json(
              200,
              "{\"access_token\":\"t-1\"}",
              "Set-Cookie",
              "BrowserId=tracked; Path=/; Max-Age=86400"));

      TokenAnswer first = endpoint.ask(clientCredentials(server.url()));
      TokenAnswer second = endpoint.ask(clientCredentials(server.url()));

      assertThat(second).isEqualTo(first);
      assertThat(server.last().headers()).doesNotContainKey("Cookie");
    }
  }

  @Nested
  class Breaker {

    @Test
    void askWhenItFailedTooOftenThenLeftAloneUntilAProbeSucceeds() {
      server.always(json(500, ""));
      endpoint.ask(clientCredentials(server.url()));
      endpoint.ask(clientCredentials(server.url()));
      int before = server.requests();

      TokenAnswer open = endpoint.ask(clientCredentials(server.url()));
      server.always(token("t-1"));
      TokenAnswer stillOpen = endpoint.ask(clientCredentials(server.url()));
      clock.advance(ENDPOINT.breaker().pause().plusMillis(1));
      TokenAnswer probe = endpoint.ask(clientCredentials(server.url()));
      TokenAnswer closed = endpoint.ask(clientCredentials(server.url()));

      assertThat(before).isEqualTo(ENDPOINT.breaker().minimumCalls());
      assertThat(open)
          .isEqualTo(
              new Failed(
                  Cause.NO_USE, "failed too often and is left alone", Duration.ofSeconds(10)));
      assertThat(stillOpen).isEqualTo(open);
      assertThat(probe).isInstanceOf(Granted.class);
      assertThat(closed).isInstanceOf(Granted.class);
      assertThat(server.requests()).isEqualTo(before + 2);
    }

    @Test
    void askWhenTheProbeFailsThenLeftAloneAgain() {
      server.always(json(500, ""));
      endpoint.ask(clientCredentials(server.url()));
      endpoint.ask(clientCredentials(server.url()));
      clock.advance(ENDPOINT.breaker().pause().plusMillis(1));
      int before = server.requests();

      endpoint.ask(clientCredentials(server.url()));
      endpoint.ask(clientCredentials(server.url()));

      assertThat(server.requests()).isEqualTo(before + 1);
    }

    @Test
    void askWhenThereIsNoUseOfTheAnswersThenStaysClosed() {
      server.always(json(400, "{\"error\":\"invalid_grant\"}"));

      for (int i = 0; i < 20; i++) {
        endpoint.ask(clientCredentials(server.url()));
      }

      assertThat(server.requests()).isEqualTo(20);
    }

    @Test
    void askWhenAnotherOriginIsDownThenThisOneWorks() {
      try (FakeTokenEndpoint other = new FakeTokenEndpoint()) {
        other.always(json(500, ""));
        endpoint.ask(clientCredentials(other.url()));
        endpoint.ask(clientCredentials(other.url()));

        assertThat(endpoint.ask(clientCredentials(server.url()))).isInstanceOf(Granted.class);
      }
    }
  }

  private TokenEndpoint endpoint(BrokerSettings.Endpoint settings) {
    return new TokenEndpoint(settings, clock, task -> Thread.ofVirtual().start(task));
  }

  /**
   * A port where nobody listens. While this is open the kernel gives it to nobody who asks for any;
   * a server that asks for this one gets it.
   */
  private static SocketChannel unusedPort() throws IOException {
    SocketChannel holder = SocketChannel.open();
    holder.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    return holder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  private static int number(SocketChannel unused) throws IOException {
    return ((InetSocketAddress) unused.getLocalAddress()).getPort();
  }
}
