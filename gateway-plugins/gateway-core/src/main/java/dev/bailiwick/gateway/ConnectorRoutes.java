// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.connector.BodyLimits;
import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorAdapter;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.PolicyException;
import dev.bailiwick.policy.PolicyProblem;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Step 2: which connector a path belongs to. Immutable. */
final class ConnectorRoutes {

  /**
   * One connector, mounted.
   *
   * @param mount decoded segments of the mount point
   */
  record Route(Bundle.ConnectorRule rule, Connector connector, List<String> mount) {
    String name() {
      return rule.name();
    }

    /** What a body that the connector reads may cost. */
    BodyLimits bodyLimits() {
      return BodyLimits.ofBytes(rule.maxBodyBytes());
    }

    /** A request as the connector sees it, its body not read yet. */
    ConnectorRequest head(InboundRequest request, RequestTarget target) {
      RequestTarget below = target.below(mount.size());
      return ConnectorRequest.head(
          request.method(),
          below.requireNoLineBreaks(connector.mayBreakLines(below)),
          request.headers().without(AGENT_CREDENTIALS));
    }
  }

  /** What authenticates the agent to the gateway; a connector never sees it. */
  private static final Set<String> AGENT_CREDENTIALS =
      Set.of("authorization", "dpop", "txn-token", "client-cert", "client-cert-chain");

  private final List<Route> routes;

  private ConnectorRoutes(List<Route> routes) {
    this.routes = List.copyOf(routes);
  }

  /**
   * Connects every connector of a bundle to its adapter.
   *
   * @throws PolicyException when an adapter is unknown or does not accept its options
   */
  static ConnectorRoutes of(Bundle bundle, Map<String, ConnectorAdapter> adapters)
      throws PolicyException {
    List<Route> routes = new ArrayList<>();
    List<PolicyProblem> problems = new ArrayList<>();
    for (Bundle.ConnectorRule rule : bundle.connectors().values()) {
      ConnectorAdapter adapter = adapters.get(rule.adapter());
      if (adapter == null) {
        problems.add(
            problem(
                bundle,
                rule,
                "there is no adapter \""
                    + rule.adapter()
                    + "\" on the class path; present are "
                    + new TreeSet<>(adapters.keySet())));
        continue;
      }
      try {
        routes.add(route(bundle, rule, adapter));
      } catch (IllegalArgumentException e) {
        problems.add(problem(bundle, rule, String.valueOf(e.getMessage())));
      }
    }
    if (!problems.isEmpty()) {
      throw new PolicyException(problems);
    }
    return new ConnectorRoutes(routes);
  }

  /** Every adapter on the class path, by its name. */
  static Map<String, ConnectorAdapter> adapters() {
    Map<String, ConnectorAdapter> byName = new HashMap<>();
    for (ConnectorAdapter adapter : ServiceLoader.load(ConnectorAdapter.class)) {
      ConnectorAdapter other = byName.put(adapter.name(), adapter);
      if (other != null) {
        throw new IllegalStateException(
            "two adapters on the class path are named "
                + adapter.name()
                + ": "
                + other.getClass().getName()
                + " and "
                + adapter.getClass().getName());
      }
    }
    return Map.copyOf(byName);
  }

  private static Route route(Bundle bundle, Bundle.ConnectorRule rule, ConnectorAdapter adapter) {
    URI external = URI.create(bundle.gateway().externalUrl() + rule.prefix());
    Connector connector =
        adapter.connect(
            new ConnectorSettings(rule.name(), rule.upstream(), external, rule.options()));
    return new Route(rule, connector, RequestTarget.parse(rule.path(), null).segments());
  }

  private static PolicyProblem problem(Bundle bundle, Bundle.ConnectorRule rule, String sentence) {
    return new PolicyProblem(bundle.metadata().name(), 0, 0, "connectors." + rule.name(), sentence);
  }

  /** The denial when {@link #find} finds nothing. */
  static Denial notFound() {
    return new Denial(DenyReason.NO_ROUTE, "no connector of the bundle is mounted at this path");
  }

  /**
   * The connector whose mount point the target lies under. Mount points never nest, except that the
   * root may be one: it takes what no other takes.
   */
  Optional<Route> find(RequestTarget target) {
    @Nullable Route found = null;
    for (Route route : routes) {
      int depth = route.mount.size();
      if ((found == null || depth > found.mount.size())
          && target.segments().size() >= depth
          && target.segments().subList(0, depth).equals(route.mount)) {
        found = route;
      }
    }
    return Optional.ofNullable(found);
  }
}
