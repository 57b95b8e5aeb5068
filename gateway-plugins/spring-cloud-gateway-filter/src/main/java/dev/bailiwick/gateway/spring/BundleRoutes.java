// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.Bundle.ConnectorRule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;

/**
 * Routes made from the bundle: one for every connector's mount point, and on request a last one
 * that denies, with evidence, what matches nothing. Made anew whenever the gateway refreshes its
 * routes.
 */
final class BundleRoutes implements RouteLocator {
  /** Ahead of routes without an order, so that none of them can take over a mount point. */
  private static final int ORDER = -1;

  /** Of routes with the same order the first that matches is taken. */
  private static final Comparator<ConnectorRule> LAST_THE_ROOT =
      Comparator.comparing(rule -> rule.prefix().isEmpty());

  private final Supplier<Bundle> bundle;
  private final GatewayFilter filter;
  private final boolean connectors;
  private final boolean unmatched;

  BundleRoutes(
      Supplier<Bundle> bundle, GatewayFilter filter, boolean connectors, boolean unmatched) {
    this.bundle = bundle;
    this.filter = filter;
    this.connectors = connectors;
    this.unmatched = unmatched;
  }

  @Override
  public Flux<Route> getRoutes() {
    return Flux.defer(() -> Flux.fromIterable(routes()));
  }

  private List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    if (connectors) {
      bundle.get().connectors().values().stream()
          .sorted(LAST_THE_ROOT.thenComparing(ConnectorRule::name))
          .map(this::route)
          .forEach(routes::add);
    }
    if (unmatched) {
      routes.add(
          Route.async()
              .id("bailiwick-unmatched")
              .uri("http://unmatched.invalid")
              .order(Ordered.LOWEST_PRECEDENCE)
              .predicate(exchange -> true)
              .filter(filter)
              .build());
    }
    return routes;
  }

  private Route route(ConnectorRule connector) {
    return Route.async()
        .id("bailiwick-" + connector.name())
        .uri(connector.upstream())
        .order(ORDER)
        .predicate(exchange -> isBelow(exchange, connector.path()))
        .filter(filter)
        .metadata(RouteGuard.CONNECTOR, connector.name())
        .build();
  }

  /** Looks at the raw path: whatever needs decoding first is denied by the core anyway. */
  private static boolean isBelow(ServerWebExchange exchange, String mount) {
    String path = WireRequest.of(exchange).rawPath();
    return path.equals(mount) || path.startsWith(mount.endsWith("/") ? mount : mount + "/");
  }
}
