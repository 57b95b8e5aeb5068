// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import dev.bailiwick.contract.apisix.ApisixFront;
import dev.bailiwick.contract.apisix.ApisixRoute;
import dev.bailiwick.contract.apisix.PluginConf;
import dev.bailiwick.contract.gateway.GatewayHost;
import dev.bailiwick.contract.gateway.ReservedPort;
import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.BundleReader;
import dev.bailiwick.policy.PolicyException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** APISIX with the stock runner behind it, and one route for every connector. */
final class StockRunnerHost implements GatewayHost {
  private static final String TOKEN = "report-token-of-the-tests-0123456789";

  private final StockRunner runner;
  private final ApisixFront front;
  private final ReservedPort reports;

  private StockRunnerHost(StockRunner runner, ApisixFront front, ReservedPort reports) {
    this.runner = runner;
    this.front = front;
    this.reports = reports;
  }

  static StockRunnerHost start(GatewayHost.Setup setup) {
    Path directory = StockRunner.directory();
    ReservedPort port = ReservedPort.take();
    List<String> properties = new ArrayList<>(StockRunner.properties(setup));
    properties.add("bailiwick.bundle-check=200ms");
    properties.add("bailiwick.report.port=" + port.number());
    properties.add("bailiwick.report.token-file=" + write(directory.resolve("token"), TOKEN));
    StockRunner runner = StockRunner.start(directory, properties);
    ApisixRoute.Reports reports =
        new ApisixRoute.Reports(
            URI.create("http://127.0.0.1:" + port.number() + "/report"), "Bearer " + TOKEN);
    List<ApisixRoute> routes =
        bundle(setup).connectors().values().stream()
            .map(
                rule ->
                    ApisixRoute.of(rule.path(), rule.upstream(), conf(rule.name(), rule.upstream()))
                        .timeout(rule.timeout())
                        .reports(reports))
            .toList();
    return new StockRunnerHost(runner, ApisixFront.start(runner.socket(), routes), port);
  }

  static PluginConf conf(String connector, URI upstream) {
    return PluginConf.of("route#" + connector, "bailiwick", value(connector, upstream));
  }

  static String value(String connector, URI upstream) {
    return "{\"connector\":\"%s\",\"upstream\":\"%s\",\"target\":\"header\",\"protocol\":\"header\"}"
        .formatted(connector, upstream);
  }

  private static Bundle bundle(GatewayHost.Setup setup) {
    try {
      return BundleReader.read(setup.bundle());
    } catch (PolicyException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Path write(Path file, String text) {
    try {
      Files.writeString(file, text);
      return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public int port() {
    return front.port();
  }

  @Override
  public void close() {
    front.close();
    runner.close();
    reports.close();
  }
}
