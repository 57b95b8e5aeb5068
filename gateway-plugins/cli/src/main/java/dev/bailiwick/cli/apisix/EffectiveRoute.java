// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.apisix;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A route with what it takes from its service, its plugin configuration and a shared upstream.
 *
 * @param plugins what runs; the route's own come before those of the plugin configuration, and
 *     these before the service's
 */
record EffectiveRoute(YamlItem route, Map<String, YamlItem> plugins, Optional<YamlItem> upstream) {

  static EffectiveRoute of(YamlItem route, ApisixFiles files) {
    Optional<YamlItem> service = route.text("service_id").flatMap(files::service);
    Optional<YamlItem> config = route.text("plugin_config_id").flatMap(files::pluginConfig);
    Map<String, YamlItem> plugins = new LinkedHashMap<>();
    for (Optional<YamlItem> source : List.of(service, config, Optional.of(route))) {
      source
          .flatMap(item -> item.member("plugins"))
          .ifPresent(all -> plugins.putAll(all.members()));
    }
    Optional<YamlItem> upstream =
        route
            .member("upstream")
            .or(() -> route.text("upstream_id").flatMap(files::upstream))
            .or(() -> service.flatMap(item -> item.member("upstream")))
            .or(() -> service.flatMap(item -> item.text("upstream_id")).flatMap(files::upstream));
    return new EffectiveRoute(route, plugins, upstream);
  }

  Optional<YamlItem> plugin(String name) {
    return Optional.ofNullable(plugins.get(name));
  }

  /** Whether the filter is asked about requests, rightly or wrongly. */
  boolean isGoverned() {
    return plugin("ext-plugin-pre-req").stream()
        .flatMap(plugin -> plugin.member("conf").stream())
        .flatMap(conf -> conf.items().stream())
        .anyMatch(entry -> entry.text("name").filter(ConnectorRoute.FILTER::equals).isPresent());
  }
}
