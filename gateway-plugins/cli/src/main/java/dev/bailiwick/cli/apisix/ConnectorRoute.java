// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.apisix;

import dev.bailiwick.policy.Bundle;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * The route of APISIX that leads to one connector, as maps and lists of its configuration. Every
 * member is one that the schemas of APISIX 3.18 know.
 */
final class ConnectorRoute {
  static final String FILTER = "bailiwick";
  static final String TARGET_HEADER = "X-Bailiwick-Target";
  static final String REQUEST_HEADER = "X-Bailiwick-Request";
  static final String PROTOCOL_HEADER = "X-Bailiwick-Protocol";

  /** Just ahead of {@code ext-plugin-pre-req}, which has 12000. */
  static final int AHEAD_OF_THE_FILTER = 12001;

  static final String NAME_UNCHECKED =
      "in the response phase APISIX does not check whose certificate an https upstream shows, so"
          + " that the credential goes to whoever has any of a trusted authority";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Bundle bundle;
  private final Bundle.ConnectorRule rule;
  private final RouteOptions options;

  private ConnectorRoute(Bundle bundle, Bundle.ConnectorRule rule, RouteOptions options) {
    this.bundle = bundle;
    this.rule = rule;
    this.options = options;
  }

  static Map<String, Object> of(Bundle bundle, Bundle.ConnectorRule rule, RouteOptions options) {
    return new ConnectorRoute(bundle, rule, options).route();
  }

  static boolean isEncrypted(String scheme) {
    return scheme.equalsIgnoreCase("https");
  }

  /** The identity of a connector's route. */
  static String id(String connector) {
    return FILTER + "-" + connector;
  }

  private Map<String, Object> route() {
    Map<String, Object> route = new LinkedHashMap<>();
    route.put("id", id(rule.name()));
    route.put("name", id(rule.name()));
    route.put("desc", "printed from " + bundle.id() + " by bailiwick apisix route");
    route.put(
        "uris", rule.prefix().isEmpty() ? List.of("/*") : List.of(rule.path(), rule.path() + "/*"));
    route.put("plugins", plugins());
    route.put("upstream", upstream());
    return route;
  }

  private Map<String, Object> plugins() {
    Map<String, Object> plugins = new LinkedHashMap<>();
    plugins.put("proxy-rewrite", requestAsItCame());
    plugins.put("ext-plugin-pre-req", filter());
    if (options.responsePhase()) {
      plugins.put("ext-plugin-post-resp", filter());
      plugins.put("response-rewrite", Map.of("headers", Map.of("remove", List.of("Set-Cookie"))));
    } else {
      plugins.put(
          "serverless-pre-function", script("header_filter", AnswerScripts.head(bundle, rule)));
      plugins.put("response-rewrite", links());
      plugins.put("serverless-post-function", script("body_filter", AnswerScripts.body()));
    }
    options.report().ifPresent(report -> plugins.put("http-logger", logger(report)));
    return plugins;
  }

  /** The runner sees the target as it stood on the request line, and need not ask for it. */
  static Map<String, Object> requestAsItCame() {
    Map<String, Object> set = new LinkedHashMap<>();
    set.put(TARGET_HEADER, "$real_request_uri");
    set.put(REQUEST_HEADER, "$request_id");
    set.put(PROTOCOL_HEADER, "$server_protocol");
    Map<String, Object> rewrite = new LinkedHashMap<>();
    rewrite.put("_meta", Map.of("priority", AHEAD_OF_THE_FILTER));
    rewrite.put("use_real_request_uri_unsafe", true);
    rewrite.put("headers", Map.of("set", set));
    return rewrite;
  }

  private Map<String, Object> filter() {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("connector", rule.name());
    value.put("upstream", origin());
    value.put("target", "header");
    value.put("protocol", "header");
    Map<String, Object> conf = new LinkedHashMap<>();
    conf.put("name", FILTER);
    conf.put("value", JSON.writeValueAsString(value));
    Map<String, Object> filter = new LinkedHashMap<>();
    filter.put("allow_degradation", false);
    filter.put("conf", List.of(conf));
    return filter;
  }

  private static Map<String, Object> script(String phase, String function) {
    Map<String, Object> script = new LinkedHashMap<>();
    script.put("phase", phase);
    script.put("functions", List.of(function));
    return script;
  }

  /** Links in JSON lead to the gateway. Slashes may be escaped there. */
  private Map<String, Object> links() {
    URI upstream = rule.upstream();
    int usual = upstream.getScheme().equalsIgnoreCase("https") ? 443 : 80;
    boolean named = upstream.getPort() >= 0 && upstream.getPort() != usual;
    String slash = "(?:\\\\?/)";
    String regex =
        upstream.getScheme().toLowerCase(Locale.ROOT)
            + ":"
            + slash
            + slash
            + upstream.getHost().replace(".", "\\.")
            + (named ? ":" + upstream.getPort() : "(?::" + usual + ")?")
            + "(?![\\w.:@-])";
    String mount = rule.prefix();
    Map<String, Object> filter = new LinkedHashMap<>();
    filter.put("regex", regex);
    filter.put("scope", "global");
    filter.put("replace", bundle.gateway().externalUrl() + mount);
    filter.put("options", "joi");
    Map<String, Object> rewrite = new LinkedHashMap<>();
    rewrite.put("vars", List.of(List.of("upstream_http_content_type", "~~", "(?i)[/+]json")));
    rewrite.put("filters", List.of(filter));
    return rewrite;
  }

  private Map<String, Object> logger(URI report) {
    Map<String, Object> format = new LinkedHashMap<>();
    format.put("request", "$request_id");
    format.put("status", "$upstream_status");
    Map<String, Object> logger = new LinkedHashMap<>();
    logger.put("uri", report.toString());
    logger.put("auth_header", options.format().reportAuthorization());
    logger.put("timeout", 1);
    logger.put("batch_max_size", 1);
    logger.put("log_format", format);
    return logger;
  }

  private Map<String, Object> upstream() {
    URI upstream = rule.upstream();
    String scheme = upstream.getScheme().toLowerCase(Locale.ROOT);
    Map<String, Object> node = new LinkedHashMap<>();
    node.put("host", upstream.getHost());
    node.put(
        "port", upstream.getPort() >= 0 ? upstream.getPort() : scheme.equals("https") ? 443 : 80);
    node.put("weight", 1);
    Map<String, Object> timeout = new LinkedHashMap<>();
    timeout.put("connect", 5);
    timeout.put("send", rule.timeout().toSeconds());
    timeout.put("read", rule.timeout().toSeconds());
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("type", "roundrobin");
    described.put("scheme", scheme);
    described.put("nodes", List.of(node));
    described.put("pass_host", "rewrite");
    described.put("upstream_host", upstream.getRawAuthority());
    described.put("retries", 0);
    described.put("timeout", timeout);
    return described;
  }

  private String origin() {
    return rule.upstream().getScheme() + "://" + rule.upstream().getRawAuthority();
  }
}
