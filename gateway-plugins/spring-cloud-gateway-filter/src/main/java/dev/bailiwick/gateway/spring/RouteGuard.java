// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.Bundle.ConnectorRule;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.OrderedGatewayFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.web.server.ServerWebExchange;

/** Knows which routes lead to a connector, and what such a route must and must not have. */
final class RouteGuard {
  /** Route metadata that names the connector behind a route. */
  static final String CONNECTOR = "connector";

  private static final String FILTERS = "org.springframework.cloud.gateway.filter.factory.";

  /** Filters that undo a decision, by the class that makes them. */
  private static final Map<String, String> HARMFUL =
      Map.of(
          FILTERS + "cache.", "LocalResponseCache answers one agent with what another may read",
          FILTERS + "TokenRelay", "TokenRelay sends the agent's own token upstream",
          FILTERS + "Retry", "Retry repeats a call that was decided and recorded once");

  private final Supplier<Bundle> bundle;

  RouteGuard(Supplier<Bundle> bundle) {
    this.bundle = bundle;
  }

  /** Whether the exchange may leave the gateway only after a decision. */
  boolean expectsDecision(ServerWebExchange exchange) {
    Route route = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
    URI target = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR);
    return (route != null && (hasFilter(route) || connector(route).isPresent()))
        || (target != null && connectorAt(target).isPresent());
  }

  /** Everything that is wrong with the routes, a sentence each. */
  List<String> problems(Collection<Route> routes) {
    List<String> problems = new ArrayList<>();
    for (Route route : routes) {
      if (hasFilter(route)) {
        problems.addAll(harmfulFilters(route));
      } else {
        connector(route)
            .ifPresent(
                connector ->
                    problems.add(
                        "Route %s leads to connector %s without the Bailiwick filter: add"
                                .formatted(route.getId(), connector)
                            + " \"Bailiwick\" to its filters."));
      }
    }
    return problems;
  }

  private static List<String> harmfulFilters(Route route) {
    List<String> problems = new ArrayList<>();
    for (GatewayFilter filter : route.getFilters()) {
      String type = plain(filter).getClass().getName();
      HARMFUL.forEach(
          (prefix, harm) -> {
            if (type.startsWith(prefix)) {
              problems.add("Route %s: %s. Remove it.".formatted(route.getId(), harm));
            }
          });
    }
    return problems;
  }

  private static boolean hasFilter(Route route) {
    return route.getFilters().stream().anyMatch(filter -> plain(filter) instanceof DecisionFilter);
  }

  private static GatewayFilter plain(GatewayFilter filter) {
    return filter instanceof OrderedGatewayFilter ordered ? plain(ordered.getDelegate()) : filter;
  }

  private Optional<String> connector(Route route) {
    @Nullable Object named = route.getMetadata().get(CONNECTOR);
    return named == null ? connectorAt(route.getUri()) : Optional.of(named.toString());
  }

  private Optional<String> connectorAt(URI target) {
    return bundle.get().connectors().values().stream()
        .filter(connector -> sameOrigin(connector.upstream(), target))
        .map(ConnectorRule::name)
        .findFirst();
  }

  /** Compares hosts and ports; the scheme is left out, so that no other scheme is a way around. */
  private static boolean sameOrigin(URI upstream, URI target) {
    return host(upstream).equals(host(target)) && port(upstream) == port(target);
  }

  private static String host(URI uri) {
    String host = uri.getHost() == null ? "" : uri.getHost().toLowerCase(Locale.ROOT);
    return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
  }

  private static int port(URI uri) {
    if (uri.getPort() >= 0) {
      return uri.getPort();
    }
    return "http".equalsIgnoreCase(uri.getScheme()) || "ws".equalsIgnoreCase(uri.getScheme())
        ? 80
        : 443;
  }
}
