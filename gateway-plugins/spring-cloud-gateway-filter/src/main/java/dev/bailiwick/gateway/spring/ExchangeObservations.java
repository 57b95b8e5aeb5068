// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.gateway.DenyReason;
import dev.bailiwick.gateway.GatewayResponse;
import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * One observation, {@value #NAME}, for every exchange of a Bailiwick route. Its three keys have few
 * values and say nothing about who asked: {@code connector}, {@code decision} ({@code allow},
 * {@code deny} or {@code none}) and {@code code} (a {@link DenyReason}, {@code ALLOW} or {@code
 * none}).
 */
final class ExchangeObservations {
  static final String NAME = "bailiwick.exchange";
  private static final String DECISION = ExchangeObservations.class.getName() + ".decision";
  private static final String CODE = ExchangeObservations.class.getName() + ".code";
  private static final String NONE = "none";

  private final ObservationRegistry registry;

  ExchangeObservations(ObservationRegistry registry) {
    this.registry = registry;
  }

  Mono<Void> observe(ServerWebExchange exchange, Supplier<Mono<Void>> walk) {
    return Mono.deferContextual(
        context -> {
          Observation observation =
              Observation.createNotStarted(NAME, registry)
                  .lowCardinalityKeyValue("connector", connector(exchange));
          Observation parent = context.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
          if (parent != null) {
            observation.parentObservation(parent);
          }
          observation.start();
          return walk.get()
              .doOnError(observation::error)
              .doFinally(
                  signal ->
                      observation
                          .lowCardinalityKeyValue(key(exchange, "decision", DECISION))
                          .lowCardinalityKeyValue(key(exchange, "code", CODE))
                          .stop())
              .contextWrite(inner -> inner.put(ObservationThreadLocalAccessor.KEY, observation));
        });
  }

  /** The request was denied with this answer. */
  static void denied(ServerWebExchange exchange, GatewayResponse answer) {
    exchange.getAttributes().put(DECISION, "deny");
    code(exchange, answer);
  }

  /** The request was allowed. */
  static void allowed(ServerWebExchange exchange) {
    exchange.getAttributes().put(DECISION, "allow");
    exchange.getAttributes().put(CODE, "ALLOW");
  }

  /** The request was allowed, and the agent gets this instead of the upstream's answer. */
  static void replaced(ServerWebExchange exchange, GatewayResponse answer) {
    code(exchange, answer);
  }

  private static void code(ServerWebExchange exchange, GatewayResponse answer) {
    exchange.getAttributes().put(CODE, answer.headers().first("x-bailiwick-code").orElse(NONE));
  }

  private static KeyValue key(ServerWebExchange exchange, String name, String attribute) {
    return KeyValue.of(name, exchange.getAttributeOrDefault(attribute, NONE));
  }

  private static String connector(ServerWebExchange exchange) {
    Route route = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
    @Nullable Object connector =
        route == null ? null : route.getMetadata().get(RouteGuard.CONNECTOR);
    return connector == null ? NONE : connector.toString();
  }
}
