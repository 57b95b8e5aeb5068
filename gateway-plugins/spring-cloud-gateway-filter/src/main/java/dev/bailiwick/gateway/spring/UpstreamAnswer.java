// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.connector.Headers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
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

  /**
   * Takes the body away from the gateway's own writer. Its first piece holds more than {@code
   * maxBytes} bytes, or else the whole body.
   */
  Flux<DataBuffer> takeBody(int maxBytes) {
    exchange.getAttributes().remove(ServerWebExchangeUtils.CLIENT_RESPONSE_CONN_ATTR);
    NettyDataBufferFactory buffers =
        (NettyDataBufferFactory) exchange.getResponse().bufferFactory();
    Flux<DataBuffer> body = connection.inbound().receive().retain().map(buffers::wrap);
    return gathered(body, maxBytes, buffers)
        .doOnError(e -> connection.dispose())
        .doOnCancel(connection::dispose);
  }

  /** Drops the answer and its connection, so that the exchange can be routed again. */
  void drop() {
    ServerWebExchangeUtils.reset(exchange);
    connection.dispose();
  }

  /** The first {@code maxBytes} bytes of a piece, which keeps them. */
  static byte[] peek(DataBuffer piece, int maxBytes) {
    byte[] bytes = new byte[Math.min(piece.readableByteCount(), maxBytes)];
    piece.toByteBuffer(piece.readPosition(), ByteBuffer.wrap(bytes), 0, bytes.length);
    return bytes;
  }

  /** The same bytes; the first piece is as large as {@link #takeBody} says. */
  static Flux<DataBuffer> gathered(Flux<DataBuffer> body, int maxBytes, DataBufferFactory buffers) {
    return Flux.using(
        () -> new Gathering(maxBytes, buffers),
        gathering ->
            body.<DataBuffer>handle(
                    (piece, sink) -> {
                      DataBuffer ready = gathering.add(piece);
                      if (ready != null) {
                        sink.next(ready);
                      }
                    })
                .concatWith(Mono.fromSupplier(gathering::rest)),
        Gathering::release);
  }

  private static final class Gathering {
    private final int maxBytes;
    private final DataBufferFactory buffers;
    private final List<DataBuffer> held = new ArrayList<>();
    private long size;
    private boolean over;

    Gathering(int maxBytes, DataBufferFactory buffers) {
      this.maxBytes = maxBytes;
      this.buffers = buffers;
    }

    @Nullable DataBuffer add(DataBuffer piece) {
      if (over) {
        return piece;
      }
      held.add(piece);
      size += piece.readableByteCount();
      return size > maxBytes ? join() : null;
    }

    @Nullable DataBuffer rest() {
      return over ? null : join();
    }

    private DataBuffer join() {
      over = true;
      DataBuffer joined =
          held.isEmpty() ? buffers.wrap(new byte[0]) : buffers.join(List.copyOf(held));
      held.clear();
      return joined;
    }

    void release() {
      held.forEach(DataBufferUtils::release);
      held.clear();
    }
  }
}
