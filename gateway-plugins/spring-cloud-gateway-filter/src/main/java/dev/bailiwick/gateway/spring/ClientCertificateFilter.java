// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.connector.Credential.ClientCertificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.NettyRoutingFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.client.HttpClient;
import reactor.netty.tcp.SslProvider;

/**
 * The gateway's own client, with a connector's certificate. Connections are shared by the calls of
 * one certificate and by nothing else: the upstream takes whatever comes over them for its owner's.
 */
final class ClientCertificateFilter extends NettyRoutingFilter {

  /** One client for a route, as long as its certificate stays. */
  private record Identity(ClientCertificate certificate, SslProvider tls) {}

  private final ClientTls clientTls;
  private final Map<String, Identity> identities = new ConcurrentHashMap<>();

  ClientCertificateFilter(
      HttpClient client,
      ObjectProvider<List<HttpHeadersFilter>> headersFilters,
      HttpClientProperties properties,
      ClientTls clientTls) {
    super(client, headersFilters, properties);
    this.clientTls = clientTls;
  }

  /** Between the {@link UpstreamFilter} and the routing filter for everything else. */
  @Override
  public int getOrder() {
    return Ordered.LOWEST_PRECEDENCE - 1;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
    return certificate(exchange).isPresent()
        ? super.filter(exchange, chain)
        : chain.filter(exchange);
  }

  @Override
  protected Mono<HttpClient> getHttpClientMono(Route route, ServerWebExchange exchange) {
    HttpClient client = getHttpClient(route, exchange);
    ClientCertificate certificate = certificate(exchange).orElseThrow();
    Identity known = identities.get(route.getId());
    if (known != null && known.certificate.equals(certificate)) {
      return Mono.just(client.secure(known.tls));
    }
    return Mono.fromCallable(() -> new Identity(certificate, clientTls.provider(certificate)))
        .subscribeOn(Schedulers.boundedElastic())
        .doOnNext(identity -> identities.put(route.getId(), identity))
        .map(identity -> client.secure(identity.tls));
  }

  private static Optional<ClientCertificate> certificate(ServerWebExchange exchange) {
    Passage passage = Passage.of(exchange);
    return passage == null ? Optional.empty() : passage.clientCertificate();
  }
}
