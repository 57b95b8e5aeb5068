// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.apisix;

import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.PolicyProblem;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One route with the filter. */
final class GovernedRouteCheck {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What {@code bailiwick apisix route} prints; everything else is checked by itself. */
  private static final Set<String> OURS =
      Set.of(
          "proxy-rewrite",
          "ext-plugin-pre-req",
          "ext-plugin-post-resp",
          "ext-plugin-post-req",
          "serverless-pre-function",
          "serverless-post-function",
          "response-rewrite");

  private final EffectiveRoute route;
  private final Optional<Bundle> bundle;
  private final List<PolicyProblem> problems;
  private final YamlItem entry;
  private final @Nullable JsonNode conf;

  GovernedRouteCheck(EffectiveRoute route, Optional<Bundle> bundle, List<PolicyProblem> problems) {
    this.route = route;
    this.bundle = bundle;
    this.problems = problems;
    this.entry =
        route
            .plugin("ext-plugin-pre-req")
            .orElseThrow()
            .member("conf")
            .orElseThrow()
            .items()
            .stream()
            .filter(e -> e.text("name").filter(ConnectorRoute.FILTER::equals).isPresent())
            .findFirst()
            .orElseThrow();
    this.conf = conf(entry.text("value").orElse(""));
  }

  private static @Nullable JsonNode conf(String text) {
    try {
      JsonNode node = JSON.readTree(text);
      return node.isObject() ? node : null;
    } catch (JacksonException e) {
      return null;
    }
  }

  /** The connector that the route is for; empty when it does not say. */
  String connector() {
    return member("connector");
  }

  /** The origin that the route says it leads to. */
  Optional<Origin> upstream() {
    return Origin.parse(member("upstream"));
  }

  private String member(String name) {
    JsonNode value = conf == null ? null : conf.get(name);
    return value != null && value.isString() ? value.stringValue() : "";
  }

  void check() {
    filter();
    confIsOfTheBundle();
    upstreamIsTheOneNamed();
    requestIsShownAsItCame();
    answersAreMadeFit();
    responsePhaseIsSafe();
    for (Map.Entry<String, YamlItem> plugin : route.plugins().entrySet()) {
      if (!OURS.contains(plugin.getKey())) {
        new PluginCheck(plugin.getValue(), problems).check();
      }
      isNotConditional(plugin.getKey(), plugin.getValue());
    }
    for (String member : List.of("script", "script_id", "filter_func")) {
      route
          .route()
          .member(member)
          .ifPresent(item -> say(item, "a script may do anything with the request; remove it"));
    }
    route
        .route()
        .member("enable_websocket")
        .filter(YamlItem::isTrue)
        .ifPresent(item -> say(item, "nothing in a WebSocket is decided on; remove it"));
  }

  private void filter() {
    YamlItem plugin = route.plugin("ext-plugin-pre-req").orElseThrow();
    List<YamlItem> filters = plugin.member("conf").map(YamlItem::items).orElse(List.of());
    if (filters.size() > 1) {
      say(plugin, "the filter must stand alone: another could change what was decided");
    }
    if (conf == null || connector().isEmpty() || upstream().isEmpty()) {
      say(entry, "its value must be a JSON object with connector and upstream");
      return;
    }
    Set<String> unknown = new HashSet<>(conf.propertyNames());
    unknown.removeAll(Set.of("connector", "upstream", "target", "protocol"));
    if (!unknown.isEmpty()) {
      say(entry, "its value has members that no runner knows: " + unknown);
    }
  }

  private void confIsOfTheBundle() {
    if (bundle.isEmpty() || connector().isEmpty()) {
      return;
    }
    Bundle.ConnectorRule rule = bundle.get().connectors().get(connector());
    if (rule == null) {
      say(entry, "the bundle has no connector " + connector());
      return;
    }
    if (upstream().filter(Origin.of(rule.upstream())::equals).isEmpty()) {
      say(entry, "the bundle's upstream of " + connector() + " is " + rule.upstream());
    }
    String mount = rule.prefix();
    for (YamlItem uri : uris()) {
      boolean below = uri.text().equals(mount) || uri.text().startsWith(mount + "/");
      if (!below) {
        say(uri, "the bundle mounts " + connector() + " at " + rule.path());
      }
    }
  }

  private List<YamlItem> uris() {
    return route
        .route()
        .member("uris")
        .map(YamlItem::items)
        .orElseGet(() -> route.route().member("uri").stream().toList());
  }

  private void upstreamIsTheOneNamed() {
    Optional<Origin> named = upstream();
    Optional<YamlItem> described = route.upstream();
    if (named.isEmpty()) {
      return;
    }
    List<Origin> nodes = described.map(Origin::ofUpstream).orElse(List.of());
    if (nodes.isEmpty()) {
      say(route.route(), "its upstream is not here: name its nodes in the route or in these files");
      return;
    }
    YamlItem upstream = described.orElseThrow();
    for (Origin node : nodes) {
      if (!node.equals(named.get())) {
        say(upstream, "it leads to " + node + ", and the filter decides for " + named.get());
      }
    }
    if (upstream.text("pass_host").orElse("pass").equals("rewrite")) {
      String host = upstream.text("upstream_host").orElse("").toLowerCase(Locale.ROOT);
      Optional<Origin> sent = Origin.parse(named.get().scheme() + "://" + host);
      if (sent.filter(named.get()::equals).isEmpty()) {
        say(upstream, "upstream_host is not the host of " + named.get());
      }
    }
    upstream
        .text("retries")
        .filter(retries -> !retries.equals("0"))
        .ifPresent(retries -> say(upstream, "a write may not be sent twice; set retries to 0"));
  }

