// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.apisix;

import dev.bailiwick.policy.PolicyProblem;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** One plugin of somebody else that runs on requests with a credential. */
final class PluginCheck {
  private static final Set<String> CACHES =
      Set.of("proxy-cache", "graphql-proxy-cache", "ai-cache");

  /** They read neither credentials nor bodies, and change nothing of what was decided. */
  private static final Set<String> HARMLESS =
      Set.of(
          "api-breaker",
          "client-control",
          "cors",
          "ip-restriction",
          "limit-conn",
          "limit-count",
          "limit-req",
          "node-status",
          "prometheus",
          "proxy-buffering",
          "proxy-control",
          "referer-restriction",
          "request-id",
          "ua-restriction",
          "uri-blocker");

  private static final Set<String> LOGGERS =
      Set.of(
          "clickhouse-logger",
          "elasticsearch-logger",
          "file-logger",
          "google-cloud-logging",
          "http-logger",
          "kafka-logger",
          "loggly",
          "loki-logger",
          "rocketmq-logger",
          "skywalking-logger",
          "sls-logger",
          "splunk-hec-logging",
          "syslog",
          "tcp-logger",
          "tencent-cloud-cls",
          "udp-logger");

  private final YamlItem plugin;
  private final String name;
  private final List<PolicyProblem> problems;

  PluginCheck(YamlItem plugin, List<PolicyProblem> problems) {
    this.plugin = plugin;
    this.name = plugin.path().substring(plugin.path().lastIndexOf('.') + 1);
    this.problems = problems;
  }

  void check() {
    if (CACHES.contains(name)) {
      say("it answers one agent with what another may read; remove it");
    } else if (LOGGERS.contains(name)) {
      logger();
    } else if (!HARMLESS.contains(name) && !name.startsWith("ext-plugin-")) {
      say("it is not known to be harmless where requests carry a stored credential; remove it");
    }
  }

  private void logger() {
    if (plugin.member("log_format").isEmpty()) {
      say("without log_format it logs every request header, the stored credential among them");
    }
    for (String body : List.of("include_req_body", "include_resp_body")) {
      plugin
          .member(body)
          .filter(YamlItem::isTrue)
          .ifPresent(value -> problems.add(value.problem("it logs what agents read and write")));
    }
    for (String format : List.of("log_format", "log_format_extra")) {
      plugin.member(format).stream()
          .flatMap(value -> value.scalars().stream())
          .filter(PluginCheck::tellsASecret)
          .forEach(value -> problems.add(value.problem("it logs a credential, a token or a body")));
    }
  }

  private static boolean tellsASecret(YamlItem value) {
    String text = value.text().toLowerCase(Locale.ROOT);
    return text.contains("$http_")
        || text.contains("${http_")
        || text.contains("cookie")
        || text.contains("request_body")
        || text.contains("resp_body");
  }

  private void say(String sentence) {
    problems.add(plugin.problem(sentence));
  }
}
