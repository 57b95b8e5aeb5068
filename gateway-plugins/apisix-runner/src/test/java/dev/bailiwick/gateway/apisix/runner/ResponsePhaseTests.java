// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.contract.apisix.Entry;
import dev.bailiwick.contract.apisix.ExtPluginClient;
import dev.bailiwick.contract.apisix.PluginAnswer;
import dev.bailiwick.contract.apisix.PluginConf;
import dev.bailiwick.contract.apisix.PluginRequest;
import dev.bailiwick.contract.apisix.PluginResponse;
import dev.bailiwick.contract.gateway.GatewayTestBed;
import dev.bailiwick.gateway.credential.BrokerSettings;
import dev.bailiwick.gateway.credential.FileVault;
import dev.bailiwick.gateway.credential.OAuthClient;
import dev.bailiwick.gateway.credential.StoredCredential;
import dev.bailiwick.gateway.credential.VaultKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What APISIX must be told so that its response phase sends the answer that was decided on. */
@Timeout(30)
final class ResponsePhaseTests {
  private static final Entry JSON = new Entry("content-type", "application/json");
  private static final Entry TEXT = new Entry("content-type", "text/plain");

  private static PluginAnswer.Response answered(
      WireBed wire, PluginConf conf, int status, List<Entry> headers, byte[] body) {
    PluginRequest request = wire.request("GET", WireBed.INCIDENTS);
    assertThat(wire.call("servicenow", request)).isInstanceOf(PluginAnswer.Rewrite.class);
    String id = Entry.first(request.headers(), "x-bailiwick-request").orElseThrow();
    PluginAnswer answer =
        wire.client()
            .response(conf, new PluginResponse(status, headers, body, Map.of("request_id", id)));
    assertThat(answer).isInstanceOf(PluginAnswer.Response.class);
    return (PluginAnswer.Response) answer;
  }

  /** An empty body would be none, and APISIX would send the request a second time. */
  @ParameterizedTest
  @CsvSource({
    "204, ''",
    "304, ''",
    "200, ''",
    "200, '0'",
  })
  void answerWhenItHasNoBodyThenThereIsStillSomethingToSend(
      int status, String length, @TempDir Path directory) {
    try (WireBed wire = new WireBed(directory)) {
      List<Entry> headers =
          length.isEmpty() ? List.of(JSON) : List.of(JSON, new Entry("content-length", length));

      PluginAnswer.Response answer =
          answered(wire, wire.conf("servicenow"), status, headers, new byte[0]);

      assertThat(answer.status()).isEqualTo(status);
      assertThat(answer.body()).containsExactly('\n');
    }
  }

  @Test
  void answerWhenItsBodyIsSentOnThenItIsNotAskedFor(@TempDir Path directory) {
    try (WireBed wire = new WireBed(directory)) {
      PluginAnswer.Response answer =
          answered(
              wire,
              wire.conf("servicenow"),
              500,
              List.of(TEXT, new Entry("content-length", "5")),
              "hello".getBytes(StandardCharsets.US_ASCII));

      assertThat(answer.body()).isEmpty();
      assertThat(wire.client().questions()).as("the request's id").isOne();
    }
  }

  @Test
  void answerWhenItComesOverTlsThenNothingOfItReachesTheAgent(@TempDir Path directory) {
    try (WireBed wire = new WireBed(directory)) {
      PluginConf conf = RunnerHost.conf("servicenow", URI.create("https://acme.example"));

      PluginAnswer.Response answer =
          answered(
              wire,
              new PluginConf("response-phase", conf.filters()),
              200,
              List.of(JSON),
              "{\"result\":1}".getBytes(StandardCharsets.US_ASCII));

      assertThat(answer.status()).isEqualTo(502);
      assertThat(new String(answer.body(), StandardCharsets.UTF_8))
          .contains("does not check whose certificate")
          .doesNotContain("result");
    }
  }

