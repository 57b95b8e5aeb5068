// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.bailiwick.connector.Credential.ClientCertificate;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.contract.gateway.RawHttp;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An upstream that knows its callers by their certificate (RFC 8446 §4.4.2). */
@Timeout(60)
final class UpstreamCertificateTests {
  private static final List<String> CALLERS = new CopyOnWriteArrayList<>();

  @TempDir private static Path directory;
  private static HttpsServer upstream;
  private static TestGateway gateway;
  private static ClientCertificate acme;
  private static ClientCertificate other;

  @BeforeAll
  static void start() throws Exception {
    KeyStore server = TestKeys.keys(directory, "upstream");
    KeyStore acmeKeys = TestKeys.keys(directory, "acme");
    KeyStore otherKeys = TestKeys.keys(directory, "other");
    acme = certificate(acmeKeys);
    other = certificate(otherKeys);
    upstream = upstream(server, TestKeys.trusting(acmeKeys, otherKeys));
    Path trusted = directory.resolve("upstream.pem");
    Files.writeString(trusted, TestKeys.certificatePem(server));
    gateway =
        TestGateway.startWith(
            List.of(),
            "bailiwick.routes=true",
            "spring.cloud.gateway.server.webflux.httpclient.ssl.trusted-x509-certificates="
                + trusted.toUri());
  }

  private static ClientCertificate certificate(KeyStore keys) throws Exception {
    return new ClientCertificate(TestKeys.certificatePem(keys), Secret.of(TestKeys.keyPem(keys)));
  }

  private static HttpsServer upstream(KeyStore keys, KeyStore trusted) throws Exception {
    KeyManagerFactory own = KeyManagerFactory.getInstance("PKIX");
    own.init(keys, TestKeys.PASSWORD);
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(own.getKeyManagers(), trust.getTrustManagers(), null);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(
        new HttpsConfigurator(tls) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters wanted = tls.getDefaultSSLParameters();
            wanted.setNeedClientAuth(true);
            parameters.setSSLParameters(wanted);
          }
        });
    server.createContext(
        "/",
        exchange -> {
          CALLERS.add(((HttpsExchange) exchange).getSSLSession().getPeerPrincipal().getName());
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  @AfterAll
  static void stop() {
    gateway.close();
    upstream.stop(0);
  }

  @BeforeEach
  void reset() {
    gateway.reset();
    CALLERS.clear();
    gateway.pipeline.origin = URI.create("https://127.0.0.1:" + upstream.getAddress().getPort());
  }

  private int get(Optional<ClientCertificate> certificate) {
    gateway.pipeline.certificate = certificate;
    RawHttp.Response response = gateway.get("/servicenow/x", "Connection: close");
    return response.status();
  }

  @Test
  void sendWhenTheCredentialIsACertificateThenTheUpstreamSeesIt() {
    assertThat(get(Optional.of(acme))).isEqualTo(200);
    assertThat(get(Optional.of(acme))).isEqualTo(200);

    assertThat(CALLERS).containsExactly("CN=acme", "CN=acme");
  }

  @Test
  void sendWhenTheCertificateChangesThenTheNewOneIsPresented() {
    assertThat(get(Optional.of(acme))).isEqualTo(200);

    assertThat(get(Optional.of(other))).isEqualTo(200);

    assertThat(CALLERS).containsExactly("CN=acme", "CN=other");
  }

  @Test
  void sendWhenTheCredentialIsNoneThenNoConnectionOfAnotherIsUsed() {
    assertThat(get(Optional.of(acme))).isEqualTo(200);

    assertThat(get(Optional.empty())).isEqualTo(502);

    assertThat(CALLERS).containsExactly("CN=acme");
  }
}
