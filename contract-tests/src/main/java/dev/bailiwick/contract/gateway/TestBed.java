// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.gateway.credential.FileVault;
import dev.bailiwick.gateway.credential.OAuthClient;
import dev.bailiwick.gateway.credential.StoredCredential;
import dev.bailiwick.gateway.credential.VaultKey;
import dev.bailiwick.gateway.token.jose.SignatureAlgorithm;
import dev.bailiwick.gateway.token.jose.SigningKey;
import dev.bailiwick.simulator.SeenRequest;
import dev.bailiwick.simulator.Simulator;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Everything around a gateway under test, on loopback ports and in one directory: an issuer with
 * its keys, simulators of vendors, a vault with their credentials, a bundle, and an agent with its
 * key.
 */
public abstract sealed class TestBed implements AutoCloseable
    permits GatewayTestBed, VendorTestBed {
  static final String ISSUER = "https://login.contract.example";

  /** The gateway as agents name it; proofs and rewritten links hold it, connections do not. */
  static final String GATEWAY = "https://gateway.contract.example";

  private final SigningKey issuerKey = SigningKey.generate(SignatureAlgorithm.ES256);
  private final SigningKey agentKey = SigningKey.generate(SignatureAlgorithm.ES256);
  private final Vendors vendors;
  private final Set<String> secrets = ConcurrentHashMap.newKeySet();
  private final Set<String> everSecret = ConcurrentHashMap.newKeySet();
  private final ExpectedRecords expected = new ExpectedRecords();
  private final List<String> received = new CopyOnWriteArrayList<>();
  private final HttpServer issuer;
  private final GatewayHost.Setup setup;
  private final AuditTrailReader trail;
  private @Nullable GatewayHost host;

  /**
   * What stands behind the gateway.
   *
   * @param bundle the resource with the bundle, where {@code @words@} are filled in
   * @param origins the words, and the origins that they stand for
   * @param credentials what the vault holds
   * @param grants scopes that an agent's token has unless a test changes it
   * @param kept secrets of the vault that no API of a vendor and no trail may ever see
   * @param simulators closed together with the bed
   */
  record Vendors(
      String bundle,
      Map<String, URI> origins,
      Map<String, StoredCredential> credentials,
      List<String> grants,
      List<String> kept,
      List<Simulator> simulators) {}

  /** Makes everything but the gateway. */
  TestBed(Path directory, Vendors vendors) {
    this.vendors = vendors;
    secrets.addAll(vendors.kept());
    everSecret.addAll(vendors.kept());
    try {
      issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      issuer.createContext(
          "/jwks",
          exchange -> {
            byte[] keys =
                SigningKey.publicJwks(List.of(issuerKey)).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/jwk-set+json");
            exchange.sendResponseHeaders(200, keys.length);
            exchange.getResponseBody().write(keys);
            exchange.close();
          });
      issuer.start();
      Path bundle = directory.resolve("bundle.yaml");
      Files.writeString(bundle, bundleText());
      Path vaultKey = directory.resolve("vault.key");
      Path vault = directory.resolve("vault");
      FileVault stored = FileVault.init(vault, VaultKey.generate(vaultKey), Clock.systemUTC());
      vendors.credentials().forEach(stored::put);
      setup = new GatewayHost.Setup(bundle, vault, vaultKey, directory.resolve("audit"));
      trail = new AuditTrailReader(setup.audit());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String bundleText() throws IOException {
    try (InputStream in = TestBed.class.getResourceAsStream(vendors.bundle())) {
      if (in == null) {
        throw new IllegalStateException("no " + vendors.bundle());
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      text = text.replace("@jwks@", "http://127.0.0.1:" + issuer.getAddress().getPort() + "/jwks");
      for (Map.Entry<String, URI> origin : vendors.origins().entrySet()) {
        text = text.replace("@" + origin.getKey() + "@", origin.getValue().toString());
      }
      return text;
    }
  }

  /** A client of a simulator's token endpoint. */
  static OAuthClient client(
      Simulator simulator, String id, String secret, OAuthClient.Authentication authentication) {
    return new OAuthClient(
        simulator.tokenEndpoint(), id, Secret.of(secret), authentication, null, Map.of());
  }

  /** What a host is to be started with. */
  public GatewayHost.Setup setup() {
    return setup;
  }

  /** The gateway that requests go to; closed together with this. */
  public void runs(GatewayHost running) {
    host = running;
  }

  public int port() {
    if (host == null) {
      throw new IllegalStateException("no gateway runs yet");
    }
    return host.port();
  }

  public URI gateway() {
    return URI.create(GATEWAY);
  }

  public AuditTrailReader trail() {
    return trail;
  }

  SigningKey issuerKey() {
    return issuerKey;
  }

  SigningKey agentKey() {
    return agentKey;
  }

  List<String> grants() {
    return vendors.grants();
  }

  /** A request that is allowed when its operation is. */
  public AgentRequest request(String method, String target) {
    return new AgentRequest(this, method, target);
  }

  /** Sends bytes to the gateway on a connection of their own, and keeps the answer. */
  public RawHttp.Response send(byte[] request) {
    RawHttp.Response response = RawHttp.exchange(port(), request);
    received.add(response.everything());
    return response;
  }

  /** Notes something that no upstream, no agent but its owner and no trail may ever see. */
  void mayNotLeave(String secret) {
    secrets.add(secret);
    everSecret.add(secret);
  }

  /** Notes a record that has to be in the trail in the end, and which test made it. */
  void mustRecord(String test, String id, String code) {
    expected.add(test, id, code);
  }

  /** The trail holds every record that it must, and no secret of any test. */
  void assertTrailComplete() {
    expected.assertIn(trail);
    assertThat(String.join("\n", trail.lines())).doesNotContain(everSecret.toArray(new String[0]));
  }

  /**
   * Nothing of the agent's that authenticates went upstream, no stored credential came to an agent,
   * and the trail holds neither.
   */
  void assertNothingLeaked() {
    String trailText = String.join("\n", trail.lines());
    for (String secret : secrets) {
      assertThat(apiRequests()).noneMatch(request -> request.mentions(secret));
      assertThat(trailText).doesNotContain(secret);
    }
    for (String credential : credentialsSeen()) {
      everSecret.add(credential);
      assertThat(received).noneMatch(answer -> answer.contains(credential));
      assertThat(trailText).doesNotContain(credential);
    }
  }

  private List<SeenRequest> apiRequests() {
    return vendors.simulators().stream()
        .flatMap(simulator -> simulator.apiRequests().stream())
        .toList();
  }

  private List<String> credentialsSeen() {
    return apiRequests().stream()
        .flatMap(request -> request.headers().all("authorization").stream())
        .map(value -> value.substring(value.indexOf(' ') + 1))
        .distinct()
        .toList();
  }

  /** Ends every situation and forgets what was sent so far. */
  public void calm() {
    for (Simulator simulator : vendors.simulators()) {
      simulator.calm();
      simulator.forgetRequests();
    }
    received.clear();
    secrets.retainAll(vendors.kept());
  }

  @Override
  public void close() {
    if (host != null) {
      host.close();
    }
    issuer.stop(0);
    vendors.simulators().forEach(Simulator::close);
  }
}
