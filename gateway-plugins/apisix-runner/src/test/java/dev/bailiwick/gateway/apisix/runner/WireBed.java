// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import dev.bailiwick.contract.apisix.Entry;
import dev.bailiwick.contract.apisix.ExtPluginClient;
import dev.bailiwick.contract.apisix.PluginAnswer;
import dev.bailiwick.contract.apisix.PluginConf;
import dev.bailiwick.contract.apisix.PluginRequest;
import dev.bailiwick.contract.gateway.AgentRequest;
import dev.bailiwick.contract.gateway.GatewayTestBed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;

/** A runner with everything around it, and a wire client of APISIX's. */
final class WireBed implements AutoCloseable {
  static final String INCIDENTS = "/servicenow/api/now/table/incident";

  private final GatewayTestBed bed;
  private final Path directory = RunnerHost.directory();
  private ApisixRunner runner;
  private ExtPluginClient client;

  WireBed(Path files, UnaryOperator<RunnerSettings> change) {
    this(new GatewayTestBed(files), change);
  }

  /** A runner that leaves the rewriting of long bodies to the test. */
  static WireBed rewritingIn(Executor bodies, Path files) {
    return new WireBed(new GatewayTestBed(files), UnaryOperator.identity(), bodies);
  }

  private WireBed(GatewayTestBed fresh, UnaryOperator<RunnerSettings> change, Executor bodies) {
    bed = fresh;
    runner = ApisixRunner.start(change.apply(settings("apisix")), bodies);
    client = new ExtPluginClient(runner.socket());
  }

  /** The same with surroundings that were changed before. */
  WireBed(GatewayTestBed changed, UnaryOperator<RunnerSettings> change) {
    bed = changed;
    runner = ApisixRunner.start(change.apply(settings("apisix")));
    client = new ExtPluginClient(runner.socket());
  }

  WireBed(Path files) {
    this(files, UnaryOperator.identity());
  }

  RunnerSettings settings(String writer) {
    RunnerSettings all =
        RunnerHost.settings(bed.setup(), directory, Optional.of(directory.resolve("token")));
    return new RunnerSettings(
        all.bundle(),
        all.vault(),
        all.vaultKey(),
        all.audit(),
        writer,
        all.socket(),
        all.adminPort(),
        all.reportToken(),
        all.confLife(),
        all.bundleCheck(),
        all.limits());
  }

  /** The same with other limits. */
  static RunnerSettings limited(RunnerSettings all, RunnerSettings.Limits limits) {
    return new RunnerSettings(
        all.bundle(),
        all.vault(),
        all.vaultKey(),
        all.audit(),
        all.writer(),
        all.socket(),
        all.adminPort(),
        all.reportToken(),
        all.confLife(),
        all.bundleCheck(),
        limits);
  }

  /** Limits of tests that wait for them. */
  static RunnerSettings.Limits impatient() {
    RunnerSettings.Limits all = RunnerSettings.Limits.defaults();
    return new RunnerSettings.Limits(
        all.maxFrameBytes(),
        64,
        Duration.ofMillis(1500),
        Duration.ofSeconds(5),
        Duration.ZERO,
        100,
        Duration.ofSeconds(5));
  }

  GatewayTestBed bed() {
    return bed;
  }

  Path directory() {
    return directory;
  }

  ApisixRunner runner() {
    return runner;
  }

  void runs(ApisixRunner other) {
    runner = other;
  }

  ExtPluginClient client() {
    return client;
  }

  String authorization() {
    return RunnerHost.authorization(directory.resolve("token"));
  }

  PluginConf conf(String connector) {
    return RunnerHost.conf(
        connector, RunnerHost.bundle(bed.setup()).connectors().get(connector).upstream());
  }

  /** A request that is allowed when its operation is, as the printed route shows it. */
  PluginRequest request(String method, String path, Entry... more) {
    AgentRequest agent = bed.request(method, path);
    List<Entry> headers = new ArrayList<>();
    headers.add(new Entry("host", "gateway.contract.example"));
    headers.add(new Entry("authorization", "DPoP " + agent.token()));
    headers.add(new Entry("dpop", agent.proof()));
    headers.add(new Entry("x-bailiwick-target", path));
    headers.add(new Entry("x-bailiwick-request", UUID.randomUUID().toString().replace("-", "")));
    headers.add(new Entry("x-bailiwick-protocol", "HTTP/1.1"));
    headers.addAll(List.of(more));
    return PluginRequest.of(method, path, headers);
  }

  /** The code of a denial; empty when it is none. */
  static Optional<String> code(PluginAnswer answer) {
    return answer instanceof PluginAnswer.Stop stop
        ? Entry.first(stop.headers(), "x-bailiwick-code")
        : Optional.empty();
  }

  PluginAnswer call(String connector, PluginRequest request) {
    return client.request(conf(connector), request);
  }

  @Override
  public void close() {
    client.close();
    runner.close();
    bed.close();
  }
}
