// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.connector.Headers;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.http.client.HttpClientResponse;

/** An answer whose head the gateway's client has received and whose body nobody has read yet. */
final class UpstreamAnswer {
  private final ServerWebExchange exchange;
  private final Connection connection;
  private final int status;
  private final Headers headers;

  private UpstreamAnswer(
      ServerWebExchange exchange, Connection connection, int status, Headers headers) {
    this.exchange = exchange;
    this.connection = connection;
    this.status = status;
    this.headers = headers;
  }

  /**
   * The answer to an exchange that was routed.
   *
   * @throws IllegalStateException when the gateway's client was not asked
   * @throws IllegalArgumentException when a header line is one that no message may hold
   */
  static UpstreamAnswer of(ServerWebExchange exchange) {
    HttpClientResponse head = exchange.getAttribute(ServerWebExchangeUtils.CLIENT_RESPONSE_ATTR);
    Connection connection = exchange.getAttribute(ServerWebExchangeUtils.CLIENT_RESPONSE_CONN_ATTR);
    if (head == null || connection == null) {
      throw new IllegalStateException("the request was not routed upstream");
    }
    List<Headers.Field> fields = new ArrayList<>();
    for (Map.Entry<String, String> line : head.responseHeaders()) {
      fields.add(new Headers.Field(line.getKey(), line.getValue()));
    }
    return new UpstreamAnswer(exchange, connection, head.status().code(), Headers.of(fields));
  }

  int status() {
    return status;
  }

  Headers headers() {
    return headers;
  }

  /** Length of the body as announced; -1 when it was not. */
  long length() {
    try {
      return headers.first("content-length").map(Long::parseLong).orElse(-1L);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /**
   * The beginning of a body.
   *
   * @param complete whether it is the whole body
   */
  record Beginning(byte[] bytes, boolean complete) {}

  /** Takes the body away from the gateway's own writer and reads it, up to the limit. */
  Mono<Beginning> read(int maxBytes) {
    exchange.getAttributes().remove(ServerWebExchangeUtils.CLIENT_RESPONSE_CONN_ATTR);
    Reading reading = new Reading(maxBytes);
    return connection
        .inbound()
        .receive()
        .takeUntil(reading::isEnoughWith)
        .then(Mono.fromSupplier(reading::result))
        .doOnCancel(connection::dispose);
  }

  /** Drops the answer and its connection, so that the exchange can be routed again. */
  void drop() {
    ServerWebExchangeUtils.reset(exchange);
    connection.dispose();
  }

  /** Copies pieces while they are there, so that none of them has to be kept. */
  private static final class Reading {
    private final int maxBytes;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean cut;

    Reading(int maxBytes) {
      this.maxBytes = maxBytes;
    }

    boolean isEnoughWith(ByteBuf piece) {
      int room = maxBytes - bytes.size();
      cut = piece.readableBytes() > room;
      byte[] copy = new byte[Math.min(room, piece.readableBytes())];
      piece.getBytes(piece.readerIndex(), copy);
      bytes.writeBytes(copy);
      return cut;
    }

    Beginning result() {
      return new Beginning(bytes.toByteArray(), !cut);
    }
  }
}
