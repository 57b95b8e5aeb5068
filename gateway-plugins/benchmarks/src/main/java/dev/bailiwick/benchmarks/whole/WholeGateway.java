// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.benchmarks.whole;

import com.sun.net.httpserver.HttpServer;
import dev.bailiwick.gateway.credential.CredentialJson;
import dev.bailiwick.gateway.credential.FileVault;
import dev.bailiwick.gateway.credential.VaultKey;
import dev.bailiwick.gateway.token.jose.AgentTokenMint;
import dev.bailiwick.gateway.token.jose.SignatureAlgorithm;
import dev.bailiwick.gateway.token.jose.SigningKey;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.springframework.util.FileSystemUtils;

/**
 * Runs a gateway with the filter beside the same gateway without it: same upstream, same load, in
 * turns, so that a machine whose speed drifts is unfair to neither. Gateways have one processor,
 * load and upstream the other. Tokens are bearer tokens, so that a load generator can send them;
 * every request is verified (from the cache), classified, authorized, given its credential and
 * recorded.
 */
final class WholeGateway {
  private static final int ROUNDS = 5;
  private static final int SECONDS = 8;

  /** However short the runs are: before that, a gateway on one processor is mostly its compiler. */
  private static final int WARM_UP_SECONDS = 40;

  private static final String READ = "servicenow:table/incident:read";
  private static final String TARGET =
      "/servicenow/api/now/table/incident/c1000000000000000000000000000001";

  private final Path directory;
  private final int seconds;
  private final int bare = freePort();
  private final int filtered = freePort();
  private final int upstream = freePort();

  private WholeGateway(Path directory, int seconds) throws IOException {
    this.directory = directory;
    this.seconds = seconds;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    int seconds = arguments.length == 0 ? SECONDS : Integer.parseInt(arguments[0]);
    Path directory = Files.createTempDirectory("bailiwick-bench");
    List<Process> processes = new ArrayList<>();
    try {
      new WholeGateway(directory, seconds).run(processes);
    } finally {
      for (Process process : processes) {
        process.destroy();
        process.waitFor();
      }
      FileSystemUtils.deleteRecursively(directory);
    }
  }

  private void run(List<Process> processes) throws IOException, InterruptedException {
    SigningKey key = SigningKey.generate(SignatureAlgorithm.ES256);
    HttpServer keys = serveKeys(key);
    String issuer = "http://127.0.0.1:" + keys.getAddress().getPort();
    prepare(directory, issuer, filtered, upstream, READ);
    processes.add(start(Upstream.class, List.of(), Integer.toString(upstream)));
    processes.add(
        start(BareGateway.class, List.of(), Integer.toString(bare), Integer.toString(upstream)));
    processes.add(
        start(FilteredGateway.class, List.of(), Integer.toString(filtered), directory.toString()));
    for (int port : new int[] {upstream, bare, filtered}) {
      await(port);
    }
    String authorization = "Bearer " + token(issuer, key, filtered, READ);
    for (int port : new int[] {bare, filtered}) {
      Wrk.run(32, WARM_UP_SECONDS, url(port), authorization);
    }
    // Only now: a JVM that has to compile and to serve on one processor is not warm for minutes.
    pin(processes.get(0), "1");
    pin(processes.get(1), "0");
    pin(processes.get(2), "0");
    measure(processes.get(1), processes.get(2), authorization);
    keys.stop(0);
  }

  /**
   * One run.
   *
   * @param processor microseconds of processor time that the gateway's process took for a request
   */
  private record Run(Wrk.Figures load, double processor) {}

