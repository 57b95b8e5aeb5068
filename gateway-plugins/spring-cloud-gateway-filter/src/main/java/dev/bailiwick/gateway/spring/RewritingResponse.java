// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.connector.BodyRewriter;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A response whose body is rewritten, once the connector asked for that: a short one whole, a long
 * one while it streams. Its pieces are taken from the upstream only as fast as the agent reads.
 */
final class RewritingResponse extends ServerHttpResponseDecorator {
  private final Passage passage;

  RewritingResponse(ServerHttpResponse response, Passage passage) {
    super(response);
    this.passage = passage;
  }

  @Override
  public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
    Rewriting rewriting = passage.rewriting();
    if (rewriting == null) {
      return getDelegate().writeWith(body);
    }
    return rewriting.atOnce()
        ? getDelegate().writeWith(atOnce(body, rewriting)).onErrorResume(this::breakOff)
        : getDelegate().writeWith(rewritten(Flux.from(body), rewriting.rewriter()));
  }

  @Override
  public Mono<Void> writeAndFlushWith(Publisher<? extends Publisher<? extends DataBuffer>> body) {
    Rewriting rewriting = passage.rewriting();
    return rewriting == null
        ? getDelegate().writeAndFlushWith(body)
        : getDelegate()
            .writeAndFlushWith(
                rewritten(Flux.from(body).concatMap(Flux::from), rewriting.rewriter())
                    .map(Flux::just));
  }

  /** As one piece, which the server sends together with the head and its new length. */
  private Mono<DataBuffer> atOnce(Publisher<? extends DataBuffer> body, Rewriting rewriting) {
    return DataBufferUtils.join(body, (int) rewriting.length())
        .map(
            whole -> {
              DataBuffer sent = rewritten(whole, rewriting.rewriter());
              getHeaders().remove(HttpHeaders.TRANSFER_ENCODING);
              getHeaders().setContentLength(sent.readableByteCount());
              return sent;
            });
  }

  /** Mostly there is nothing to change, and then the buffer itself goes on. */
  private DataBuffer rewritten(DataBuffer whole, BodyRewriter rewriter) {
    boolean unchanged = false;
    try {
      byte[] bytes = new byte[whole.readableByteCount()];
      int start = whole.readPosition();
      whole.read(bytes);
      byte[] rewritten = rewriter.rewrite(bytes);
      unchanged = rewritten == bytes;
      return unchanged ? whole.readPosition(start) : bufferFactory().wrap(rewritten);
    } finally {
      if (!unchanged) {
        DataBufferUtils.release(whole);
      }
    }
  }

  /**
   * An answer that turns out broken is broken off, whether it is short or long: the evidence says
   * that it was relayed, so nothing else may come in its place.
   */
  private Mono<Void> breakOff(Throwable cause) {
    if (isCommitted()) {
      return Mono.error(cause);
    }
    Answers.forgetLength(getDelegate());
    DataBuffer nothing = bufferFactory().wrap(new byte[0]);
    return getDelegate().writeWith(Flux.concat(Mono.just(nothing), Mono.error(cause)));
  }

  private Flux<DataBuffer> rewritten(Flux<? extends DataBuffer> body, BodyRewriter rewriter) {
    Flux<DataBuffer> pieces =
        body.handle(
            (piece, sink) -> {
              byte[] bytes = bytes(piece);
              byte[] ready = rewriter.feed(bytes, 0, bytes.length);
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

  private static byte[] bytes(DataBuffer piece) {
    try {
      byte[] bytes = new byte[piece.readableByteCount()];
      piece.read(bytes);
      return bytes;
    } finally {
      DataBufferUtils.release(piece);
    }
  }
}
