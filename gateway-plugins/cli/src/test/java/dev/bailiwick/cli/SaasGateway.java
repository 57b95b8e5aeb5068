// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import com.sun.net.httpserver.HttpServer;
import dev.bailiwick.gateway.credential.CredentialJson;
import dev.bailiwick.gateway.credential.FileVault;
import dev.bailiwick.gateway.credential.VaultKey;
import dev.bailiwick.gateway.spring.GatewayApplication;
import dev.bailiwick.gateway.token.jose.AgentTokenMint;
import dev.bailiwick.gateway.token.jose.SignatureAlgorithm;
import dev.bailiwick.gateway.token.jose.SigningKey;
import java.io.IOException;
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
import java.util.List;

/** A whole gateway with one connector, mounted under its name, and an agent that may call it. */
final class SaasGateway implements AutoCloseable {
  static final String EXTERNAL = "https://gateway.acme.example";
  private static final String ISSUER = "https://login.acme.example";

  private final SigningKey key = SigningKey.generate(SignatureAlgorithm.ES256);
  private final HttpClient client = HttpClient.newHttpClient();
  private final HttpServer issuer;
  private final GatewayApplication gateway;
  private final String token;

  /**
   * @param upstream where the simulator listens
   * @param options of the connector, in YAML
   * @param credential the stored credential, in JSON
   */
  SaasGateway(
      Path directory,
      String adapter,
      URI upstream,
      String options,
      String credential,
      List<String> scopes)
      throws IOException {
    issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    byte[] keys = SigningKey.publicJwks(List.of(key)).getBytes(StandardCharsets.UTF_8);
    issuer.createContext(
        "/jwks",
        exchange -> {
          exchange.sendResponseHeaders(200, keys.length);
          exchange.getResponseBody().write(keys);
          exchange.close();
        });
    issuer.start();
    Path bundle =
        Files.writeString(
            directory.resolve("bundle.yaml"),
            """
            apiVersion: bailiwick.dev/v1
            kind: PolicyBundle
            metadata: {name: saas, version: 1}
            gateway:
              externalUrl: %s
            issuers:
              acme:
                issuer: %s
                jwks: http://127.0.0.1:%d/jwks
                audience: %s
                proof: bearer
            connectors:
              %s:
                adapter: %s
                path: /%s
                upstream: %s
                credential: vault:saas/stored
                options: %s
            agents:
              worker:
                actor: {issuer: acme, subject: worker}
                ceiling:
            %s
            """
                .formatted(
                    EXTERNAL,
                    ISSUER,
                    issuer.getAddress().getPort(),
                    EXTERNAL,
                    adapter,
                    adapter,
                    adapter,
                    upstream,
                    options,
                    String.join("\n", scopes.stream().map(scope -> "      - " + scope).toList())));
    Path vault = directory.resolve("vault");
    Path vaultKey = directory.resolve("vault.key");
    FileVault.init(vault, VaultKey.generate(vaultKey), Clock.systemUTC())
        .put(
            "saas/stored",
            CredentialJson.read("saas/stored", credential.getBytes(StandardCharsets.UTF_8)));
    gateway =
        GatewayApplication.start(
            GatewayApplication.Settings.loopback(
                bundle, vault, VaultKey.ofFile(vaultKey), directory.resolve("audit"), 0));
    AgentTokenMint.Draft draft =
        AgentTokenMint.create(ISSUER, key, Clock.systemUTC())
            .draft("alice", EXTERNAL)
            .actor(ISSUER, "worker")
            .task("task-1");
    scopes.forEach(draft::grant);
    token = draft.sign();
  }

  HttpResponse<String> get(String target) throws IOException, InterruptedException {
    return send("GET", target, "application/json", "");
  }

  HttpResponse<String> send(String method, String target, String contentType, String body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(gateway.uri() + target))
            .header("Authorization", "Bearer " + token)
            .method(
                method,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (!body.isEmpty()) {
      request.header("Content-Type", contentType);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** A gateway does not renew a credential that it obtained less than five seconds ago. */
  void awaitRenewable(String target) throws IOException, InterruptedException {
    HttpResponse<String> unused = get(target);
    Thread.sleep(5_500);
  }

  @Override
  public void close() {
    client.close();
    gateway.close();
    issuer.stop(0);
  }
}
