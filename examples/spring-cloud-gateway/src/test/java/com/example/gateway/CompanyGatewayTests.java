// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.bailiwick.contract.gateway.AgentRequest;
import dev.bailiwick.contract.gateway.GatewayHost;
import dev.bailiwick.contract.gateway.GatewayTestBed;
import dev.bailiwick.contract.gateway.RawHttp;
import dev.bailiwick.policy.BundleReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The example as it stands, with a ServiceNow instance and an intranet on free ports. */
final class CompanyGatewayTests {
  private static final String INCIDENTS = "/servicenow/api/now/table/incident?sysparm_limit=1";

  @TempDir private static Path directory;
  private static GatewayTestBed bed;
  private static HttpServer intranet;

  @BeforeAll
  static void start() throws Exception {
    intranet = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    intranet.createContext(
        "/intranet",
        exchange -> {
          String authorization = exchange.getRequestHeaders().getFirst("Authorization");
          byte[] body = ("intranet saw " + authorization).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    intranet.start();
    bed = new GatewayTestBed(directory);
    bed.runs(run(bed.setup()));
  }

  private static GatewayHost run(GatewayHost.Setup setup) {
    ConfigurableApplicationContext gateway =
        SpringApplication.run(
            CompanyGateway.class,
            "--server.port=0",
            "--intranet=http://127.0.0.1:" + intranet.getAddress().getPort(),
            "--bailiwick.bundle=" + setup.bundle(),
            "--bailiwick.vault.file=" + setup.vault(),
            "--bailiwick.vault.key-file=" + setup.vaultKey(),
            "--bailiwick.audit.directory=" + setup.audit());
    return new GatewayHost() {
      @Override
      public int port() {
        return Integer.parseInt(gateway.getEnvironment().getRequiredProperty("local.server.port"));
      }

      @Override
      public void close() {
        gateway.close();
      }
    };
  }

  @AfterAll
  static void stop() {
    bed.close();
    intranet.stop(0);
  }

  @BeforeEach
  void calm() {
    bed.calm();
  }

  @Test
  void readWhenAgentIsAllowedThenTheStoredCredentialGoes() {
    AgentRequest request = bed.request("GET", INCIDENTS);

    RawHttp.Response response = request.send();

    assertThat(response.status()).isEqualTo(200);
    assertThat(bed.servicenow().apiRequests())
        .singleElement()
        .satisfies(
            seen ->
                assertThat(seen.headers().first("authorization").orElse(""))
                    .startsWith("Bearer ")
                    .doesNotContain(request.token()));
    assertThat(bed.trail().await(request.tokenId(), "ALLOW")).contains("triage-agent");
  }

  @Test
  void readWhenThereIsNoTokenThenDenied() {
    RawHttp.Response response = bed.request("GET", INCIDENTS).withoutToken().send();

    assertThat(response.status()).isEqualTo(401);
    assertThat(bed.servicenow().apiRequests()).isEmpty();
  }

  @Test
  void readWhenAnotherTableThenDenied() {
    RawHttp.Response response = bed.request("GET", "/servicenow/api/now/table/sys_user").send();

    assertThat(response.status()).isEqualTo(403);
    assertThat(bed.servicenow().apiRequests()).isEmpty();
  }

  @Test
  void readWhenAnotherRouteThenItWorksAsBefore() {
    RawHttp.Response response =
        RawHttp.exchange(
            bed.port(),
            "GET /intranet/page HTTP/1.1",
            "Host: gateway",
            "Authorization: Basic of-the-intranet");

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.text()).isEqualTo("intranet saw Basic of-the-intranet");
  }

  @Test
  void bundleCompiles() throws Exception {
    assertThat(BundleReader.read(Path.of("bundle.yaml")).id()).isEqualTo("company@1");
  }
}
