// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.benchmarks;

import com.sun.net.httpserver.HttpServer;
import dev.bailiwick.gateway.token.jose.AgentTokenMint;
import dev.bailiwick.gateway.token.jose.SigningKey;
import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.BundleReader;
import dev.bailiwick.policy.PolicyException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** An issuer on loopback, and a bundle that trusts it. */
final class Scene implements AutoCloseable {
  static final String AUDIENCE = "https://gateway.example";

  private final HttpServer server;
  private final SigningKey key;

  private Scene(HttpServer server, SigningKey key) {
    this.server = server;
    this.key = key;
  }

  static Scene withIssuerKey(SigningKey key) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      byte[] keys = SigningKey.publicJwks(List.of(key)).getBytes(StandardCharsets.UTF_8);
      server.createContext(
          "/jwks",
          exchange -> {
            exchange.sendResponseHeaders(200, keys.length);
            exchange.getResponseBody().write(keys);
            exchange.close();
          });
      server.start();
      return new Scene(server, key);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String issuer() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** A token that outlives the run, for the agent of {@link #bundle}. */
  AgentTokenMint.Draft draft() {
    return AgentTokenMint.create(issuer(), key, Clock.systemUTC())
        .draft("alice", AUDIENCE)
        .actor(issuer(), "triage-agent")
        .actor(issuer(), "planner")
        .lifetime(Duration.ofMinutes(55))
        .grant("servicenow:table/incident:read");
  }

  /** A bundle with one agent and this many scopes in its ceiling. */
  Bundle bundle(int scopes) {
    StringBuilder ceiling = new StringBuilder();
    for (int i = 1; i < scopes; i++) {
      ceiling.append("      - servicenow:table/u_table_").append(i).append(":read\n");
    }
    String text =
        """
        apiVersion: bailiwick.dev/v1
        kind: PolicyBundle
        metadata: {name: bench, version: 1}
        gateway: {externalUrl: "%s"}
        issuers:
          bench:
            issuer: %s
            jwks: %s/jwks
            audience: %s
            proof: dpop
            maxLifetime: 1h
        connectors:
          servicenow:
            adapter: servicenow
            path: /servicenow
            upstream: https://acme.example
            credential: vault:servicenow/acme
          salesforce:
            adapter: salesforce
            path: /salesforce
            upstream: https://acme.example
            credential: vault:salesforce/acme
        agents:
          triage-agent:
            actor: {issuer: bench, subject: triage-agent}
            ceiling:
        %s      - servicenow:table/incident:read
              - salesforce:sobject/*:*
              - salesforce:relationship/*:*
        """
            .formatted(AUDIENCE, issuer(), issuer(), AUDIENCE, ceiling);
    try {
      return BundleReader.read(text, "bench.yaml");
    } catch (PolicyException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
