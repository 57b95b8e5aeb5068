// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.demo;

import com.sun.net.httpserver.HttpServer;
import dev.bailiwick.gateway.token.jose.AgentTokenMint;
import dev.bailiwick.gateway.token.jose.SignatureAlgorithm;
import dev.bailiwick.gateway.token.jose.SigningKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;

/** The company's authorization server, as far as a gateway sees it: a key set and signed tokens. */
final class DemoIssuer implements AutoCloseable {
  private final SigningKey key = SigningKey.generate(SignatureAlgorithm.ES256);
  private final HttpServer server;

  DemoIssuer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    byte[] keys = SigningKey.publicJwks(List.of(key)).getBytes(StandardCharsets.UTF_8);
    server.createContext(
        "/jwks",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", "application/jwk-set+json");
          exchange.sendResponseHeaders(200, keys.length);
          exchange.getResponseBody().write(keys);
          exchange.close();
        });
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  String issuer() {
    return "http://127.0.0.1:" + port();
  }

  AgentTokenMint mint() {
    return AgentTokenMint.create(issuer(), key, Clock.systemUTC());
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
