// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.connector.Headers;
import dev.bailiwick.gateway.InboundRequest;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.http.server.reactive.SslInfo;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.Connection;
import reactor.netty.http.server.HttpServerRequest;

/**
 * The request as it came off the wire. Spring's own view of it is of no use for a decision: filters
 * and forwarded-header handling may already have changed path, headers and peer address.
 */
final class WireRequest {
  private final HttpServerRequest netty;
  private final ServerHttpRequest spring;

  private WireRequest(HttpServerRequest netty, ServerHttpRequest spring) {
    this.netty = netty;
    this.spring = spring;
  }

  /**
   * The wire request behind an exchange.
   *
   * @throws IllegalStateException when the server is not Reactor Netty
   */
  static WireRequest of(ServerWebExchange exchange) {
    Object request = ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest());
    if (request instanceof HttpServerRequest netty) {
      return new WireRequest(netty, exchange.getRequest());
    }
    throw new IllegalStateException("Bailiwick needs the Reactor Netty server");
  }

  /**
   * What the core needs to see.
   *
   * @throws IllegalArgumentException when a header line is one that no message may hold
   */
  InboundRequest inbound() {
    List<Headers.Field> fields = new ArrayList<>();
    for (Map.Entry<String, String> line : netty.requestHeaders()) {
      fields.add(new Headers.Field(line.getKey(), line.getValue()));
    }
    return inbound(Headers.of(fields));
  }

  /** The same without any header line, for a request whose lines cannot be read. */
  InboundRequest inboundWithoutHeaders() {
    return inbound(Headers.none());
  }

  private InboundRequest inbound(Headers headers) {
    return new InboundRequest(
        netty.method().name(),
        rawPath(),
        rawQuery(),
        headers,
        clientCertificate(),
        peer(netty.connectionRemoteAddress()));
  }

  /** The path as it stood on the request line. */
  String rawPath() {
    String target = netty.uri();
    int question = target.indexOf('?');
    return question < 0 ? target : target.substring(0, question);
  }

  private @Nullable String rawQuery() {
    String target = netty.uri();
    int question = target.indexOf('?');
    return question < 0 ? null : target.substring(question + 1);
  }

  /** Whether a body follows the head (RFC 9112 §6.3). */
  boolean hasBody() {
    return contentLength() > 0 || netty.requestHeaders().contains("transfer-encoding");
  }

  /** The announced length; -1 when there is none. */
  long contentLength() {
    return spring.getHeaders().getContentLength();
  }

  /** The event loop of the agent's connection, for coming back to from other threads. */
  Scheduler eventLoop() {
    return Schedulers.fromExecutorService(timers());
  }

  /** The same event loop, for what is to happen later. */
  ScheduledExecutorService timers() {
    return netty instanceof Connection connection
        ? connection.channel().eventLoop()
        : GlobalEventExecutor.INSTANCE;
  }

  private Optional<X509Certificate> clientCertificate() {
    SslInfo tls = spring.getSslInfo();
    X509Certificate @Nullable [] chain = tls == null ? null : tls.getPeerCertificates();
    return chain == null || chain.length == 0 ? Optional.empty() : Optional.of(chain[0]);
  }

  private static String peer(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet && inet.getAddress() != null
        ? inet.getAddress().getHostAddress()
        : "unknown";
  }
}
