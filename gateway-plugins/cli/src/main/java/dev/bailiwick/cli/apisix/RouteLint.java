// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.apisix;

import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.PolicyProblem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds what in a configuration of APISIX would let requests past the filter, send a credential to
 * the wrong place, or show one agent what another may see. Deny by default: on a route with the
 * filter only what is known to be harmless may stand.
 */
final class RouteLint {
  private static final List<String> EXT_PLUGINS =
      List.of("ext-plugin-pre-req", "ext-plugin-post-req", "ext-plugin-post-resp");

  private final ApisixFiles files;
  private final Optional<Bundle> bundle;
  private final Set<String> filters;
  private final List<PolicyProblem> problems = new ArrayList<>();

  /** Origins of connectors, with the connector's name. */
  private final Map<Origin, String> origins = new HashMap<>();

  private RouteLint(ApisixFiles files, Optional<Bundle> bundle, Set<String> filters) {
    this.files = files;
    this.bundle = bundle;
    this.filters = new HashSet<>(filters);
    this.filters.add(ConnectorRoute.FILTER);
  }

  /**
   * @param filters names of filters that the runner has beside ours
   */
  static List<PolicyProblem> check(List<Path> files, Optional<Bundle> bundle, Set<String> filters) {
    return new RouteLint(ApisixFiles.read(files), bundle, filters).check();
  }

  private List<PolicyProblem> check() {
    problems.addAll(files.problems);
    List<EffectiveRoute> routes =
        files.routes.stream().map(route -> EffectiveRoute.of(route, files)).toList();
    List<EffectiveRoute> governed = routes.stream().filter(EffectiveRoute::isGoverned).toList();
    bundle.ifPresent(
        known ->
            known
                .connectors()
                .values()
                .forEach(rule -> origins.put(Origin.of(rule.upstream()), rule.name())));
    for (EffectiveRoute route : governed) {
      GovernedRouteCheck check = new GovernedRouteCheck(route, bundle, problems);
      check.upstream().ifPresent(origin -> origins.putIfAbsent(origin, check.connector()));
    }
    for (EffectiveRoute route : routes) {
      extPlugins(route.plugins(), route.isGoverned());
      if (!route.isGoverned()) {
        ungoverned(route);
      }
    }
    governed.forEach(route -> new GovernedRouteCheck(route, bundle, problems).check());
    for (YamlItem rule : files.globalRules) {
      rule.member("plugins").ifPresent(plugins -> globalRule(plugins, !governed.isEmpty()));
    }
    for (YamlItem service : files.services) {
      service.member("plugins").ifPresent(plugins -> extPlugins(plugins.members(), false));
    }
    files.pluginLists.forEach(list -> notLoaded(list, governed));
    bundle.ifPresent(known -> missing(known, governed));
    for (YamlItem config : files.statics) {
      new StaticConfigCheck(config, problems).check(origins.keySet());
    }
    return problems.stream().distinct().toList();
  }

  private void extPlugins(Map<String, YamlItem> plugins, boolean governed) {
    for (String name : EXT_PLUGINS) {
      YamlItem plugin = plugins.get(name);
      if (plugin == null) {
        continue;
      }
      plugin
          .member("allow_degradation")
          .filter(value -> !value.text().equalsIgnoreCase("false"))
          .ifPresent(
              value ->
                  problems.add(
                      value.problem(
                          "requests pass undecided whenever the runner fails; set it to false")));
      List<YamlItem> conf = plugin.member("conf").map(YamlItem::items).orElse(List.of());
      if (conf.isEmpty()) {
        problems.add(plugin.problem("it names no filter, so that every request passes"));
      }
      for (YamlItem entry : conf) {
        YamlItem named = entry.member("name").orElse(entry);
        if (!filters.contains(named.text())) {
          problems.add(
              named.problem(
                  "the runner has no filter \""
                      + named.text()
                      + "\": a stock runner skips it and lets the request pass; known are "
                      + filters.stream().sorted().toList()));
        }
      }
      if (governed && name.equals("ext-plugin-post-req")) {
        problems.add(plugin.problem("it could change the request after it was decided; remove it"));
      }
    }
  }

  private void ungoverned(EffectiveRoute route) {
    for (Origin origin : route.upstream().map(Origin::ofUpstream).orElse(List.of())) {
      origins.entrySet().stream()
          .filter(known -> known.getKey().sameServer(origin))
          .findFirst()
          .ifPresent(
              known ->
                  problems.add(
                      route
                          .route()
                          .problem(
                              "it leads to the origin of connector "
                                  + known.getValue()
                                  + " without the filter; print its route with bailiwick apisix"
                                  + " route")));
    }
  }

  private void globalRule(YamlItem plugins, boolean anyGoverned) {
    extPlugins(plugins.members(), false);
    if (anyGoverned) {
      plugins.members().values().forEach(plugin -> new PluginCheck(plugin, problems).check());
    }
  }

  /** APISIX takes a route with a plugin that it did not load, and leaves the plugin out. */
  private void notLoaded(YamlItem list, List<EffectiveRoute> governed) {
    Set<String> loaded = new HashSet<>();
    list.items().forEach(item -> loaded.add(item.text("name").orElseGet(item::text)));
    governed.stream()
        .flatMap(route -> route.plugins().keySet().stream())
        .filter(name -> !loaded.contains(name))
        .distinct()
        .sorted()
        .forEach(
            name ->
                problems.add(
                    list.problem(
                        "APISIX would not load "
                            + name
                            + ", and routes would run without it; add it, or leave the list out")));
  }

  private void missing(Bundle known, List<EffectiveRoute> governed) {
    Set<String> routed = new HashSet<>();
    governed.forEach(
        route -> routed.add(new GovernedRouteCheck(route, bundle, new ArrayList<>()).connector()));
    if (!files.routes.isEmpty()) {
      known.connectors().keySet().stream()
          .filter(name -> !routed.contains(name))
          .sorted()
          .forEach(
              name ->
                  problems.add(
                      files
                          .routes
                          .get(0)
                          .problem(
                              "no route has the filter for connector " + name + " of the bundle")));
    }
  }
}