  @Test
  void answerWhenItIsLongThenRewritingItHoldsUpNoOtherConnection(@TempDir Path directory)
      throws Exception {
    BlockingQueue<Runnable> rewriting = new LinkedBlockingQueue<>();
    try (WireBed wire = WireBed.rewritingIn(rewriting::add, directory);
        ExecutorService apisix = Executors.newVirtualThreadPerTaskExecutor()) {
      URI upstream =
          RunnerHost.bundle(wire.bed().setup()).connectors().get("servicenow").upstream();
      String link =
          "{\"result\":[{\"caller_id\":{\"link\":\""
              + upstream
              + "/api/now/table/sys_user/1\"}}],\"x\":\"";
      byte[] longBody = (link + "x".repeat(200_000) + "\"}").getBytes(StandardCharsets.US_ASCII);
      Future<PluginAnswer.Response> answer =
          apisix.submit(
              () -> answered(wire, wire.conf("servicenow"), 200, List.of(JSON), longBody));
      Runnable held = rewriting.poll(20, TimeUnit.SECONDS);
      assertThat(held).isNotNull();

      // As many as there are loops, so that one of them shares that of the long answer.
      for (int n = 0; n < Runtime.getRuntime().availableProcessors(); n++) {
        try (ExtPluginClient other = new ExtPluginClient(wire.runner().socket())) {
          PluginRequest request = wire.request("GET", WireBed.INCIDENTS);
          assertThat(other.request(wire.conf("servicenow"), request))
              .isInstanceOf(PluginAnswer.Rewrite.class);
        }
      }

      assertThat(answer.isDone()).isFalse();
      held.run();
      assertThat(new String(answer.get().body(), StandardCharsets.US_ASCII))
          .contains("/servicenow/api/now/table/sys_user/1")
          .doesNotContain(upstream.toString());
    }
  }

  /** At an error APISIX would send the upstream's body, whatever is in it. */
  @Test
  void answerWhenItIsLateThenItIsReplacedAllTheSame(@TempDir Path directory) throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    HttpServer endpoint = answeringOnce(release);
    GatewayTestBed bed = new GatewayTestBed(directory);
    store(bed, endpoint.getAddress().getPort());
    try (WireBed wire = new WireBed(bed, all -> WireBed.limited(all, hasty()))) {
      assertThat(wire.call("servicenow", wire.request("GET", WireBed.INCIDENTS)))
          .isInstanceOf(PluginAnswer.Rewrite.class);
      // A credential is not renewed right after it was obtained.
      Thread.sleep(BrokerSettings.defaults().renewalPause().plusMillis(200));

      PluginAnswer.Response answer =
          answered(
              wire,
              wire.conf("servicenow"),
              401,
              List.of(JSON),
              "{\"error\":\"of the upstream\"}".getBytes(StandardCharsets.US_ASCII));

      assertThat(answer.status()).isEqualTo(503);
      assertThat(new String(answer.body(), StandardCharsets.UTF_8))
          .contains("could not be checked in time")
          .doesNotContain("of the upstream");
      release.countDown(); // closing the runner would wait for the endpoint's answer
    } finally {
      endpoint.stop(0);
    }
  }

  private static RunnerSettings.Limits hasty() {
    RunnerSettings.Limits all = RunnerSettings.Limits.defaults();
    return new RunnerSettings.Limits(
        all.maxFrameBytes(),
        all.maxConnections(),
        all.frameAge(),
        Duration.ofSeconds(1),
        all.reportAge(),
        all.maxPending(),
        all.drain());
  }

  /** A token endpoint whose second answer does not come. */
  private static HttpServer answeringOnce(CountDownLatch release) throws IOException {
    Semaphore once = new Semaphore(1);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          try {
            if (!once.tryAcquire()) {
              release.await();
            }
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          byte[] body =
              "{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"expires_in\":1800}"
                  .getBytes(StandardCharsets.US_ASCII);
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static void store(GatewayTestBed bed, int port) {
    FileVault.open(bed.setup().vault(), VaultKey.ofFile(bed.setup().vaultKey()), Clock.systemUTC())
        .put(
            "servicenow/contract",
            new StoredCredential.ClientCredentials(
                new OAuthClient(
                    URI.create("http://127.0.0.1:" + port + "/token"),
                    "client",
                    Secret.of("client-secret"),
                    OAuthClient.Authentication.POST,
                    null,
                    Map.of())));
  }
}
