// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.contract.gateway.ReservedPort;
import dev.bailiwick.gateway.credential.FileVault;
import dev.bailiwick.gateway.credential.OAuthClient;
import dev.bailiwick.gateway.credential.StoredCredential;
import dev.bailiwick.gateway.credential.VaultKey;
import dev.bailiwick.gateway.token.jose.AgentTokenMint;
import dev.bailiwick.gateway.token.jose.SignatureAlgorithm;
import dev.bailiwick.gateway.token.jose.SigningKey;
import dev.bailiwick.simulator.SeenRequest;
import dev.bailiwick.simulator.salesforce.SalesforceSimulator;
import dev.bailiwick.simulator.servicenow.ServiceNowSimulator;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * What the clients play on: two issuers, the simulated vendors, a vault with their credentials, and
 * a gateway process that enforces {@code bundle.yaml}. One for the whole run.
 */
final class Stage implements AutoCloseable {
  private static final List<String> ISSUERS = List.of("clients", "strict");
  private static final Duration RENEWAL_PAUSE = Duration.ofMillis(5500);

  /** A first call of every connector whose sessions will end, and who may make it. */
  private static final List<FirstCall> FIRST_CALLS =
      List.of(
          new FirstCall(
              "sn-rest-client-renewed",
              "sn-rest-client",
              "/api/now/table/incident?sysparm_limit=1"),
          new FirstCall("jsforce-renewed", "jsforce", "/services/data/v59.0/sobjects"),
          new FirstCall(
              "force-rest-api-renewed", "force-rest-api", "/services/data/v59.0/sobjects"),
          new FirstCall(
              "camel-salesforce-renewed", "camel-salesforce", "/services/data/v59.0/sobjects"));

  private record FirstCall(String connector, String agent, String target) {}

  final ServiceNowSimulator servicenow = new ServiceNowSimulator().start();
  final ServiceNowSimulator servicenowRenewed = new ServiceNowSimulator().start();
  final SalesforceSimulator salesforce = new SalesforceSimulator().start();
  final SalesforceSimulator salesforceRenewed = new SalesforceSimulator().start();

  private final Map<String, SigningKey> issuerKeys =
      Map.of(
          "clients", SigningKey.generate(SignatureAlgorithm.ES256),
          "strict", SigningKey.generate(SignatureAlgorithm.ES256));
  private final Set<String> agentTokens = ConcurrentHashMap.newKeySet();
  private final Path directory;
  private final HttpServer issuers;
  private final ReservedPort port = ReservedPort.take();
  private final GatewayProcess gateway;
  private final long credentialsObtained;

  Stage() throws IOException, InterruptedException {
    directory = Files.createDirectories(emptied(Path.of("target/stage")));
    issuers = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    ISSUERS.forEach(this::publish);
    issuers.start();
    gateway =
        GatewayProcess.start(
            directory, port.number(), bundle(), vault(), directory.resolve("vault.key"));
    FIRST_CALLS.forEach(this::call);
    credentialsObtained = System.nanoTime();
  }

