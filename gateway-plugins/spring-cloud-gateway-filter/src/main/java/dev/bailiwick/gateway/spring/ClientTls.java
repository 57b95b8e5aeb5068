// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.connector.Credential.ClientCertificate;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.config.HttpClientSslConfigurer;
import reactor.netty.http.Http11SslContextSpec;
import reactor.netty.tcp.SslProvider;

/**
 * TLS with a client certificate of a connector. Whom the gateway's client trusts is configured in
 * one place for all upstreams; only the key is the connector's own.
 */
final class ClientTls extends HttpClientSslConfigurer {

  ClientTls(HttpClientProperties.Ssl ssl, ServerProperties server, SslBundles bundles) {
    super(ssl, server, bundles);
  }

  /** Reads files and keys: not for an event loop. */
  SslProvider provider(ClientCertificate certificate) {
    SslProvider.GenericSslContextSpec<SslContextBuilder> context =
        Http11SslContextSpec.forClient().configure(builder -> configure(builder, certificate));
    return SslProvider.builder()
        .sslContext(context)
        .handshakeTimeout(getSslProperties().getHandshakeTimeout())
        .closeNotifyFlushTimeout(getSslProperties().getCloseNotifyFlushTimeout())
        .closeNotifyReadTimeout(getSslProperties().getCloseNotifyReadTimeout())
        .build();
  }

  private void configure(SslContextBuilder builder, ClientCertificate certificate) {
    X509Certificate[] trusted = getTrustedX509CertificatesForTrustManager();
    SslBundle bundle = getBundle();
    if (trusted.length > 0) {
      setTrustManager(builder, trusted);
    } else if (bundle != null) {
      setTrustManager(builder, bundle.getManagers().getTrustManagerFactory());
    }
    builder.keyManager(bytes(certificate.chain()), bytes(certificate.key().reveal()));
  }

  private static ByteArrayInputStream bytes(String pem) {
    return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
  }
}