  private void requestIsShownAsItCame() {
    Optional<YamlItem> rewrite = route.plugin("proxy-rewrite");
    if (rewrite.isEmpty()) {
      if (member("target").equals("header")) {
        say(entry, "target is header, and no proxy-rewrite sets " + ConnectorRoute.TARGET_HEADER);
      }
      if (member("protocol").equals("header")) {
        say(
            entry,
            "protocol is header, and no proxy-rewrite sets " + ConnectorRoute.PROTOCOL_HEADER);
      }
      return;
    }
    YamlItem plugin = rewrite.get();
    boolean known =
        plugin.members().keySet().equals(Set.of("_meta", "use_real_request_uri_unsafe", "headers"))
            && plugin.member("use_real_request_uri_unsafe").filter(YamlItem::isTrue).isPresent()
            && plugin.at("_meta", "priority").map(YamlItem::text).filter(this::isAhead).isPresent()
            && plugin
                .at("headers")
                .filter(h -> h.members().keySet().equals(Set.of("set")))
                .isPresent()
            && plugin.at("headers", "set").filter(this::setsOurs).isPresent();
    if (!known) {
      say(
          plugin,
          "it may only show the request to the runner, ahead of it; print the route again with"
              + " bailiwick apisix route");
    }
  }

  private boolean isAhead(String priority) {
    return priority.matches("[0-9]{1,9}") && Integer.parseInt(priority) > 12000;
  }

  private boolean setsOurs(YamlItem set) {
    return set.members()
            .keySet()
            .equals(
                Set.of(
                    ConnectorRoute.TARGET_HEADER,
                    ConnectorRoute.REQUEST_HEADER,
                    ConnectorRoute.PROTOCOL_HEADER))
        && set.text(ConnectorRoute.TARGET_HEADER).orElse("").equals("$real_request_uri")
        && set.text(ConnectorRoute.REQUEST_HEADER).orElse("").equals("$request_id")
        && set.text(ConnectorRoute.PROTOCOL_HEADER).orElse("").equals("$server_protocol");
  }

  private void answersAreMadeFit() {
    Optional<String> expected = script();
    boolean printed = false;
    for (YamlItem plugin : route.plugin("serverless-pre-function").stream().toList()) {
      boolean ours =
          plugin.text("phase").orElse("").equals("header_filter")
              && functions(plugin).size() == 1
              && (expected.isEmpty()
                  ? functions(plugin).get(0).contains("Makes the head of the upstream's answer fit")
                  : functions(plugin).get(0).equals(expected.get()));
      printed = ours;
      if (!ours) {
        say(plugin, "it is not the function of this bundle; print the route again");
      }
    }
    for (YamlItem plugin : route.plugin("serverless-post-function").stream().toList()) {
      if (!functions(plugin).equals(List.of(AnswerScripts.body()))) {
        say(plugin, "it is not the function of this bundle; print the route again");
      }
    }
    if (!printed && !stripsCookies() && route.plugin("ext-plugin-post-resp").isEmpty()) {
      say(
          route.route(),
          "the session of the stored credential reaches agents: nothing strips Set-Cookie; print the"
              + " route again");
    }
  }

  private void responsePhaseIsSafe() {
    if (upstream().filter(origin -> ConnectorRoute.isEncrypted(origin.scheme())).isPresent()) {
      route
          .plugin("ext-plugin-post-resp")
          .ifPresent(plugin -> say(plugin, ConnectorRoute.NAME_UNCHECKED + "; remove it"));
    }
  }

  private Optional<String> script() {
    return bundle
        .map(known -> known.connectors().get(connector()))
        .map(rule -> AnswerScripts.head(bundle.orElseThrow(), rule));
  }

  private static List<String> functions(YamlItem plugin) {
    return plugin.member("functions").map(YamlItem::items).orElse(List.of()).stream()
        .map(YamlItem::text)
        .toList();
  }

  private boolean stripsCookies() {
    return route
        .plugin("response-rewrite")
        .filter(plugin -> plugin.member("vars").isEmpty())
        .flatMap(plugin -> plugin.at("headers", "remove"))
        .stream()
        .flatMap(remove -> remove.items().stream())
        .anyMatch(name -> name.text().equalsIgnoreCase("Set-Cookie"));
  }

  /** A plugin that runs sometimes is one that sometimes does not. */
  private void isNotConditional(String name, YamlItem plugin) {
    if (!OURS.contains(name)) {
      return;
    }
    for (String member : List.of("disable", "filter", "pre_function")) {
      plugin
          .at("_meta", member)
          .ifPresent(
              item -> say(item, "the plugin must run on every request, as printed; remove it"));
    }
    if (!name.equals("proxy-rewrite")) {
      plugin
          .at("_meta", "priority")
          .ifPresent(item -> say(item, "the plugin must run in its usual place; remove it"));
    }
  }

  private void say(YamlItem item, String sentence) {
    problems.add(item.problem(sentence));
  }
}