  /** What the last run left behind for whoever had to look into it. */
  private static Path emptied(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> old = Files.walk(directory)) {
        for (Path path : old.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
    return directory;
  }

  private void call(FirstCall first) {
    String token =
        sign(draft("clients", first.agent(), first.connector() + ":*/*:read").client("stage"));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(at(first.connector()) + first.target()))
            .header("Authorization", "Bearer " + token)
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void publish(String issuer) {
    byte[] keys =
        SigningKey.publicJwks(List.of(issuerKeys.get(issuer))).getBytes(StandardCharsets.UTF_8);
    issuers.createContext(
        "/" + issuer,
        exchange -> {
          exchange.getResponseHeaders().add("Content-Type", "application/jwk-set+json");
          exchange.sendResponseHeaders(200, keys.length);
          exchange.getResponseBody().write(keys);
          exchange.close();
        });
  }

  private Path bundle() throws IOException {
    String text =
        Files.readString(Path.of("bundle.yaml"))
            .replace(":18080", ":" + port.number())
            .replace(":18081", ":" + issuers.getAddress().getPort())
            .replace(":18082", ":" + servicenow.origin().getPort())
            .replace(":18083", ":" + servicenowRenewed.origin().getPort())
            .replace(":18084", ":" + salesforce.origin().getPort())
            .replace(":18085", ":" + salesforceRenewed.origin().getPort());
    return Files.writeString(directory.resolve("bundle.yaml"), text);
  }

  private Path vault() throws IOException {
    Path file = directory.resolve("vault");
    FileVault vault =
        FileVault.init(file, VaultKey.generate(directory.resolve("vault.key")), Clock.systemUTC());
    StoredCredential servicenowRenews =
        credential(
            servicenowRenewed.tokenEndpoint(),
            servicenowRenewed.clientId(),
            servicenowRenewed.clientSecret());
    StoredCredential salesforceRenews =
        credential(
            salesforceRenewed.tokenEndpoint(),
            salesforceRenewed.clientId(),
            salesforceRenewed.clientSecret());
    vault.put(
        "servicenow/calm",
        credential(servicenow.tokenEndpoint(), servicenow.clientId(), servicenow.clientSecret()));
    vault.put(
        "salesforce/calm",
        credential(salesforce.tokenEndpoint(), salesforce.clientId(), salesforce.clientSecret()));
    vault.put("servicenow/sn-rest-client-renewed", servicenowRenews);
    vault.put("servicenow/camel-servicenow-renewed", servicenowRenews);
    vault.put("salesforce/jsforce-renewed", salesforceRenews);
    vault.put("salesforce/force-rest-api-renewed", salesforceRenews);
    vault.put("salesforce/camel-salesforce-renewed", salesforceRenews);
    return file;
  }

  private static StoredCredential credential(URI tokenEndpoint, String client, String secret) {
    return new StoredCredential.ClientCredentials(
        new OAuthClient(
            tokenEndpoint,
            client,
            Secret.of(secret),
            OAuthClient.Authentication.POST,
            null,
            Map.of()));
  }

  /** Where a connector is on the gateway. */
  URI at(String connector) {
    return root().resolve("/" + connector);
  }

  /** The gateway itself, and the connector that has its root. */
  URI root() {
    return URI.create("http://127.0.0.1:" + port.number());
  }

  /** A bearer token of the agent for these scopes. */
  String token(String agent, String... scopes) {
    return sign(draft("clients", agent, scopes));
  }

  /** An unbound token of the issuer that the bundle trusts only with a proof. */
  String unprovenToken(String agent, String... scopes) {
    return sign(draft("strict", agent, scopes));
  }

  private AgentTokenMint.Draft draft(String issuer, String agent, String... scopes) {
    String name = "https://" + issuer + ".login.example";
    AgentTokenMint.Draft draft =
        AgentTokenMint.create(name, issuerKeys.get(issuer), Clock.systemUTC())
            .draft("alice", root().toString())
            .actor(name, agent);
    Stream.of(scopes).forEach(draft::grant);
    return draft;
  }

  private String sign(AgentTokenMint.Draft draft) {
    String token = draft.sign();
    agentTokens.add(token);
    return token;
  }

  /** Starts a Node driver for an agent. */
  NodeClient node(String driver, URI gateway, String token) {
    return NodeClient.start(
        driver,
        directory.resolve(driver + ".log"),
        Map.of("GATEWAY", gateway.toString(), "AGENT_TOKEN", token));
  }

  /** The same in a sandbox that can reach the gateway alone, whatever the driver is told. */
  NodeClient nodeInSandbox(String driver, URI used, String token) {
    return NodeClient.startInSandbox(driver, directory.toAbsolutePath(), root(), used, token);
  }

  /**
   * Everything that a vendor saw was authorized by what the vault holds; no token of an agent and
   * no cookie went upstream.
   */
  void assertOnlyTheStoredCredentialWentUpstream() {
    List<SeenRequest> seen =
        Stream.of(
                servicenow.requests(),
                servicenowRenewed.requests(),
                salesforce.requests(),
                salesforceRenewed.requests())
            .flatMap(List::stream)
            .toList();
    List<SeenRequest> calls =
        Stream.of(
                servicenow.apiRequests(),
                servicenowRenewed.apiRequests(),
                salesforce.apiRequests(),
                salesforceRenewed.apiRequests())
            .flatMap(List::stream)
            .toList();
    for (String token : agentTokens) {
      assertThat(seen).noneMatch(request -> request.mentions(token));
    }
    assertThat(seen).noneMatch(request -> request.headers().first("cookie").isPresent());
    assertThat(calls)
        .allSatisfy(
            request ->
                assertThat(request.headers().all("authorization"))
                    .singleElement()
                    .asString()
                    .startsWith("Bearer "));
  }

  /**
   * Every call of an agent so far, as the gateway recorded it, is in the README.
   *
   * @param complete whether all of its calls were made, so that the README may list no others
   */
  void assertListed(String agent, boolean complete) {
    Set<Calls.Call> listed = Calls.listed(agent);
    Set<Calls.Call> recorded = Calls.recorded(directory.resolve("audit"), agent);
    // The record of the last call may become durable a little later than its answer.
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (complete && !recorded.containsAll(listed) && System.nanoTime() < deadline) {
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      recorded = Calls.recorded(directory.resolve("audit"), agent);
    }
    assertThat(listed).as("the README's column of " + agent).containsAll(recorded);
    if (complete) {
      assertThat(recorded).as("the calls of " + agent).containsAll(listed);
    }
  }

  /**
   * Waits until a credential may be renewed: a gateway does not renew one that it obtained less
   * than five seconds ago. All of them were obtained when the stage was set.
   */
  void awaitRenewable() throws InterruptedException {
    Duration left = RENEWAL_PAUSE.minusNanos(System.nanoTime() - credentialsObtained);
    if (left.isPositive()) {
      Thread.sleep(left);
    }
  }

  /** Forgets what the vendors saw. */
  void forget() {
    servicenow.forgetRequests();
    servicenowRenewed.forgetRequests();
    salesforce.forgetRequests();
    salesforceRenewed.forgetRequests();
  }

  @Override
  public void close() {
    gateway.close();
    port.close();
    issuers.stop(0);
    servicenow.close();
    servicenowRenewed.close();
    salesforce.close();
    salesforceRenewed.close();
  }
}
