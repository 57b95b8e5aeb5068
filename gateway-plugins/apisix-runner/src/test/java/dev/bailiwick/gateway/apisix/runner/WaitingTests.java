// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.contract.apisix.PluginAnswer;
import dev.bailiwick.contract.apisix.PluginRequest;
import dev.bailiwick.contract.gateway.GatewayTestBed;
import dev.bailiwick.gateway.credential.FileVault;
import dev.bailiwick.gateway.credential.OAuthClient;
import dev.bailiwick.gateway.credential.StoredCredential;
import dev.bailiwick.gateway.credential.VaultKey;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Calls that wait for a credential hold up nobody, and no thread waits with them. */
@Timeout(60)
final class WaitingTests {
  private static final int WAITING = 1000;
  private static final String TOKEN =
      "{\"access_token\":\"late\",\"token_type\":\"Bearer\",\"expires_in\":1800}";

  @Test
  void callWhenOneConnectorWaitsForItsCredentialThenAnotherDoesNot(@TempDir Path directory)
      throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    HttpServer endpoint = slowEndpoint(release);
    GatewayTestBed bed = new GatewayTestBed(directory);
    store(bed, endpoint.getAddress().getPort());
    allowMany(bed.setup().bundle());
    try (WireBed wire = new WireBed(bed, UnaryOperator.identity());
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<PluginRequest> requests = new ArrayList<>();
      for (int i = 0; i < WAITING; i++) {
        requests.add(wire.request("GET", WireBed.INCIDENTS));
      }
      PluginRequest other = wire.request("GET", "/renewed-read/api/now/table/incident");
      int threads = ManagementFactory.getThreadMXBean().getThreadCount();

      List<Future<PluginAnswer>> waiting =
          requests.stream()
              .map(request -> callers.submit(() -> wire.call("servicenow", request)))
              .toList();
      awaitConnections(wire);

      assertThat(wire.call("renewed-read", other)).isInstanceOf(PluginAnswer.Rewrite.class);
      assertThat(ManagementFactory.getThreadMXBean().getThreadCount())
          .as("platform threads while %d calls wait", WAITING)
          .isLessThan(threads + 40);
      assertThat(waiting).noneMatch(Future::isDone);
      release.countDown();
      for (Future<PluginAnswer> call : waiting) {
        assertThat(call.get()).isInstanceOf(PluginAnswer.Rewrite.class);
      }
    } finally {
      release.countDown();
      endpoint.stop(0);
    }
  }

  private static void allowMany(Path bundle) throws IOException {
    Files.writeString(
        bundle,
        Files.readString(bundle)
            .replace(
                "    path: /servicenow\n",
                "    path: /servicenow\n    limits: {concurrent: " + 2 * WAITING + "}\n"));
  }

  private static HttpServer slowEndpoint(CountDownLatch release) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          byte[] body = TOKEN.getBytes(StandardCharsets.US_ASCII);
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

  /** Until every call is at the runner. */
  private static void awaitConnections(WireBed wire) throws Exception {
    HttpRequest metrics = HttpRequest.newBuilder(wire.runner().admin().resolve("/metrics")).build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      String text = "";
      while (!text.matches("(?s).*bailiwick_apisix_connections 1[0-9]{3}\n.*")) {
        text = http.send(metrics, HttpResponse.BodyHandlers.ofString()).body();
        Thread.sleep(20);
      }
    }
  }
}
