// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.connector.BodyRewriter;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A response whose body is rewritten while it streams, once the connector asked for that. Pieces
 * are taken from the upstream only as fast as the agent reads.
 */
final class RewritingResponse extends ServerHttpResponseDecorator {
  private final Passage passage;

  RewritingResponse(ServerHttpResponse response, Passage passage) {
    super(response);
    this.passage = passage;
  }

  @Override
  public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
    return passage
        .rewriter()
        .map(rewriter -> getDelegate().writeWith(rewritten(Flux.from(body), rewriter.get())))
        .orElseGet(() -> getDelegate().writeWith(body));
  }

  @Override
  public Mono<Void> writeAndFlushWith(Publisher<? extends Publisher<? extends DataBuffer>> body) {
    return passage
        .rewriter()
        .map(
            rewriter ->
                getDelegate()
                    .writeAndFlushWith(
                        rewritten(Flux.from(body).concatMap(Flux::from), rewriter.get())
                            .map(Flux::just)))
        .orElseGet(() -> getDelegate().writeAndFlushWith(body));
  }

  private Flux<DataBuffer> rewritten(Flux<? extends DataBuffer> body, BodyRewriter rewriter) {
    Flux<DataBuffer> pieces =
        body.handle(
            (piece, sink) -> {
              byte[] ready = feed(rewriter, piece);
              if (ready.length > 0) {
                sink.next(bufferFactory().wrap(ready));
              }
            });
    Mono<DataBuffer> rest =
        Mono.fromSupplier(rewriter::finish)
            .filter(bytes -> bytes.length > 0)
            .map(bufferFactory()::wrap);
    return pieces.concatWith(rest).doOnDiscard(DataBuffer.class, DataBufferUtils::release);
  }

  private static byte[] feed(BodyRewriter rewriter, DataBuffer piece) {
    try {
      byte[] bytes = new byte[piece.readableByteCount()];
      piece.read(bytes);
      return rewriter.feed(bytes, 0, bytes.length);
    } finally {
      DataBufferUtils.release(piece);
    }
  }
}
