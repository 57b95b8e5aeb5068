// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.apisix;

import dev.bailiwick.policy.PolicyProblem;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** A {@code config.yaml} of APISIX. */
final class StaticConfigCheck {
  private final YamlItem config;
  private final List<PolicyProblem> problems;

  StaticConfigCheck(YamlItem config, List<PolicyProblem> problems) {
    this.config = config;
    this.problems = problems;
  }

  /**
   * @param origins where the routes of the other files lead to
   */
  void check(Collection<Origin> origins) {
    if (config.at("ext-plugin", "path_for_test").isEmpty()
        && config.at("ext-plugin", "cmd").isEmpty()) {
      problems.add(config.problem("ext-plugin names no runner: set path_for_test to its socket"));
    }
    String snippets = snippets();
    boolean encrypted = origins.stream().anyMatch(origin -> origin.scheme().equals("https"));
    if (encrypted && !snippets.matches("(?s).*\\bproxy_ssl_verify\\s+on\\s*;.*")) {
      problems.add(
          config.problem(
              "APISIX sends credentials to whoever answers: put proxy_ssl_verify on; into"
                  + " nginx_config.http_server_configuration_snippet"));
    }
    config
        .at("nginx_config", "http", "access_log_format")
        .filter(
            format -> {
              String text = format.text().toLowerCase(Locale.ROOT);
              return text.contains("$http_authorization")
                  || text.contains("$http_dpop")
                  || text.contains("$http_cookie")
                  || text.contains("$request_body");
            })
        .ifPresent(
            format -> problems.add(format.problem("it logs a credential, a token or a body")));
  }

  private String snippets() {
    StringBuilder all = new StringBuilder();
    config
        .member("nginx_config")
        .ifPresent(
            nginx ->
                nginx
                    .members()
                    .forEach(
                        (name, value) -> {
                          if (name.startsWith("http") && name.endsWith("_snippet")) {
                            all.append(value.text()).append('\n');
                          }
                        }));
    return all.toString();
  }
}
