// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.gateway.Denial;
import dev.bailiwick.gateway.DenyReason;
import dev.bailiwick.gateway.GatewayPipeline;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Sends what the {@link DecisionFilter} allowed, just before the gateway's own client: whatever
 * another filter made of the request is replaced. An exchange that should have been decided and was
 * not is denied.
 */
final class UpstreamFilter implements GlobalFilter, Ordered {
  /** After route look-up (10000) and load balancing (10150), ahead of every routing filter. */
  static final int ORDER = Ordered.LOWEST_PRECEDENCE - 2;

  private static final Logger log = LoggerFactory.getLogger(UpstreamFilter.class);

  private final GatewayPipeline pipeline;
  private final RouteGuard guard;

  UpstreamFilter(GatewayPipeline pipeline, RouteGuard guard) {
    this.pipeline = pipeline;
    this.guard = guard;
  }

  @Override
  public int getOrder() {
    return ORDER;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
    Passage passage = Passage.of(exchange);
    if (passage == null) {
      return guard.expectsDecision(exchange)
          ? deny(exchange, "The route leads to a connector without the Bailiwick filter: add it.")
          : chain.filter(exchange);
    }
    Optional<OutboundRequest> request =
        ServerWebExchangeUtils.isAlreadyRouted(exchange) ? Optional.empty() : passage.send();
    return request.isPresent()
        ? new UpstreamHop(exchange, chain, passage).send(request.get())
        : deny(exchange, "An allowed request is sent once: remove the filter that sends it again.");
  }

  /** A gateway that is put together wrongly is the operator's affair, so the log has it too. */
  private Mono<Void> deny(ServerWebExchange exchange, String sentence) {
    Route route = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
    log.error("Denied on route {}: {}", route == null ? "?" : route.getId(), sentence);
    WireRequest wire = WireRequest.of(exchange);
    Denial denial = new Denial(DenyReason.INTERNAL, sentence);
    return Stages.then(
        wire,
        pipeline.deny(wire.inboundWithoutHeaders(), denial),
        response -> {
          ExchangeObservations.denied(exchange, response);
          return Answers.write(exchange.getResponse(), response);
        });
  }
}