  private void measure(Process without, Process with, String authorization)
      throws IOException, InterruptedException {
    System.out.println("connections  what              bare   with filter   ratio");
    for (int connections : new int[] {32, 1}) {
      List<Run> withouts = new ArrayList<>();
      List<Run> withs = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        withouts.add(run(without, bare, connections, authorization));
        withs.add(run(with, filtered, connections, authorization));
      }
      row(connections, "requests/s", withouts, withs, run -> run.load.perSecond());
      row(connections, "p50 us", withouts, withs, run -> run.load.p50());
      row(connections, "p99 us", withouts, withs, run -> run.load.p99());
      row(connections, "processor us", withouts, withs, Run::processor);
    }
  }

  private Run run(Process gateway, int port, int connections, String authorization)
      throws IOException, InterruptedException {
    Duration before = processorTime(gateway);
    Wrk.Figures load = Wrk.run(connections, seconds, url(port), authorization);
    Duration taken = processorTime(gateway).minus(before);
    return new Run(load, taken.toNanos() / 1e3 / (load.perSecond() * seconds));
  }

  private static Duration processorTime(Process process) {
    return process.info().totalCpuDuration().orElseThrow();
  }

  private static void row(
      int connections,
      String what,
      List<Run> without,
      List<Run> with,
      ToDoubleFunction<Run> figure) {
    double a = median(without.stream().mapToDouble(figure).sorted().toArray());
    double b = median(with.stream().mapToDouble(figure).sorted().toArray());
    System.out.printf("%11d  %-12s %9.0f %13.0f   %5.2f%n", connections, what, a, b, b / a);
  }

  private static double median(double[] sorted) {
    return sorted[sorted.length / 2];
  }

  /**
   * Bundle and vault of a gateway.
   *
   * @param ceiling scopes of connector servicenow, with commas between
   */
  static void prepare(Path directory, String issuer, int filtered, int upstream, String ceiling)
      throws IOException {
    Files.writeString(
        directory.resolve("bundle.yaml"),
        """
        apiVersion: bailiwick.dev/v1
        kind: PolicyBundle
        metadata: {name: bench, version: 1}
        gateway: {externalUrl: "http://127.0.0.1:%d"}
        issuers:
          bench: {issuer: "%s", jwks: "%s/jwks", audience: "http://127.0.0.1:%d", proof: bearer, maxLifetime: 1h}
        connectors:
          servicenow: {adapter: servicenow, path: /servicenow, upstream: "http://127.0.0.1:%d", credential: "vault:bench"}
        agents:
          triage-agent:
            actor: {issuer: bench, subject: triage-agent}
            ceiling: [%s]
            delegation: {maxLifetime: 1h}
        """
            .formatted(filtered, issuer, issuer, filtered, upstream, ceiling));
    FileVault.init(
            directory.resolve("vault"),
            VaultKey.generate(directory.resolve("vault.key")),
            Clock.systemUTC())
        .put(
            "bench",
            CredentialJson.read(
                "bench",
                "{\"type\":\"basic\",\"username\":\"bench\",\"password\":\"bench-password\"}"
                    .getBytes(StandardCharsets.UTF_8)));
  }

  static String token(String issuer, SigningKey key, int filtered, String... scopes) {
    AgentTokenMint.Draft draft =
        AgentTokenMint.create(issuer, key, Clock.systemUTC())
            .draft("alice", "http://127.0.0.1:" + filtered)
            .actor(issuer, "triage-agent")
            .actor(issuer, "planner")
            .lifetime(Duration.ofMinutes(55));
    for (String scope : scopes) {
      draft = draft.grant(scope);
    }
    return draft.sign();
  }

  static HttpServer serveKeys(SigningKey key) throws IOException {
    byte[] keys = SigningKey.publicJwks(List.of(key)).getBytes(StandardCharsets.UTF_8);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/jwks",
        exchange -> {
          exchange.sendResponseHeaders(200, keys.length);
          exchange.getResponseBody().write(keys);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static void pin(Process process, String processor)
      throws IOException, InterruptedException {
    List<String> command =
        List.of("taskset", "-a", "-c", "-p", processor, Long.toString(process.pid()));
    Process pinning =
        new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    if (pinning.waitFor() != 0) {
      throw new IOException("a process could not be pinned to processor " + processor);
    }
  }

  /** A JVM of its own with a heap of 256 MiB. */
  static Process start(Class<?> main, List<String> options, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx256m");
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--"))
        .forEach(command::add);
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).inheritIO().start();
  }

  private static String url(int port) {
    return "http://127.0.0.1:" + port + TARGET;
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  static void await(int port) throws IOException, InterruptedException {
    for (int i = 0; i < 600; i++) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        if (socket.isConnected()) {
          return;
        }
      } catch (IOException e) {
        Thread.sleep(100);
      }
    }
    throw new IOException("nothing listens on port " + port + " after a minute");
  }
}
