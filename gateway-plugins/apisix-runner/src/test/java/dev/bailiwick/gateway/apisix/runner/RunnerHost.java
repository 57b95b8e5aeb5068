// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import dev.bailiwick.contract.apisix.ApisixFront;
import dev.bailiwick.contract.apisix.ApisixRoute;
import dev.bailiwick.contract.apisix.PluginConf;
import dev.bailiwick.contract.gateway.GatewayHost;
import dev.bailiwick.gateway.credential.VaultKey;
import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.BundleReader;
import dev.bailiwick.policy.PolicyException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Our runner behind the front, with one route a connector of the bundle. */
final class RunnerHost implements GatewayHost {
  private final ApisixRunner runner;
  private final ApisixFront front;

  private RunnerHost(ApisixRunner runner, ApisixFront front) {
    this.runner = runner;
    this.front = front;
  }

  static RunnerHost start(GatewayHost.Setup setup, UnaryOperator<ApisixRoute> change) {
    Path directory = directory();
    Path token = directory.resolve("report-token");
    ApisixRunner runner = ApisixRunner.start(settings(setup, directory, Optional.of(token)));
    ApisixRoute.Reports reports =
        new ApisixRoute.Reports(runner.admin().resolve("/report"), authorization(token));
    List<ApisixRoute> routes =
        bundle(setup).connectors().values().stream()
            .map(rule -> change.apply(route(rule).reports(reports)))
            .toList();
    return new RunnerHost(runner, ApisixFront.start(runner.socket(), routes));
  }

  /** What a report carries, from the file that the runner made. */
  static String authorization(Path token) {
    try {
      return "Bearer " + Files.readString(token).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A short path: the name of a unix socket has 107 bytes. */
  static Path directory() {
    try {
      return Files.createTempDirectory("bw");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static RunnerSettings settings(GatewayHost.Setup setup, Path directory, Optional<Path> token) {
    return new RunnerSettings(
        setup.bundle(),
        setup.vault(),
        VaultKey.ofFile(setup.vaultKey()),
        setup.audit(),
        "apisix",
        RunnerSettings.Socket.at(directory.resolve("runner.sock")),
        0,
        token,
        Duration.ofHours(1),
        Duration.ofMillis(200),
        RunnerSettings.Limits.defaults());
  }

  static Bundle bundle(GatewayHost.Setup setup) {
    try {
      return BundleReader.read(setup.bundle());
    } catch (PolicyException e) {
      throw new IllegalStateException(e);
    }
  }

  static ApisixRoute route(Bundle.ConnectorRule rule) {
    return ApisixRoute.of(rule.path(), rule.upstream(), conf(rule.name(), rule.upstream()))
        .timeout(rule.timeout());
  }

  static PluginConf conf(String connector, URI upstream) {
    return PluginConf.of(
        "route#" + connector,
        "bailiwick",
        "{\"connector\":\"%s\",\"upstream\":\"%s\",\"target\":\"header\",\"protocol\":\"header\"}"
            .formatted(connector, upstream));
  }

  ApisixFront front() {
    return front;
  }

  ApisixRunner runner() {
    return runner;
  }

  @Override
  public int port() {
    return front.port();
  }

  @Override
  public void close() {
    front.close();
    runner.close();
  }
}
