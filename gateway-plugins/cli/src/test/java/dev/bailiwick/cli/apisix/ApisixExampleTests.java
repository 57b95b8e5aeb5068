// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.apisix;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.contract.apisix.ApisixFront;
import dev.bailiwick.contract.apisix.ApisixRoute;
import dev.bailiwick.contract.apisix.Entry;
import dev.bailiwick.contract.apisix.PluginConf;
import dev.bailiwick.contract.gateway.RawHttp;
import dev.bailiwick.gateway.apisix.runner.ApisixRunner;
import dev.bailiwick.gateway.apisix.runner.RunnerSettings;
import dev.bailiwick.gateway.credential.FileVault;
import dev.bailiwick.gateway.credential.OAuthClient;
import dev.bailiwick.gateway.credential.StoredCredential;
import dev.bailiwick.gateway.credential.VaultKey;
import dev.bailiwick.gateway.token.jose.AgentTokenMint;
import dev.bailiwick.gateway.token.jose.DpopProofSigner;
import dev.bailiwick.gateway.token.jose.SignatureAlgorithm;
import dev.bailiwick.gateway.token.jose.SigningKey;
import dev.bailiwick.policy.BundleReader;
import dev.bailiwick.simulator.SeenRequest;
import dev.bailiwick.simulator.servicenow.ServiceNowSimulator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The configuration in {@code examples/apisix}, as it stands there, and what it leads to. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ApisixExampleTests {
  private static final Path EXAMPLE = Path.of("..", "..", "examples", "apisix");
  private static final String GATEWAY = "http://127.0.0.1:9080";
  private static final String ISSUER = "http://127.0.0.1:18082";
  private static final String INCIDENTS = "/servicenow/api/now/table/incident";

  private final SigningKey issuerKey = SigningKey.generate(SignatureAlgorithm.ES256);
  private final SigningKey agentKey = SigningKey.generate(SignatureAlgorithm.EDDSA);
  private final ServiceNowSimulator servicenow = new ServiceNowSimulator();
  private HttpServer issuer;
  private ApisixRunner runner;
  private ApisixFront front;

  private static String example(String name) throws IOException {
    return Files.readString(EXAMPLE.resolve(name));
  }

  /** The example's servers listen elsewhere in a test; its configuration is the same. */
  private String moved(String text) {
    return text.replace("127.0.0.1:18081", servicenow.origin().getAuthority())
        .replace(ISSUER + "/jwks", "http://127.0.0.1:" + issuer.getAddress().getPort() + "/jwks");
  }

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    servicenow.start();
    issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    issuer.createContext(
        "/jwks",
        exchange -> {
          byte[] keys = SigningKey.publicJwks(List.of(issuerKey)).getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/jwk-set+json");
          exchange.sendResponseHeaders(200, keys.length);
          exchange.getResponseBody().write(keys);
          exchange.close();
        });
    issuer.start();
    Path bundle = directory.resolve("bundle.yaml");
    Files.writeString(bundle, moved(example("bundle.yaml")));
    VaultKey key = VaultKey.generate(directory.resolve("vault.key"));
    FileVault.init(directory.resolve("vault"), key, Clock.systemUTC())
        .put(
            "servicenow/company",
            new StoredCredential.ClientCredentials(
                new OAuthClient(
                    servicenow.tokenEndpoint(),
                    servicenow.clientId(),
                    Secret.of(servicenow.clientSecret()),
                    OAuthClient.Authentication.POST,
                    null,
                    Map.of())));
    runner =
        ApisixRunner.start(
            new RunnerSettings(
                bundle,
                directory.resolve("vault"),
                VaultKey.ofFile(directory.resolve("vault.key")),
                directory.resolve("audit"),
                "apisix",
                RunnerSettings.Socket.at(Files.createTempDirectory("bw").resolve("s")),
                0,
                Optional.empty(),
                Duration.ofHours(1),
                Duration.ofMinutes(1),
                RunnerSettings.Limits.defaults()));
    front = ApisixFront.start(runner.socket(), List.of(route()));
  }

  /** What APISIX would read in the example's file. */
  private ApisixRoute route() throws IOException {
    YamlItem file = YamlItem.read("apisix.yaml", moved(example("apisix.yaml"))).orElseThrow();
    YamlItem route = file.at("routes").orElseThrow().items().get(0);
    YamlItem plugin = route.at("plugins", "ext-plugin-pre-req").orElseThrow();
    List<Entry> filters =
        plugin.member("conf").orElseThrow().items().stream()
            .map(
                entry ->
                    new Entry(entry.text("name").orElseThrow(), entry.text("value").orElseThrow()))
            .toList();
    YamlItem node = route.at("upstream", "nodes").orElseThrow().items().get(0);
    // A test moves the port of the upstream too.
    assertThat(node.text("host")).contains("127.0.0.1");
    return ApisixRoute.of(
        route.at("uris").orElseThrow().items().get(0).text(),
        servicenow.origin(),
        new PluginConf(route.text("id").orElseThrow(), filters));
  }

  @AfterAll
  void stop() {
    front.close();
    runner.close();
    issuer.stop(0);
    servicenow.close();
  }

  private RawHttp.Response send(String method, String target, SigningKey proofKey) {
    String token =
        AgentTokenMint.create(ISSUER, issuerKey, Clock.systemUTC())
            .draft("alice", GATEWAY)
            .actor(ISSUER, "triage-agent")
            .grant("servicenow:table/incident:read")
            .boundTo(agentKey)
            .sign();
    String proof =
        DpopProofSigner.create(proofKey, Clock.systemUTC())
            .proof(method, URI.create(GATEWAY + target), token);
    servicenow.forgetRequests();
    return RawHttp.exchange(
        front.port(),
        method + " " + target + " HTTP/1.1",
        "Host: 127.0.0.1:9080",
        "Authorization: DPoP " + token,
        "DPoP: " + proof,
        "Connection: close");
  }

  @Test
  void apisixYamlWhenPrintedAgainThenItIsTheSame() throws Exception {
    var bundle = BundleReader.read(EXAMPLE.resolve("bundle.yaml"));
    RouteOptions options =
        new RouteOptions(
            Optional.of(URI.create("http://127.0.0.1:9101/report")), false, RouteText.YAML);

    String printed =
        RouteText.YAML.of(
            bundle.connectors().values().stream()
                .map(rule -> ConnectorRoute.of(bundle, rule, options))
                .toList());

    assertThat(example("apisix.yaml").replaceFirst("^(#.*\n){3}", "")).isEqualTo(printed);
  }

  @Test
  void apisixYamlWhenCheckedThenNothingIsFound() throws Exception {
    assertThat(
            RouteLint.check(
                List.of(EXAMPLE.resolve("apisix.yaml"), EXAMPLE.resolve("config.yaml")),
                Optional.of(BundleReader.read(EXAMPLE.resolve("bundle.yaml"))),
                Set.of()))
        .isEmpty();
  }

  @Test
  void sendWhenGrantedThenTheStoredCredentialGoes() {
    RawHttp.Response response = send("GET", INCIDENTS + "?sysparm_limit=1", agentKey);

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.text()).contains("INC0010001");
    List<SeenRequest> seen = servicenow.apiRequests();
    assertThat(seen).hasSize(1);
    assertThat(seen.get(0).headers().first("authorization").orElse("")).startsWith("Bearer ");
    assertThat(seen.get(0).headers().has("dpop")).isFalse();
  }

  @Test
  void sendWhenNotGrantedThenDenies() {
    assertDenied(send("DELETE", INCIDENTS + "/c1000000000000000000000000000001", agentKey));
    assertDenied(send("GET", "/servicenow/api/now/table/sys_user", agentKey));
    assertDenied(send("GET", INCIDENTS, SigningKey.generate(SignatureAlgorithm.EDDSA)));
  }

  private void assertDenied(RawHttp.Response response) {
    assertThat(response.status()).isBetween(401, 403);
    assertThat(response.header("x-bailiwick-code")).isPresent();
    assertThat(servicenow.apiRequests()).isEmpty();
  }
}
