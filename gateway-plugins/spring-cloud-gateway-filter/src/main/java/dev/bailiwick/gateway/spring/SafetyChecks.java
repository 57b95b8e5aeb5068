// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.cloud.gateway.event.RefreshRoutesResultEvent;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.context.ApplicationListener;

/**
 * Refuses to start a gateway whose routes or settings would undo a decision. Routes that arrive
 * later are checked too; those are reported here and denied by the {@link UpstreamFilter}.
 */
final class SafetyChecks
    implements SmartInitializingSingleton, ApplicationListener<RefreshRoutesResultEvent> {
  private static final Logger log = LoggerFactory.getLogger(SafetyChecks.class);

  private final RouteGuard guard;
  private final RouteLocator routes;
  private final List<SettingCheck> settings;
  private volatile List<String> routeProblems = List.of();

  SafetyChecks(RouteGuard guard, RouteLocator routes, List<SettingCheck> settings) {
    this.guard = guard;
    this.routes = routes;
    this.settings = settings;
  }

  @Override
  public void afterSingletonsInstantiated() {
    List<String> problems = new ArrayList<>();
    settings.forEach(check -> problems.addAll(check.problems()));
    problems.addAll(guard.problems(currentRoutes()));
    if (!problems.isEmpty()) {
      throw new GatewayStartException(problems);
    }
  }

  private List<Route> currentRoutes() {
    try {
      List<Route> found = routes.getRoutes().collectList().block();
      return found == null ? List.of() : found;
    } catch (RuntimeException e) {
      throw new GatewayStartException(
          "The routes of this gateway cannot be read: " + e.getMessage());
    }
  }

  @Override
  public void onApplicationEvent(RefreshRoutesResultEvent event) {
    var unused =
        routes
            .getRoutes()
            .collectList()
            .subscribe(
                found -> {
                  routeProblems = guard.problems(found);
                  routeProblems.forEach(
                      problem -> log.error("{} Until then it is denied.", problem));
                },
                error ->
                    log.error("The routes of this gateway cannot be read: {}", error.toString()));
  }

  /** What is wrong with the routes since the last refresh. */
  List<String> routeProblems() {
    return routeProblems;
  }
}
