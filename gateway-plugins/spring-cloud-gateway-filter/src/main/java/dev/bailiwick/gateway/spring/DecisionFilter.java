// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.gateway.Admission;
import dev.bailiwick.gateway.Admission.Admitted;
import dev.bailiwick.gateway.Decision;
import dev.bailiwick.gateway.Denial;
import dev.bailiwick.gateway.DenyReason;
import dev.bailiwick.gateway.GatewayPipeline;
import dev.bailiwick.gateway.GatewayResponse;
import dev.bailiwick.gateway.InboundRequest;
import dev.bailiwick.gateway.UpstreamCall;
import java.util.Optional;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Decides every request of its route, ahead of rate limiters, caches and whatever else reads or
 * answers. A denied request ends here; an allowed one gets a {@link Passage}, and the {@link
 * UpstreamFilter} sends it.
 */
final class DecisionFilter implements GatewayFilter, Ordered {
  /** After the gateway's own bookkeeping of bodies, before everything else. */
  static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 2000;

  private static final byte[] NO_BYTES = {};

  private final GatewayPipeline pipeline;
  private final ExchangeObservations observations;

  DecisionFilter(GatewayPipeline pipeline, ExchangeObservations observations) {
    this.pipeline = pipeline;
    this.observations = observations;
  }

  @Override
  public int getOrder() {
    return ORDER;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
    return observations.observe(exchange, () -> walk(exchange, chain, WireRequest.of(exchange)));
  }

  private Mono<Void> walk(ServerWebExchange exchange, GatewayFilterChain chain, WireRequest wire) {
    InboundRequest inbound;
    try {
      inbound = wire.inbound();
    } catch (IllegalArgumentException e) {
      Denial denial =
          new Denial(
              DenyReason.MALFORMED_REQUEST,
              "A header line is malformed (RFC 9110 §5.5): send names and values without control"
                  + " characters.");
      return deny(exchange, wire, wire.inboundWithoutHeaders(), denial);
    }
    return Stages.then(
        wire,
        pipeline.admit(inbound),
        admission ->
            switch (admission) {
              case Admission.Denied denied -> answer(exchange, denied.response());
              case Admitted admitted -> read(exchange, chain, wire, admitted);
            });
  }

  private Mono<Void> read(
      ServerWebExchange exchange, GatewayFilterChain chain, WireRequest wire, Admitted admitted) {
    if (!wire.hasBody()) {
      return decide(exchange, chain, wire, admitted, new RequestBody.None());
    }
    if (!admitted.needsBody()) {
      return decide(exchange, chain, wire, admitted, new RequestBody.Streamed());
    }
    return held(exchange, wire, admitted)
        .flatMap(
            body ->
                body.isPresent()
                    ? decide(exchange, chain, wire, admitted, body.get())
                    : Stages.then(
                        wire,
                        pipeline.bodyTooLarge(admitted),
                        response -> answer(exchange, response)));
  }

  /** The body as the decision needs it; empty when it is too large to be decided on. */
  private static Mono<Optional<RequestBody>> held(
      ServerWebExchange exchange, WireRequest wire, Admitted admitted) {
    if (wire.contentLength() > admitted.maxBodyBytes()) {
      return Mono.just(Optional.empty());
    }
    return DataBufferUtils.join(exchange.getRequest().getBody(), admitted.maxBodyBytes())
        .map(DecisionFilter::held)
        .defaultIfEmpty(Optional.of(new RequestBody.None()))
        .onErrorReturn(DataBufferLimitException.class, Optional.empty());
  }

  private static Optional<RequestBody> held(DataBuffer joined) {
    try {
      byte[] bytes = new byte[joined.readableByteCount()];
      joined.read(bytes);
      return Optional.of(new RequestBody.Held(bytes));
    } finally {
      DataBufferUtils.release(joined);
    }
  }

  private Mono<Void> decide(
      ServerWebExchange exchange,
      GatewayFilterChain chain,
      WireRequest wire,
      Admitted admitted,
      RequestBody body) {
    byte[] bytes = body instanceof RequestBody.Held held ? held.bytes() : NO_BYTES;
    return Stages.then(
        wire,
        pipeline.decide(admitted, bytes),
        decision ->
            switch (decision) {
              case Decision.Deny denied -> answer(exchange, denied.response());
              case Decision.Answer answered -> granted(exchange, answered.response());
              case Decision.Allow allowed -> pass(exchange, chain, allowed.call(), body);
            },
        DecisionFilter::giveUp);
  }

  /** The agent hung up before it was allowed: what the core keeps for the call is to be freed. */
  private static void giveUp(Decision decision) {
    if (decision instanceof Decision.Allow allowed) {
      var unused = Passage.giveUp(allowed.call(), "the agent hung up");
    }
  }

  private static Mono<Void> pass(
      ServerWebExchange exchange, GatewayFilterChain chain, UpstreamCall call, RequestBody body) {
    Route route = exchange.getRequiredAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
    Passage passage = new Passage(route, call, body);
    passage.attachTo(exchange);
    ExchangeObservations.allowed(exchange);
    ServerWebExchange passing =
        exchange.mutate().response(new RewritingResponse(exchange.getResponse(), passage)).build();
    return chain.filter(passing);
  }

  private Mono<Void> deny(
      ServerWebExchange exchange, WireRequest wire, InboundRequest inbound, Denial denial) {
    return Stages.then(
        wire, pipeline.deny(inbound, denial), response -> answer(exchange, response));
  }

  private static Mono<Void> granted(ServerWebExchange exchange, GatewayResponse response) {
    ExchangeObservations.allowed(exchange);
    return Answers.write(exchange.getResponse(), response);
  }

  private static Mono<Void> answer(ServerWebExchange exchange, GatewayResponse response) {
    ExchangeObservations.denied(exchange, response);
    return Answers.write(exchange.getResponse(), response);
  }

  @Override
  public String toString() {
    return "Bailiwick";
  }
}
