// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The client certificate of a connection reaches the core, and only a verified one does. */
@Timeout(60)
final class ClientCertificateTests {
  private static final char[] PASSWORD = TestKeys.PASSWORD;

  @TempDir private static Path directory;
  private static KeyStore server;
  private static KeyStore agent;
  private static TestGateway gateway;

  @BeforeAll
  static void start() throws Exception {
    server = TestKeys.keys(directory, "gateway");
    agent = TestKeys.keys(directory, "agent");
    Path trusted = directory.resolve("trusted.p12");
    try (var out = Files.newOutputStream(trusted)) {
      TestKeys.trusting(agent).store(out, PASSWORD);
    }
    gateway =
        TestGateway.startWith(
            List.of(),
            "bailiwick.routes=true",
            "server.ssl.key-store=" + directory.resolve("gateway.p12"),
            "server.ssl.key-store-password=changeit",
            "server.ssl.trust-store=" + trusted,
            "server.ssl.trust-store-password=changeit",
            "server.ssl.client-auth=want");
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @BeforeEach
  void reset() {
    gateway.reset();
  }

  private static int get(KeyManager[] keys) throws Exception {
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(TestKeys.trusting(server));
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(keys, trust.getTrustManagers(), null);
    try (HttpClient client = HttpClient.newBuilder().sslContext(tls).build()) {
      URI uri = URI.create("https://127.0.0.1:" + gateway.port + "/servicenow/x");
      return client
          .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding())
          .statusCode();
    }
  }

  private static KeyManager[] of(KeyStore keys) throws Exception {
    KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
    factory.init(keys, PASSWORD);
    return factory.getKeyManagers();
  }

  @Test
  void admitWhenAgentHasACertificateThenCoreSeesIt() throws Exception {
    int status = get(of(agent));

    assertThat(status).isEqualTo(200);
    assertThat(gateway.pipeline.admitted.get(0).clientCertificate())
        .map(Certificate.class::cast)
        .contains(TestKeys.certificate(agent));
  }

  @Test
  void admitWhenAgentHasNoneThenCoreSeesNone() throws Exception {
    int status = get(new KeyManager[0]);

    assertThat(status).isEqualTo(200);
    assertThat(gateway.pipeline.admitted.get(0).clientCertificate()).isEmpty();
  }

  @Test
  void admitWhenCertificateIsNotTrustedThenThereIsNoConnection() throws Exception {
    KeyStore stranger = TestKeys.keys(directory, "stranger");

    assertThatIOException().isThrownBy(() -> get(insisting(stranger)));
    assertThat(gateway.pipeline.admitted).isEmpty();
  }

  /** Sends its certificate although the server says that it would not trust it. */
  private static KeyManager[] insisting(KeyStore keys) throws Exception {
    X509ExtendedKeyManager usual = (X509ExtendedKeyManager) of(keys)[0];
    String alias = usual.getClientAliases("EC", null)[0];
    return new KeyManager[] {
      new X509ExtendedKeyManager() {
        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
          return alias;
        }

        @Override
        public String chooseEngineClientAlias(
            String[] types, Principal[] issuers, SSLEngine engine) {
          return alias;
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
          return new String[] {alias};
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
          return null;
        }

        @Override
        public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
          return null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String name) {
          return usual.getCertificateChain(name);
        }

        @Override
        public PrivateKey getPrivateKey(String name) {
          return usual.getPrivateKey(name);
        }
      }
    };
  }
}
