// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/**
 * Filters as a company's gateway may have them. Each acts only on requests whose {@code X-Case}
 * header names it, so that one gateway serves every test.
 */
class Neighbours {
  static final String CASE = "X-Case";

  /** What onlookers saw: every header and every attribute, at several places of the chain. */
  static final List<String> SEEN = new CopyOnWriteArrayList<>();

  private static boolean isCase(ServerWebExchange exchange, String name) {
    return name.equals(WireRequest.of(exchange).inbound().headers().first(CASE).orElse(""));
  }

  /** A global filter with a place in the chain. */
  private record At(int order, String name, GlobalFilter act) implements GlobalFilter, Ordered {
    @Override
    public int getOrder() {
      return order;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
      return isCase(exchange, name) ? act.filter(exchange, chain) : chain.filter(exchange);
    }
  }

  private static Mono<Void> look(ServerWebExchange exchange, GatewayFilterChain chain) {
    SEEN.add(exchange.getRequest().getHeaders() + " " + exchange.getAttributes());
    return chain.filter(exchange);
  }

  private static Mono<Void> limit(ServerWebExchange exchange, GatewayFilterChain chain) {
    exchange.getResponse().setStatusCode(HttpStatus.TOO_MANY_REQUESTS);
    return exchange.getResponse().setComplete();
  }

  @Bean
  GlobalFilter earlyOnlooker() {
    return new At(0, "onlookers", Neighbours::look);
  }

  @Bean
  GlobalFilter lateOnlooker() {
    return new At(10_200, "onlookers", Neighbours::look);
  }

  @Bean
  GlobalFilter lastOnlooker() {
    return new At(Ordered.LOWEST_PRECEDENCE - 1, "onlookers", Neighbours::look);
  }

  /** Without an order, so it runs among the last: the usual way to write one. */
  @Bean
  GlobalFilter orderlessOnlooker() {
    return (exchange, chain) ->
        isCase(exchange, "onlookers") ? look(exchange, chain) : chain.filter(exchange);
  }

  @Bean
  GlobalFilter limiter() {
    return new At(1, "limiter", Neighbours::limit);
  }

  @Bean
  GlobalFilter lateLimiter() {
    return new At(Ordered.LOWEST_PRECEDENCE - 1, "late-limiter", Neighbours::limit);
  }

  @Bean
  GlobalFilter failing() {
    return new At(
        1,
        "failing",
        (exchange, chain) -> {
          throw new IllegalStateException("broken");
        });
  }

  /** Sends the request a second time, as the gateway's Retry filter does. */
  @Bean
  GlobalFilter repeating() {
    return new At(
        1,
        "repeating",
        (exchange, chain) ->
            chain
                .filter(exchange)
                .doOnSuccess(done -> ServerWebExchangeUtils.reset(exchange))
                .then(Mono.defer(() -> chain.filter(exchange))));
  }

  @Bean
  GlobalFilter replacing() {
    return new At(
        Ordered.LOWEST_PRECEDENCE - 1,
        "replacing",
        (exchange, chain) ->
            chain.filter(
                exchange.mutate().request(request -> request.header("X-Late", "1")).build()));
  }

  @Bean
  GlobalFilter redirecting(@Value("${upstream}") String upstream) {
    return new At(
        Ordered.LOWEST_PRECEDENCE - 1,
        "redirecting",
        (exchange, chain) -> {
          exchange
              .getAttributes()
              .put(
                  ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR,
                  URI.create(upstream + "/elsewhere"));
          return chain.filter(exchange);
        });
  }

  /** A header filter with a place among the others. */
  private record HeaderAt(int order, String name, String header, String value)
      implements HttpHeadersFilter, Ordered {
    @Override
    public int getOrder() {
      return order;
    }

    @Override
    public HttpHeaders filter(HttpHeaders input, ServerWebExchange exchange) {
      if (!isCase(exchange, name)) {
        return input;
      }
      HttpHeaders changed = HttpHeaders.copyOf(input);
      changed.remove(header);
      if (!value.isEmpty()) {
        changed.add(header, value);
      }
      return changed;
    }
  }

  @Bean
  HttpHeadersFilter adding() {
    return new HeaderAt(0, "adding", "X-Added", "1");
  }

  @Bean
  HttpHeadersFilter relaying() {
    return new HeaderAt(0, "relaying", "DPoP", "agent-proof");
  }

  /** Takes the credential off again where only the client's own check can see it. */
  @Bean
  HttpClientCustomizer thief() {
    return new Thief();
  }

  private static final class Thief implements HttpClientCustomizer, Ordered {
    @Override
    public int getOrder() {
      return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public HttpClient customize(HttpClient client) {
      return client.doOnRequest(
          (request, connection) -> {
            if (request.uri().startsWith("/thief")) {
              request.requestHeaders().remove("authorization");
            }
          });
    }
  }

  @Bean
  RouteLocator javaRoute(
      RouteLocatorBuilder builder,
      BailiwickGatewayFilterFactory bailiwick,
      @Value("${upstream}") String upstream) {
    return builder
        .routes()
        .route(
            "java",
            route ->
                route
                    .order(-1)
                    .path("/servicenow/**")
                    .and()
                    .header(CASE, "java")
                    .filters(filters -> filters.filter(bailiwick.apply()))
                    .uri(upstream))
        .build();
  }
}
