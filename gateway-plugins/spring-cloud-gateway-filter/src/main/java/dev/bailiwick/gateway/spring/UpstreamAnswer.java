// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.connector.Headers;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;
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
   * A body, read whole or as far as was asked for.
   *
   * @param bytes what was read: at most one piece more than was asked for
   * @param complete whether that is the whole body
   * @param pieces all of the body, with what was read as the first piece; for one subscriber
   */
  record Body(byte[] bytes, boolean complete, Flux<byte[]> pieces) {}

  /**
   * Takes the body away from the gateway's own writer, reads it up to the limit, and goes on with
   * one of the two. Of a longer body the rest waits in the connection until it is asked for.
   *
   * @param tooLate signals when reading up to there takes too long
   */
  Mono<Void> read(
      int maxBytes,
      Publisher<?> tooLate,
      Function<Body, Mono<Void>> next,
      Function<@Nullable Throwable, Mono<Void>> fail) {
    exchange.getAttributes().remove(ServerWebExchangeUtils.CLIENT_RESPONSE_CONN_ATTR);
    Beginning beginning = new Beginning(maxBytes);
    return connection
        .inbound()
        .receive()
        .asByteArray()
        .handle(beginning::take)
        .concatWith(Mono.defer(beginning::rest))
        .timeout(tooLate)
        .switchOnFirst(
            (first, pieces) -> {
              byte[] bytes = first.get();
              return bytes == null
                  ? fail.apply(first.getThrowable())
                  : next.apply(new Body(bytes, beginning.complete(), pieces));
            })
        .then()
        .doOnCancel(connection::dispose);
  }

  /** Drops the answer and its connection, so that the exchange can be routed again. */
  void drop() {
    ServerWebExchangeUtils.reset(exchange);
    connection.dispose();
  }

  /** Gathers pieces into a first one, and lets the others pass. */
  private static final class Beginning {
    private final int maxBytes;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean cut;

    Beginning(int maxBytes) {
      this.maxBytes = maxBytes;
    }

    void take(byte[] piece, SynchronousSink<byte[]> sink) {
      if (cut) {
        sink.next(piece);
        return;
      }
      bytes.writeBytes(piece);
      if (bytes.size() > maxBytes) {
        cut = true;
        sink.next(bytes.toByteArray());
      }
    }

    /** What the end of the body found gathered. */
    Mono<byte[]> rest() {
      return cut ? Mono.empty() : Mono.just(bytes.toByteArray());
    }

    boolean complete() {
      return !cut;
    }
  }
}
