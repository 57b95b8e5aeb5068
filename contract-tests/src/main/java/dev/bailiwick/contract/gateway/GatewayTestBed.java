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
import dev.bailiwick.simulator.servicenow.ServiceNowSimulator;
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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything around a gateway under test, on loopback ports and in one directory: an issuer with
 * its keys, a ServiceNow instance, a vault with its credential, a bundle, and an agent with its
 * key.
 */
public final class GatewayTestBed implements AutoCloseable {
  static final String ISSUER = "https://login.contract.example";

  /** The gateway as agents name it; proofs and rewritten links hold it, connections do not. */
  static final String GATEWAY = "https://gateway.contract.example";

  private final SigningKey issuerKey = SigningKey.generate(SignatureAlgorithm.ES256);
  private final SigningKey agentKey = SigningKey.generate(SignatureAlgorithm.ES256);
  private final ServiceNowSimulator servicenow = new ServiceNowSimulator();
  private final ServiceNowSimulator expiring = new ServiceNowSimulator();
  private final Set<String> secrets = ConcurrentHashMap.newKeySet();
  private final List<String> received = new CopyOnWriteArrayList<>();
  private final HttpServer issuer;
  private final GatewayHost.Setup setup;
  private final AuditTrailReader trail;
  private @Nullable GatewayHost host;

  /** Makes everything but the gateway. */
  public GatewayTestBed(Path directory) {
    servicenow.start();
    expiring.start();
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
      stored.put("servicenow/contract", credential(servicenow));
      for (String name :
          List.of("renewed-read", "renewed-write", "renewed-upload", "never-accepted")) {
        stored.put("servicenow/" + name, credential(expiring));
      }
      stored.put("servicenow/certified", ClientKeyPair.generate(directory));
      setup = new GatewayHost.Setup(bundle, vault, vaultKey, directory.resolve("audit"));
      trail = new AuditTrailReader(setup.audit());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String bundleText() throws IOException {
    try (InputStream in = GatewayTestBed.class.getResourceAsStream("gateway-contract.yaml")) {
      if (in == null) {
        throw new IllegalStateException("no gateway-contract.yaml");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .replace("@jwks@", "http://127.0.0.1:" + issuer.getAddress().getPort() + "/jwks")
          .replace("@upstream@", servicenow.origin().toString())
          .replace("@expiring@", expiring.origin().toString());
    }
  }

  private StoredCredential credential(ServiceNowSimulator instance) {
    mayNotLeave(instance.clientSecret());
    return new StoredCredential.ClientCredentials(
        new OAuthClient(
            instance.tokenEndpoint(),
            instance.clientId(),
            Secret.of(instance.clientSecret()),
            OAuthClient.Authentication.POST,
            null,
            Map.of()));
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

  public ServiceNowSimulator servicenow() {
    return servicenow;
  }

  /** Another instance, whose access tokens a test may end. */
  public ServiceNowSimulator expiring() {
    return expiring;
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
      assertThat(received).noneMatch(answer -> answer.contains(credential));
      assertThat(trailText).doesNotContain(credential);
    }
  }

  private List<SeenRequest> apiRequests() {
    return Stream.of(servicenow, expiring)
        .flatMap(instance -> instance.apiRequests().stream())
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
    for (ServiceNowSimulator instance : List.of(servicenow, expiring)) {
      instance.calm();
      instance.forgetRequests();
    }
    received.clear();
    secrets.removeIf(secret -> !secret.equals(servicenow.clientSecret()));
  }

  @Override
  public void close() {
    if (host != null) {
      host.close();
    }
    issuer.stop(0);
    servicenow.close();
    expiring.close();
  }
}
