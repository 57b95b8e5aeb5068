// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.env.Environment;

/**
 * Settings under {@code bailiwick}, named as in the filter for Spring Cloud Gateway. Secrets are
 * files or variables that are named here.
 *
 * @param bundleCheck how often to look whether the bundle has changed
 * @param node name of this node among those that write into the same audit directory
 * @param report absent when nobody tells how requests were answered
 */
record FilterSettings(
    Path bundle,
    Duration bundleCheck,
    Path vault,
    Optional<Path> vaultKey,
    Path audit,
    String node,
    Optional<Report> report) {

  /**
   * Where APISIX tells how requests were answered.
   *
   * @param port of 127.0.0.1
   * @param tokenFile what APISIX must show
   */
  record Report(int port, Path tokenFile) {}

  private static final String REPORT_TOKEN = "bailiwick.report.token-file";

  /**
   * @throws FilterStartException when one is missing
   */
  static FilterSettings of(Environment environment) {
    return new FilterSettings(
        required(environment, "bailiwick.bundle"),
        DurationStyle.detectAndParse(environment.getProperty("bailiwick.bundle-check", "2s")),
        required(environment, "bailiwick.vault.file"),
        Optional.ofNullable(environment.getProperty("bailiwick.vault.key-file")).map(Path::of),
        required(environment, "bailiwick.audit.directory"),
        environment.getProperty("bailiwick.node", "apisix"),
        Optional.ofNullable(environment.getProperty("bailiwick.report.port"))
            .map(port -> new Report(port(port), required(environment, REPORT_TOKEN))));
  }

  private static int port(String text) {
    if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > 65535) {
      throw new FilterStartException("bailiwick.report.port must be a port, not " + text);
    }
    return Integer.parseInt(text);
  }

  private static Path required(Environment environment, String name) {
    String value = environment.getProperty(name);
    if (value == null || value.isBlank()) {
      throw new FilterStartException(name + " is not set");
    }
    return Path.of(value);
  }
}
