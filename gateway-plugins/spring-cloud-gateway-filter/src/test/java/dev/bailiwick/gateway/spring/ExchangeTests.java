// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.BodyRewriter;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.contract.gateway.RawHttp;
import dev.bailiwick.gateway.DenyReason;
import dev.bailiwick.gateway.UpstreamCall.Next;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the two filters do with an exchange, over real connections on both sides. */
@ExtendWith({NoBufferLeaks.class, NoBlockingCalls.class})
@Timeout(30)
final class ExchangeTests {
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

  private static RawHttp.Response post(String target, String body, String... headers) {
    return RawHttp.exchange(gateway.port, request("POST", target, body, headers));
  }

  private static byte[] request(String method, String target, String body, String... headers) {
    String head =
        method
            + " "
            + target
            + " HTTP/1.1\r\nHost: gateway\r\nContent-Length: "
            + body.length()
            + "\r\n"
            + String.join("", List.of(headers).stream().map(line -> line + "\r\n").toList())
            + "\r\n";
    return (head + body).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void awaitReport(String report) {
    await(() -> gateway.pipeline.reports.contains(report));
  }

  private static String awaitReport() {
    await(() -> !gateway.pipeline.reports.isEmpty());
    return gateway.pipeline.reports.get(0);
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("reports: " + gateway.pipeline.reports).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  @Nested
  final class Request {

    @Test
    void sendWhenAllowedThenUpstreamSeesOnlyWhatTheCoreDecided() {
      RawHttp.Response response =
          gateway.get(
              "/servicenow/api/now/table/incident?a=1",
              "Authorization: DPoP agent-token",
              "DPoP: agent-proof",
              "Cookie: session=agent",
              "X-Forwarded-For: 6.6.6.6",
              "Forwarded: for=6.6.6.6",
              "X-Custom: 1");

      assertThat(response.status()).isEqualTo(200);
      assertThat(response.text()).isEqualTo("hello");
      FakeUpstream.Seen seen = gateway.onlySeen();
      assertThat(seen.requestLine()).isEqualTo("GET /api/now/table/incident?a=1 HTTP/1.1");
      assertThat(seen.headers().without(Set.of("user-agent")).fields())
          .extracting(field -> field.name() + ": " + field.value())
          .containsExactlyInAnyOrder(
              "authorization: " + FakePipeline.CREDENTIAL,
              "accept: application/json",
              "host: " + gateway.upstream.origin().getAuthority());
      assertThat(gateway.pipeline.reports).containsExactly("answered 200 replayable");
    }

    @Test
    void admitWhenDeniedThenAnswersAndSendsNothing() {
      gateway.pipeline.admission = request -> Optional.of(DenyReason.TOKEN_EXPIRED);

      RawHttp.Response response = gateway.get("/servicenow/x");

      assertThat(response.status()).isEqualTo(401);
      assertThat(response.header("www-authenticate")).contains("DPoP error=\"TOKEN_EXPIRED\"");
      assertThat(response.text()).isEqualTo("{\"code\":\"TOKEN_EXPIRED\"}");
      assertThat(gateway.upstream.seen()).isEmpty();
    }

    @Test
    void decideWhenDeniedThenAnswersAndSendsNothing() {
      gateway.pipeline.decision = (request, body) -> Optional.of(DenyReason.SCOPE_NOT_GRANTED);

      RawHttp.Response response = gateway.get("/servicenow/x");

      assertThat(response.status()).isEqualTo(403);
      assertThat(gateway.upstream.seen()).isEmpty();
    }

    @Test
    void decideWhenHeadIsDeniedThenSendsNoBody() {
      gateway.pipeline.admission = request -> Optional.of(DenyReason.TOKEN_MISSING);

      RawHttp.Response response =
          RawHttp.exchange(gateway.port, "HEAD /servicenow/x HTTP/1.1", "Host: gateway");

      assertThat(response.status()).isEqualTo(401);
      assertThat(response.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "/servicenow/../admin",
          "/servicenow/%2e%2e/admin",
          "/servicenow/%252e%252e/admin",
          "/servicenow/a%2fb",
          "/servicenow/a%252fb",
          "/servicenow/a;v=1/b",
          "/servicenow//b",
          "//servicenow/b",
          "/%73ervicenow/b",
          "/servicenow/b?x=%2f&x=2&y",
          "/elsewhere",
          "/"
        })
    void admitWhenTargetIsOddThenCoreSeesItAsSent(String target) {
      gateway.pipeline.admission = request -> Optional.of(DenyReason.MALFORMED_TARGET);

      RawHttp.Response response = gateway.get(target);

      assertThat(response.status()).isEqualTo(400);
      assertThat(gateway.pipeline.admitted)
          .singleElement()
          .satisfies(
              request ->
                  assertThat(
                          request.rawPath()
                              + (request.rawQuery() == null ? "" : "?" + request.rawQuery()))
                      .isEqualTo(target));
      assertThat(gateway.upstream.seen()).isEmpty();
    }

    @Test
    void admitWhenTargetIsAbsoluteThenCoreSeesTheWholeTarget() {
      gateway.pipeline.admission = request -> Optional.of(DenyReason.MALFORMED_TARGET);

      gateway.get("http://elsewhere.example/servicenow/x?q=1");

      assertThat(gateway.pipeline.admitted)
          .singleElement()
          .satisfies(
              request -> {
                assertThat(request.rawPath()).isEqualTo("http://elsewhere.example/servicenow/x");
                assertThat(request.rawQuery()).isEqualTo("q=1");
              });
      assertThat(gateway.upstream.seen()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"FOO", "PURGE", "TRACE", "PROPFIND", "get"})
    void admitWhenMethodIsUnusualThenCoreSeesIt(String method) {
      gateway.pipeline.admission = request -> Optional.of(DenyReason.METHOD_NOT_ALLOWED);

      RawHttp.Response response =
          RawHttp.exchange(gateway.port, method + " /servicenow/x HTTP/1.1", "Host: gateway");

      assertThat(response.status()).isEqualTo(405);
      assertThat(gateway.pipeline.admitted)
          .singleElement()
          .satisfies(request -> assertThat(request.method()).isEqualTo(method));
    }

    @Test
    void admitWhenHeadersRepeatThenCoreSeesEveryLine() {
      gateway.get(
          "/servicenow/x", "DPoP: one", "dpop: two", "Authorization: a", "Authorization: b");

      Headers headers = gateway.pipeline.admitted.get(0).headers();
      assertThat(headers.all("dpop")).containsExactly("one", "two");
      assertThat(headers.all("authorization")).containsExactly("a", "b");
    }

    @Test
    void admitWhenForwardedHeadersLieThenPeerIsTheConnection() {
      gateway.get("/servicenow/x", "X-Forwarded-For: 6.6.6.6", "Forwarded: for=6.6.6.6");

      assertThat(gateway.pipeline.admitted)
          .singleElement()
          .satisfies(request -> assertThat(request.sourceAddress()).isEqualTo("127.0.0.1"));
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "Content-Length: 3\r\nTransfer-Encoding: chunked",
          "Content-Length: 3\r\nContent-Length: 4",
          "Content-Length: +3",
          "Transfer-Encoding: chunked, identity",
          "X-Space : a",
          ": nameless",
          "X-Null: a\u0000b",
          "X-Bell: a\u0007b",
          "X-Delete: a\u007fb"
        })
    void readWhenMessageIsAmbiguousThenNothingIsSent(String lines) {
      RawHttp.Response response =
          RawHttp.exchange(
              gateway.port,
              bytes(
                  "POST /servicenow/x HTTP/1.1\r\nHost: gateway\r\n"
                      + lines
                      + "\r\n\r\n0\r\n\r\n"));

      assertThat(response.status()).isEqualTo(400);
      assertThat(gateway.upstream.seen()).isEmpty();
    }

    @Test
    void admitWhenConnectionNamesAuthorizationThenCredentialStillGoes() {
      gateway.get("/servicenow/x", "Connection: close, authorization, accept");

      assertThat(gateway.onlySeen().headers().first("authorization"))
          .contains(FakePipeline.CREDENTIAL);
      assertThat(gateway.onlySeen().headers().first("accept")).contains("application/json");
    }

    @Test
    void admitWhenWebSocketThenCoreSeesItAndNothingIsUpgraded() {
      RawHttp.Response response =
          gateway.get(
              "/servicenow/x",
              "Connection: Upgrade",
              "Upgrade: WebSocket",
              "Sec-WebSocket-Version: 13",
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");

      assertThat(gateway.pipeline.admitted.get(0).headers().first("upgrade")).contains("WebSocket");
      assertThat(response.status()).isEqualTo(200);
      assertThat(gateway.onlySeen().headers().has("upgrade")).isFalse();
      assertThat(gateway.onlySeen().headers().has("sec-websocket-key")).isFalse();
    }

    /** The gateway answers these by itself, ahead of every filter: with nothing. */
    @Test
    void admitWhenPreflightThenNothingIsPermittedOrSent() {
      RawHttp.Response response =
          RawHttp.exchange(
              gateway.port,
              "OPTIONS /servicenow/x HTTP/1.1",
              "Host: gateway",
              "Origin: https://elsewhere.example",
              "Access-Control-Request-Method: GET");

      assertThat(response.body()).isEmpty();
      assertThat(response.headers().keySet())
          .noneMatch(name -> name.startsWith("access-control-allow"));
      assertThat(gateway.upstream.seen()).isEmpty();
    }

    @Test
    void admitWhenContinueIsExpectedThenDenialComesInsteadOfIt() {
      gateway.pipeline.admission = request -> Optional.of(DenyReason.TOKEN_MISSING);

      try (RawHttp http = RawHttp.connect(gateway.port)) {
        http.send(
            RawHttp.head(
                "POST /servicenow/x HTTP/1.1",
                "Host: gateway",
                "Content-Length: 1000000",
                "Expect: 100-continue"));

        assertThat(http.receive().status()).isEqualTo(401);
      }
    }

    @Test
    void admitWhenHeaderIsFoldedThenCoreSeesOneLine() {
      gateway.get("/servicenow/x", "X-Folded: a\r\n b");

      assertThat(gateway.pipeline.admitted.get(0).headers().all("x-folded")).containsExactly("a b");
    }

    @Test
    void admitWhenCompleteOnAnotherThreadThenExchangeGoesOn() throws Exception {
      try (ExecutorService elsewhere = Executors.newSingleThreadExecutor()) {
        gateway.pipeline.executor = elsewhere;
        gateway.pipeline.needsBody = true;

        RawHttp.Response response = post("/servicenow/x", "{}");

        assertThat(response.status()).isEqualTo(200);
        assertThat(gateway.onlySeen().text()).isEqualTo("{}");
      }
    }

    @Test
    void sendWhenConnectorRenamesMethodAndBodyThenThoseGo() {
      gateway.pipeline.outbound =
          request -> {
            OutboundRequest usual = FakePipeline.injected(request);
            return new OutboundRequest(
                "PATCH",
                usual.target(),
                usual.headers().with("content-type", "application/json"),
                usual.credentialHeaders(),
                Optional.of(bytes("{\"new\":1}")));
          };

      post("/servicenow/x", "old");

      FakeUpstream.Seen seen = gateway.onlySeen();
      assertThat(seen.requestLine()).isEqualTo("PATCH /x HTTP/1.1");
      assertThat(seen.text()).isEqualTo("{\"new\":1}");
      assertThat(seen.headers().all("content-length")).containsExactly("9");
    }
  }

  @Nested
  final class RequestBodies {

    @Test
    void decideWhenBodyIsNeededThenSameBytesAreDecidedAndSent() {
      gateway.pipeline.needsBody = true;

      post("/servicenow/x", "{\"state\":\"2\"}", "Content-Type: application/json");

      assertThat(gateway.pipeline.decidedBodies).containsExactly(bytes("{\"state\":\"2\"}"));
      assertThat(gateway.onlySeen().text()).isEqualTo("{\"state\":\"2\"}");
      assertThat(gateway.onlySeen().headers().all("content-length")).containsExactly("13");
      assertThat(gateway.pipeline.reports).containsExactly("answered 200 replayable");
    }

    @Test
    void decideWhenBodyIsNeededAndChunkedThenItIsSentWhole() {
      gateway.pipeline.needsBody = true;

      RawHttp.exchange(
          gateway.port,
          bytes(
              "POST /servicenow/x HTTP/1.1\r\nHost: gateway\r\nTransfer-Encoding: chunked\r\n\r\n"
                  + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));

      assertThat(gateway.pipeline.decidedBodies).containsExactly(bytes("abcde"));
      assertThat(gateway.onlySeen().text()).isEqualTo("abcde");
      assertThat(gateway.onlySeen().headers().has("transfer-encoding")).isFalse();
    }

    @Test
    void decideWhenBodyIsNeededAndAbsentThenNoneIsSent() {
      gateway.pipeline.needsBody = true;

      gateway.get("/servicenow/x");

      assertThat(gateway.pipeline.decidedBodies).containsExactly(new byte[0]);
      assertThat(gateway.onlySeen().headers().has("content-length")).isFalse();
    }

    @Test
    void decideWhenAnnouncedBodyIsTooLargeThenDeniesBeforeItArrives() {
      gateway.pipeline.needsBody = true;
      gateway.pipeline.maxBodyBytes = 10;

      RawHttp.Response response =
          RawHttp.exchange(
              gateway.port,
              "POST /servicenow/x HTTP/1.1",
              "Host: gateway",
              "Content-Length: 1000000000");

      assertThat(response.status()).isEqualTo(413);
      assertThat(gateway.pipeline.decidedBodies).isEmpty();
      assertThat(gateway.upstream.seen()).isEmpty();
    }

    @Test
    void decideWhenChunkedBodyIsTooLargeThenDenies() {
      gateway.pipeline.needsBody = true;
      gateway.pipeline.maxBodyBytes = 10;

      RawHttp.Response response =
          RawHttp.exchange(
              gateway.port,
              bytes(
                  "POST /servicenow/x HTTP/1.1\r\nHost: gateway\r\nTransfer-Encoding: chunked\r\n\r\n"
                      + "6\r\nabcdef\r\n6\r\nghijkl\r\n0\r\n\r\n"));

      assertThat(response.status()).isEqualTo(413);
      assertThat(gateway.upstream.seen()).isEmpty();
    }

    @Test
    void decideWhenBodyIsExactlyTheLimitThenItPasses() {
      gateway.pipeline.needsBody = true;
      gateway.pipeline.maxBodyBytes = 10;

      RawHttp.Response response = post("/servicenow/x", "0123456789");

      assertThat(response.status()).isEqualTo(200);
    }

    @Test
    void sendWhenBodyIsNotNeededThenItStreamsWithoutLimit() {
      gateway.pipeline.maxBodyBytes = 10;
      String large = "x".repeat(300_000);

      post("/servicenow/x", large, "Content-Encoding: gzip");

      assertThat(gateway.pipeline.decidedBodies).containsExactly(new byte[0]);
      assertThat(gateway.onlySeen().body()).hasSize(300_000);
      assertThat(gateway.onlySeen().headers().all("content-length")).containsExactly("300000");
      assertThat(gateway.pipeline.reports).containsExactly("answered 200 streamed");
    }

    @Test
    void sendWhenStreamedBodyIsChunkedThenItStaysChunked() {
      RawHttp.exchange(
          gateway.port,
          bytes(
              "PUT /servicenow/x HTTP/1.1\r\nHost: gateway\r\nTransfer-Encoding: chunked\r\n\r\n"
                  + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));

      assertThat(gateway.onlySeen().text()).isEqualTo("abcde");
      assertThat(gateway.onlySeen().headers().all("transfer-encoding")).containsExactly("chunked");
    }

    @Test
    void sendWhenPostHasNoBodyThenLengthIsZero() {
      RawHttp.exchange(gateway.port, "POST /servicenow/x HTTP/1.1", "Host: gateway");

      assertThat(gateway.onlySeen().headers().all("content-length")).containsExactly("0");
    }

    @Test
    void decideWhenDeniedWithUnreadBodyThenConnectionServesTheNextRequest() {
      gateway.pipeline.needsBody = true;
      gateway.pipeline.maxBodyBytes = 10;

      try (RawHttp http = RawHttp.connect(gateway.port)) {
        http.send(request("POST", "/servicenow/x", "x".repeat(50_000)));
        assertThat(http.receive().status()).isEqualTo(413);

        http.send(RawHttp.head("GET /servicenow/y HTTP/1.1", "Host: gateway"));
        assertThat(http.receive().status()).isEqualTo(200);
      }
    }
  }

  @Nested
  final class Answer {

    @Test
    void relayWhenCoreChangesHeadThenAgentSeesOnlyThat() {
      gateway.upstream.script(
          FakeUpstream.answer(
              201, "made", "Set-Cookie: JSESSIONID=1", "X-Upstream: 1", "Location: /secret"));
      gateway.pipeline.answered =
          (status, headers) ->
              new Next.Relay(
                  new Inbound.Relay(
                      202,
                      headers.without(Set.of("set-cookie", "x-upstream")).with("location", "/ours"),
                      Optional.empty()));

      RawHttp.Response response = gateway.get("/servicenow/x");

      assertThat(response.status()).isEqualTo(202);
      assertThat(response.text()).isEqualTo("made");
      assertThat(response.header("location")).contains("/ours");
      assertThat(response.headers()).doesNotContainKeys("set-cookie", "x-upstream");
    }

    @Test
    void relayWhenHeaderRepeatsThenAgentSeesEveryLine() {
      gateway.upstream.script(FakeUpstream.ok("x", "Warning: one", "Warning: two"));

      RawHttp.Response response = gateway.get("/servicenow/x");

      assertThat(response.headers().get("warning")).containsExactly("one", "two");
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 299, 304, 418, 599})
    void relayWhenStatusIsUnusualThenAgentSeesIt(int status) {
      gateway.upstream.script(FakeUpstream.answer(status, ""));

      assertThat(gateway.get("/servicenow/x").status()).isEqualTo(status);
    }

    @Test
    void relayWhenHeadThenLengthIsKeptAndBodyIsNot() {
      gateway.upstream.script(FakeUpstream.ok("12345"));

      RawHttp.Response response =
          RawHttp.exchange(gateway.port, "HEAD /servicenow/x HTTP/1.1", "Host: gateway");

      assertThat(response.status()).isEqualTo(200);
      assertThat(response.header("content-length")).contains("5");
    }

    @Test
    void relayWhenBodyIsRewrittenThenPiecesComeAsTheyArrive() throws Exception {
      CountDownLatch firstPieceRead = new CountDownLatch(1);
      gateway.upstream.script(
          (request, out, socket) -> {
            out.write(
                bytes(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"));
            out.flush();
            firstPieceRead.await(10, TimeUnit.SECONDS);
            out.write(bytes("3\r\ndef\r\n0\r\n\r\n"));
            out.flush();
          });
      gateway.pipeline.answered =
          (status, headers) -> FakePipeline.rewritten(status, headers, UpperCase::new);

      try (RawHttp http = RawHttp.connect(gateway.port)) {
        http.send(RawHttp.head("GET /servicenow/x HTTP/1.1", "Host: gateway"));
        RawHttp.Head head = http.readHead();
        http.readUntil("ABC");
        firstPieceRead.countDown();
        String rest = http.readUntil("0\r\n\r\n");

        assertThat(head.status()).isEqualTo(200);
        assertThat(rest).contains("DEF").contains("(end)");
      }
    }

    @Test
    void relayWhenBodyIsRewrittenThenOldLengthIsGone() {
      gateway.upstream.script(FakeUpstream.ok("abc"));
      gateway.pipeline.answered =
          (status, headers) -> FakePipeline.rewritten(status, headers, UpperCase::new);

      RawHttp.Response response = gateway.get("/servicenow/x");

      assertThat(response.text()).isEqualTo("ABC(end)");
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 304})
    void relayWhenThereIsNoBodyToRewriteThenNoneIsMade(int status) {
      gateway.upstream.script(
          (request, out, socket) -> {
            out.write(bytes("HTTP/1.1 " + status + " Scripted\r\n\r\n"));
            out.flush();
          });
      gateway.pipeline.answered =
          (code, headers) -> FakePipeline.rewritten(code, headers, UpperCase::new);

      try (RawHttp http = RawHttp.connect(gateway.port)) {
        http.send(RawHttp.head("GET /servicenow/x HTTP/1.1", "Host: gateway"));
        RawHttp.Response response = http.receive();
        http.send(RawHttp.head("GET /servicenow/y HTTP/1.1", "Host: gateway"));

        assertThat(response.status()).isEqualTo(status);
        assertThat(response.headers()).doesNotContainKey("transfer-encoding");
        assertThat(http.receive().status()).isEqualTo(status);
      }
    }

    @Test
    void relayWhenHeadIsRewrittenThenOldLengthIsGone() {
      gateway.upstream.script(FakeUpstream.ok("12345"));
      gateway.pipeline.answered =
          (status, headers) -> FakePipeline.rewritten(status, headers, Unfinished::new);

      RawHttp.Response response =
          RawHttp.exchange(gateway.port, "HEAD /servicenow/x HTTP/1.1", "Host: gateway");

      assertThat(response.status()).isEqualTo(200);
      assertThat(response.header("content-length")).isNotEqualTo(Optional.of("5"));
    }

    @Test
    void relayWhenRewriterFailsAtTheEndThenAgentSeesABrokenBody() {
      gateway.upstream.script(FakeUpstream.ok("abc"));
      gateway.pipeline.answered =
          (status, headers) -> FakePipeline.rewritten(status, headers, Unfinished::new);

      RawHttp.Response response = gateway.get("/servicenow/x");

      assertThat(response.whole()).isFalse();
    }

    @Test
    void relayWhenAgentReadsSlowlyThenUpstreamWaits() throws Exception {
      AtomicLong written = new AtomicLong();
      int total = 200_000_000;
      CountDownLatch stalled = new CountDownLatch(1);
      gateway.upstream.script(
          (request, out, socket) -> {
            socket.setSendBufferSize(64 * 1024);
            out.write(bytes("HTTP/1.1 200 OK\r\nContent-Length: " + total + "\r\n\r\n"));
            byte[] piece = new byte[64 * 1024];
            Thread watcher = Thread.ofVirtual().start(() -> awaitStall(written, stalled));
            for (int sent = 0; sent < total; sent += piece.length) {
              out.write(piece, 0, Math.min(piece.length, total - sent));
              written.addAndGet(piece.length);
            }
            watcher.interrupt();
          });
      gateway.pipeline.answered =
          (status, headers) -> FakePipeline.rewritten(status, headers, UpperCase::new);

      try (RawHttp http = RawHttp.connect(gateway.port)) {
        http.send(RawHttp.head("GET /servicenow/x HTTP/1.1", "Host: gateway"));
        http.readHead();

        assertThat(stalled.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(written.get()).isLessThan(total / 4);
      }
    }

    private void awaitStall(AtomicLong written, CountDownLatch stalled) {
      long before = -1;
      try {
        while (before != written.get()) {
          before = written.get();
          TimeUnit.MILLISECONDS.sleep(500);
        }
        stalled.countDown();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Test
    void inspectWhenBodyIsCompleteThenSameBodyIsRelayed() {
      gateway.upstream.script(FakeUpstream.ok("small"));
      gateway.pipeline.answered = (status, headers) -> new Next.Inspect(100);
      gateway.pipeline.inspected =
          (body, complete) -> FakePipeline.relayed(206, Headers.none().with("x-seen", "1"));

      RawHttp.Response response = gateway.get("/servicenow/x");

      assertThat(response.status()).isEqualTo(206);
      assertThat(response.text()).isEqualTo("small");
      assertThat(gateway.pipeline.reports)
          .containsExactly("answered 200 replayable", "inspected 5 complete");
    }

    @Test
    void inspectWhenBodyIsEmptyThenItIsRelayed() {
      gateway.upstream.script(FakeUpstream.ok(""));
      gateway.pipeline.answered = (status, headers) -> new Next.Inspect(100);

      RawHttp.Response response = gateway.get("/servicenow/x");

      assertThat(response.status()).isEqualTo(200);
      assertThat(response.body()).isEmpty();
      assertThat(gateway.pipeline.reports).contains("inspected 0 complete");
    }

    @Test
    void inspectWhenBodyIsRewrittenThenTheBytesThatWereReadAre() {
      gateway.upstream.script(FakeUpstream.ok("small"));
      gateway.pipeline.answered = (status, headers) -> new Next.Inspect(5);
      gateway.pipeline.inspected =
          (body, complete) -> FakePipeline.rewritten(200, Headers.none(), UpperCase::new);

      RawHttp.Response response = gateway.get("/servicenow/x");

      assertThat(response.text()).isEqualTo("SMALL(end)");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void inspectWhenBodyIsLongerThenAllOfItIsRelayedInOrder(boolean rewritten) {
      String body = numbers(60_000);
      gateway.upstream.script(chunked(body, 7000));
      gateway.pipeline.answered = (status, headers) -> new Next.Inspect(1000);
      gateway.pipeline.inspected =
          (read, complete) ->
              rewritten
                  ? FakePipeline.rewritten(200, Headers.none(), UpperCase::new)
                  : FakePipeline.relayed(200, Headers.none());

      RawHttp.Response response = gateway.get("/servicenow/x");

      assertThat(response.status()).isEqualTo(200);
      assertThat(response.text()).isEqualTo(rewritten ? body + "(end)" : body);
      assertThat(gateway.pipeline.reports)
          .containsExactly("answered 200 replayable", "inspected 1000 cut");
    }

    @ParameterizedTest
    @ValueSource(ints = {999, 1000, 1001})
    void inspectWhenBodyHasNoLengthThenItIsReadUpToTheLimit(int length) {
      String body = numbers(1000).substring(0, length);
      gateway.upstream.script(chunked(body, 100));
      gateway.pipeline.answered = (status, headers) -> new Next.Inspect(1000);

      RawHttp.Response response = gateway.get("/servicenow/x");

      assertThat(response.text()).isEqualTo(body);
      assertThat(gateway.pipeline.reports)
          .containsExactly(
              "answered 200 replayable",
              length > 1000 ? "inspected 1000 cut" : "inspected " + length + " complete");
    }

    @Test
    void inspectWhenCoreAnswersElsewhereThenTheRestWaitsAndNoneIsLost() throws Exception {
      String body = numbers(60_000);
      gateway.upstream.script(chunked(body, 3000));
      gateway.pipeline.answered = (status, headers) -> new Next.Inspect(1000);
      gateway.pipeline.inspected =
          (read, complete) -> {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            return FakePipeline.relayed(200, Headers.none());
          };

      try (ExecutorService elsewhere = Executors.newSingleThreadExecutor()) {
        gateway.pipeline.executor = elsewhere;

        assertThat(gateway.get("/servicenow/x").text()).isEqualTo(body);
      }
    }

    @Test
    void inspectWhenLongBodyBreaksOffThenAgentSeesABrokenBody() {
      gateway.upstream.script(
          (request, out, socket) -> {
            out.write(bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
            out.write(bytes("7d0\r\n" + "x".repeat(2000) + "\r\n"));
            out.flush();
            socket.close();
          });
      gateway.pipeline.answered = (status, headers) -> new Next.Inspect(1000);

      RawHttp.Response response = gateway.get("/servicenow/x");

      assertThat(response.status()).isEqualTo(200);
      assertThat(response.whole()).isFalse();
    }

    @Test
    void inspectWhenAgentOfALongBodyHangsUpThenUpstreamConnectionIsClosed() throws Exception {
      CountDownLatch broken = new CountDownLatch(1);
      gateway.upstream.script(endless(new AtomicLong(), broken));
      gateway.pipeline.answered = (status, headers) -> new Next.Inspect(1000);

      try (RawHttp http = RawHttp.connect(gateway.port)) {
        http.send(RawHttp.head("GET /servicenow/x HTTP/1.1", "Host: gateway"));
        http.readHead();
      }

      assertThat(broken.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void inspectWhenAgentOfALongBodyReadsNothingThenUpstreamIsHeldBack() throws Exception {
      AtomicLong written = new AtomicLong();
      CountDownLatch stalled = new CountDownLatch(1);
      Thread watcher = new Thread(() -> awaitStall(written, stalled));
      gateway.upstream.script(
          (request, out, socket) -> {
            watcher.start();
            endless(written, new CountDownLatch(1)).answer(request, out, socket);
          });
      gateway.pipeline.answered = (status, headers) -> new Next.Inspect(1000);

      try (RawHttp http = RawHttp.connect(gateway.port)) {
        http.send(RawHttp.head("GET /servicenow/x HTTP/1.1", "Host: gateway"));
        http.readHead();

        assertThat(stalled.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(written.get()).isLessThan(50_000_000);
      }
    }

    private static String numbers(int length) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; text.length() < length; i++) {
        text.append(i).append(' ');
      }
      return text.toString();
    }

    /** A body of unknown length, in chunks of a size. */
    private static FakeUpstream.Script chunked(String body, int size) {
      return (request, out, socket) -> {
        out.write(bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
        for (int at = 0; at < body.length(); at += size) {
          String chunk = body.substring(at, Math.min(body.length(), at + size));
          out.write(bytes(Integer.toHexString(chunk.length()) + "\r\n" + chunk + "\r\n"));
          out.flush();
        }
        out.write(bytes("0\r\n\r\n"));
        out.flush();
      };
    }

    private static FakeUpstream.Script endless(AtomicLong written, CountDownLatch broken) {
      return (request, out, socket) -> {
        out.write(bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
        byte[] chunk = bytes("2710\r\n" + "x".repeat(10_000) + "\r\n");
        try {
          while (true) {
            out.write(chunk);
            written.addAndGet(chunk.length);
          }
        } finally {
          broken.countDown();
        }
      };
    }

    @Test
    void inspectWhenCoreReplacesThenUpstreamBodyIsDropped() {
      gateway.upstream.script(FakeUpstream.ok("<html>login</html>".repeat(10_000)));
      gateway.pipeline.answered = (status, headers) -> new Next.Inspect(1000);
      gateway.pipeline.inspected =
          (body, complete) -> new Next.Replace(FakePipeline.response(DenyReason.UPSTREAM_UNUSABLE));

      RawHttp.Response response = gateway.get("/servicenow/x");

      assertThat(response.status()).isEqualTo(502);
      assertThat(response.text()).isEqualTo("{\"code\":\"UPSTREAM_UNUSABLE\"}");
    }

    @Test
    void inspectWhenCoreRetriesThenSecondAnswerIsRelayed() {
      retryAfterInspection("expired");

      RawHttp.Response response = gateway.get("/servicenow/x");

      assertThat(response.text()).isEqualTo("fresh");
      assertThat(gateway.upstream.seen()).hasSize(2);
    }

    @Test
    void inspectWhenLongBodyThenRetryThenSecondAnswerIsRelayed() {
      retryAfterInspection("expired".repeat(10_000));

      RawHttp.Response response = gateway.get("/servicenow/x");

      assertThat(response.text()).isEqualTo("fresh");
    }

    private void retryAfterInspection(String first) {
      gateway.upstream.script(
          (request, out, socket) ->
              FakeUpstream.ok(gateway.upstream.seen().size() == 1 ? first : "fresh")
                  .answer(request, out, socket));
      gateway.pipeline.answered =
          (status, headers) ->
              gateway.upstream.seen().size() == 1
                  ? new Next.Inspect(1000)
                  : FakePipeline.relayed(status, headers);
      gateway.pipeline.inspected =
          (body, complete) ->
              new Next.Retry(FakePipeline.injected(gateway.pipeline.admitted.get(0)));
    }

    @Test
    void inspectWhenAgentHangsUpThenCoreIsTold() throws Exception {
      CountDownLatch asked = new CountDownLatch(1);
      gateway.upstream.script(
          (request, out, socket) -> {
            out.write(bytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"));
            out.flush();
          });
      gateway.pipeline.answered =
          (status, headers) -> {
            asked.countDown();
            return new Next.Inspect(1000);
          };

      try (RawHttp http = RawHttp.connect(gateway.port)) {
        http.send(RawHttp.head("GET /servicenow/x HTTP/1.1", "Host: gateway"));
        assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
      }

      awaitReport("failed CancellationException");
    }

    @Test
    void inspectWhenUpstreamBreaksOffThenCoreIsTold() {
      gateway.upstream.script(
          (request, out, socket) -> {
            out.write(bytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"));
            out.flush();
            socket.close();
          });
      gateway.pipeline.answered = (status, headers) -> new Next.Inspect(1000);

      RawHttp.Response response = gateway.get("/servicenow/x");

      assertThat(response.status()).isEqualTo(502);
      assertThat(gateway.pipeline.reports)
          .containsExactly("answered 200 replayable", "failed PrematureCloseException");
    }

    @Test
    void inspectWhenBodyIsSlowThenCoreIsTold() {
      gateway.pipeline.timeout = Duration.ofMillis(500);
      gateway.upstream.script(
          (request, out, socket) -> {
            out.write(bytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"));
            out.flush();
          });
      gateway.pipeline.answered = (status, headers) -> new Next.Inspect(1000);

      RawHttp.Response response = gateway.get("/servicenow/x");

      assertThat(response.status()).isEqualTo(502);
      assertThat(gateway.pipeline.reports).contains("failed TimeoutException");
    }

    @Test
    void retryWhenBodyIsHeldThenSameBodyGoesAgainWithTheNewCredential() {
      gateway.pipeline.needsBody = true;
      AtomicInteger asked = new AtomicInteger();
      gateway.upstream.script(
          (request, out, socket) ->
              FakeUpstream.answer(
                      gateway.upstream.seen().size() == 1 ? 401 : 200, "answer", "X-Upstream: old")
                  .answer(request, out, socket));
      gateway.pipeline.answered =
          (status, headers) -> {
            if (asked.getAndIncrement() > 0) {
              return FakePipeline.relayed(status, Headers.none());
            }
            OutboundRequest again = FakePipeline.injected(gateway.pipeline.admitted.get(0));
            return new Next.Retry(
                new OutboundRequest(
                    again.method(),
                    again.target(),
                    again.headers().with("authorization", "Bearer renewed"),
                    again.credentialHeaders(),
                    again.body()));
          };

      RawHttp.Response response = post("/servicenow/x", "{\"a\":1}");

      assertThat(response.status()).isEqualTo(200);
      assertThat(response.headers()).doesNotContainKey("x-upstream");
      assertThat(gateway.upstream.seen())
          .extracting(FakeUpstream.Seen::text)
          .containsExactly("{\"a\":1}", "{\"a\":1}");
      assertThat(gateway.upstream.seen())
          .extracting(seen -> seen.headers().first("authorization").orElse(""))
          .containsExactly(FakePipeline.CREDENTIAL, "Bearer renewed");
    }

    @Test
    void retryWhenAskedTwiceThenFails() {
      gateway.pipeline.answered =
          (status, headers) ->
              new Next.Retry(FakePipeline.injected(gateway.pipeline.admitted.get(0)));

      RawHttp.Response response = gateway.get("/servicenow/x");

      assertThat(response.status()).isEqualTo(502);
      assertThat(gateway.upstream.seen()).hasSize(2);
      assertThat(gateway.pipeline.reports).endsWith("failed IllegalStateException");
    }

    @Test
    void replaceWhenAskedThenNothingOfTheUpstreamIsLeft() {
      gateway.upstream.script(
          FakeUpstream.answer(401, "vendor text", "WWW-Authenticate: BASIC", "X-Upstream: 1"));
      gateway.pipeline.answered =
          (status, headers) ->
              new Next.Replace(FakePipeline.response(DenyReason.UPSTREAM_UNAUTHORIZED));

      RawHttp.Response response = gateway.get("/servicenow/x");

      assertThat(response.status()).isEqualTo(502);
      assertThat(response.text()).isEqualTo("{\"code\":\"UPSTREAM_UNAUTHORIZED\"}");
      assertThat(response.headers()).doesNotContainKey("x-upstream");
      assertThat(response.headers().get("www-authenticate"))
          .containsExactly("DPoP error=\"UPSTREAM_UNAUTHORIZED\"");
    }
  }

  @Nested
  final class Failure {

    @Test
    void sendWhenUpstreamResetsThenCoreAnswers() {
      gateway.upstream.script((request, out, socket) -> socket.close());

      RawHttp.Response response = gateway.get("/servicenow/x");

      assertThat(response.status()).isEqualTo(502);
      assertThat(response.text()).isEqualTo("{\"code\":\"UPSTREAM_FAILED\"}");
      assertThat(gateway.pipeline.reports).containsExactly("failed PrematureCloseException");
    }

    @Test
    void sendWhenWriteIsResetThenItIsNotSentAgain() {
      gateway.pipeline.needsBody = true;
      gateway.upstream.script((request, out, socket) -> socket.close());

      post("/servicenow/x", "{}");

      assertThat(gateway.upstream.seen()).hasSize(1);
    }

    @Test
    void sendWhenUpstreamIsSlowThenCoreAnswers() {
      gateway.pipeline.timeout = Duration.ofMillis(300);
      BlockingQueue<String> never = new LinkedBlockingQueue<>();
      gateway.upstream.script((request, out, socket) -> never.poll(10, TimeUnit.SECONDS));

      RawHttp.Response response = gateway.get("/servicenow/x");
      never.add("end");

      assertThat(response.status()).isEqualTo(502);
      assertThat(gateway.pipeline.reports).containsExactly("failed TimeoutException");
    }

    @Test
    void sendWhenUpstreamAnswersNonsenseThenCoreAnswers() {
      gateway.upstream.script(
          (request, out, socket) -> {
            out.write(bytes("this is no HTTP\r\n\r\n"));
            out.flush();
            socket.close();
          });

      RawHttp.Response response = gateway.get("/servicenow/x");

      assertThat(response.status()).isEqualTo(502);
    }

    @Test
    void relayWhenUpstreamBreaksOffThenAgentSeesABrokenBody() {
      gateway.upstream.script(
          (request, out, socket) -> {
            out.write(bytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"));
            out.flush();
            socket.close();
          });

      RawHttp.Response response = gateway.get("/servicenow/x");

      assertThat(response.status()).isEqualTo(200);
      assertThat(response.whole()).isFalse();
    }

    @Test
    void decideWhenAgentHangsUpThenCoreIsTold() throws Exception {
      CountDownLatch asked = new CountDownLatch(1);
      CountDownLatch go = new CountDownLatch(1);
      CountDownLatch over = new CountDownLatch(1);
      gateway.upstream.script((request, out, socket) -> over.await(10, TimeUnit.SECONDS));
      gateway.pipeline.executor = task -> Thread.ofVirtual().start(task);
      gateway.pipeline.decision =
          (request, body) -> {
            asked.countDown();
            awaitLatch(go);
            return Optional.empty();
          };

      try (RawHttp http = RawHttp.connect(gateway.port)) {
        http.send(RawHttp.head("GET /servicenow/x HTTP/1.1", "Host: gateway"));
        assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
      }
      LockSupport.parkNanos(Duration.ofMillis(300).toNanos()); // the gateway sees it, or not yet
      go.countDown();

      String end = awaitReport();
      await(() -> gateway.upstream.seen().isEmpty() == end.equals("unsent UPSTREAM_FAILED"));
      over.countDown();
    }

    private static void awaitLatch(CountDownLatch latch) {
      try {
        assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Test
    void sendWhenAgentHangsUpBeforeThereIsAConnectionThenCoreIsToldThatNothingWasSent()
        throws Exception {
      List<Socket> waiting = new ArrayList<>();
      try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        fill(full, waiting);
        gateway.pipeline.origin = URI.create("http://127.0.0.1:" + full.getLocalPort());

        try (RawHttp http = RawHttp.connect(gateway.port)) {
          http.send(RawHttp.head("GET /servicenow/x HTTP/1.1", "Host: gateway"));
          await(() -> isConnecting(full.getLocalPort()));
        }

        awaitReport("unsent UPSTREAM_FAILED");
      } finally {
        for (Socket socket : waiting) {
          socket.close();
        }
      }
    }

    /** Connects until the kernel takes no more connections for a server that accepts none. */
    private static void fill(ServerSocket server, List<Socket> waiting) throws IOException {
      while (true) {
        Socket socket = new Socket();
        waiting.add(socket);
        try {
          socket.connect(server.getLocalSocketAddress(), 300);
        } catch (SocketTimeoutException e) {
          return;
        }
      }
    }

    /** Whether the kernel knows a connection to the port that is not established yet. */
    private static boolean isConnecting(int port) {
      try {
        String connecting = ":%04X 02 ".formatted(port);
        return Files.readString(Path.of("/proc/net/tcp")).contains(connecting)
            || Files.readString(Path.of("/proc/net/tcp6")).contains(connecting);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Test
    void sendWhenAgentHangsUpThenCoreIsTold() throws Exception {
      CountDownLatch arrived = new CountDownLatch(1);
      CountDownLatch over = new CountDownLatch(1);
      gateway.upstream.script(
          (request, out, socket) -> {
            arrived.countDown();
            over.await(10, TimeUnit.SECONDS);
          });

      try (RawHttp http = RawHttp.connect(gateway.port)) {
        http.send(RawHttp.head("GET /servicenow/x HTTP/1.1", "Host: gateway"));
        assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
      }

      awaitReport("failed CancellationException");
      over.countDown();
    }

    @Test
    void relayWhenAgentHangsUpInTheBodyThenUpstreamConnectionIsClosed() throws Exception {
      CountDownLatch broken = new CountDownLatch(1);
      gateway.upstream.script(
          (request, out, socket) -> {
            out.write(bytes("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"));
            try {
              while (true) {
                out.write(new byte[64 * 1024]);
              }
            } finally {
              broken.countDown();
            }
          });

      try (RawHttp http = RawHttp.connect(gateway.port)) {
        http.send(RawHttp.head("GET /servicenow/x HTTP/1.1", "Host: gateway"));
        http.readHead();
      }

      assertThat(broken.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  /** Upper case, and a mark at the end. */
  private static final class UpperCase implements BodyRewriter {
    @Override
    public byte[] feed(byte[] piece, int offset, int length) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      for (int i = offset; i < offset + length; i++) {
        out.write(Character.toUpperCase(piece[i]));
      }
      return out.toByteArray();
    }

    @Override
    public byte[] finish() {
      return bytes("(end)");
    }
  }

  private static final class Unfinished implements BodyRewriter {
    @Override
    public byte[] feed(byte[] piece, int offset, int length) {
      return bytes("x".repeat(length));
    }

    @Override
    public byte[] finish() {
      throw new IllegalStateException("the body ended in the middle");
    }
  }
}
