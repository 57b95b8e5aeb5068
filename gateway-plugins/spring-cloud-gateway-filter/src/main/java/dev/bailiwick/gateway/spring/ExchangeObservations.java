// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.gateway.DenyReason;
import dev.bailiwick.gateway.GatewayResponse;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.observability.DefaultSignalListener;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.util.context.Context;

/**
 * One observation, {@value #NAME}, for every exchange of a Bailiwick route. Its three keys have few
 * values and say nothing about who asked: {@code connector}, {@code decision} ({@code allow},
 * {@code deny} or {@code none}) and {@code code} (a {@link DenyReason}, {@code ALLOW} or {@code
 * none}).
 */
final class ExchangeObservations {
  static final String NAME = "bailiwick.exchange";
  private static final String OUTCOME = ExchangeObservations.class.getName();
  private static final String NONE = "none";
  private static final KeyValues UNDECIDED = outcome(NONE, NONE);
  private static final KeyValues ALLOWED = outcome("allow", "ALLOW");

  private final ObservationRegistry registry;

  ExchangeObservations(ObservationRegistry registry) {
    this.registry = registry;
  }

  Mono<Void> observe(ServerWebExchange exchange, Supplier<Mono<Void>> walk) {
    return Mono.defer(walk)
        .tap(
            context ->
                new Listener(
                    exchange,
                    Observation.createNotStarted(NAME, registry)
                        .lowCardinalityKeyValue("connector", connector(exchange))
                        .parentObservation(
                            context.getOrDefault(ObservationThreadLocalAccessor.KEY, null))));
  }

  /**
   * Starts and stops the observation of one exchange, and hands it to whatever is inside. It ends
   * the exchange's passage, too: each further watcher would be one more step for every signal.
   */
  private static final class Listener extends DefaultSignalListener<Void> {
    private final ServerWebExchange exchange;
    private final Observation observation;

    Listener(ServerWebExchange exchange, Observation observation) {
      this.exchange = exchange;
      this.observation = observation;
    }

    @Override
    public void doFirst() {
      observation.start();
    }

    @Override
    public Context addToContext(Context context) {
      return context.put(ObservationThreadLocalAccessor.KEY, observation);
    }

    @Override
    public void doOnComplete() {
      Passage.end(exchange, "another filter answered");
    }

    @Override
    public void doOnError(Throwable error) {
      Passage.end(exchange, "another filter failed");
      observation.error(error);
    }

    @Override
    public void doOnCancel() {
      Passage.end(exchange, "the agent hung up");
    }

    @Override
    public void doFinally(SignalType end) {
      observation
          .lowCardinalityKeyValues(exchange.getAttributeOrDefault(OUTCOME, UNDECIDED))
          .stop();
    }
  }

  /** The request was denied with this answer. */
  static void denied(ServerWebExchange exchange, GatewayResponse answer) {
    exchange.getAttributes().put(OUTCOME, outcome("deny", code(answer)));
  }

  /** The request was allowed. */
  static void allowed(ServerWebExchange exchange) {
    exchange.getAttributes().put(OUTCOME, ALLOWED);
  }

  /** The request was allowed, and the agent gets this instead of the upstream's answer. */
  static void replaced(ServerWebExchange exchange, GatewayResponse answer) {
    exchange.getAttributes().put(OUTCOME, outcome("allow", code(answer)));
  }

  private static KeyValues outcome(String decision, String code) {
    return KeyValues.of("decision", decision, "code", code);
  }

  private static String code(GatewayResponse answer) {
    return answer.headers().first("x-bailiwick-code").orElse(NONE);
  }

  private static String connector(ServerWebExchange exchange) {
    Route route = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
    @Nullable Object connector =
        route == null ? null : route.getMetadata().get(RouteGuard.CONNECTOR);
    return connector == null ? NONE : connector.toString();
  }
}
