// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.benchmarks.apisix;

import com.sun.net.httpserver.HttpServer;
import dev.bailiwick.gateway.credential.CredentialJson;
import dev.bailiwick.gateway.credential.FileVault;
import dev.bailiwick.gateway.credential.VaultKey;
import dev.bailiwick.gateway.token.jose.AgentTokenMint;
import dev.bailiwick.gateway.token.jose.SignatureAlgorithm;
import dev.bailiwick.gateway.token.jose.SigningKey;
import io.github.api7.A6.HTTPReqCall.Action;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;

/**
 * Runs our runner beside the published one, in turns: the load has one processor, both runners the
 * other. The published one sets a header; ours verifies a token that it verified before,
 * classifies, authorizes, puts the credential on and records. Reports do not come, so every call is
 * recorded with an unknown status.
 */
final class ApisixRunners {
  private static final int ROUNDS = 3;
  private static final int SECONDS = 4;
  private static final int WARM_UP = 4;
  private static final String AUDIENCE = "https://gateway.example";
  private static final String UPSTREAM = "https://acme.example";
  private static final Pattern NOT_KEPT =
      Pattern.compile("Records that could not be kept[^:]*: ([0-9]+)\\.");

  private ApisixRunners() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path jar = Path.of(arguments[0]);
    int seconds = arguments.length < 2 ? SECONDS : Integer.parseInt(arguments[1]);
    Path directory = Files.createTempDirectory("bwb");
    List<Process> processes = new ArrayList<>();
    HttpServer keys =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    try {
      run(jar, seconds, directory, processes, keys);
    } finally {
      keys.stop(0);
      for (Process process : processes) {
        process.destroy();
        process.waitFor();
      }
      FileSystemUtils.deleteRecursively(directory);
    }
  }

  private static void run(
      Path jar, int seconds, Path directory, List<Process> processes, HttpServer keys)
      throws IOException, InterruptedException {
    SigningKey key = SigningKey.generate(SignatureAlgorithm.ES256);
    String authorization = "Bearer " + prepare(directory, keys, key);
    Path published = directory.resolve("published.sock");
    Path ours = directory.resolve("ours.sock");
    processes.add(Runners.published(directory, jar, published));
    processes.add(Runners.ours(directory, ours, options()));
    Runners.await(published, processes.get(0));
    Runners.await(ours, processes.get(1));
    ByteBuffer theirCall = Calls.request(Calls.confToken(published, "header", "{}"), authorization);
    String conf =
        "{\"connector\":\"servicenow\",\"upstream\":\""
            + UPSTREAM
            + "\",\"target\":\"header\",\"protocol\":\"header\"}";
    ByteBuffer ourCall = Calls.request(Calls.confToken(ours, "bailiwick", conf), authorization);
    ByteBuffer frames = Calls.request(Calls.UNKNOWN_TOKEN, authorization);
    for (int i = 0; i < 2; i++) {
      requireRewrite(Calls.action(published, theirCall), "the published runner");
      requireRewrite(Calls.action(ours, ourCall), "our runner");
    }
    Duration warm = Duration.ofSeconds((long) WARM_UP * seconds);
    var unused = WireLoad.run(published, theirCall, Calls.REQUEST_CALL, 8, warm);
    unused = WireLoad.run(ours, ourCall, Calls.REQUEST_CALL, 8, warm);
    pin(ProcessHandle.current().pid(), "1");
    for (Process process : processes) {
      pin(process.pid(), "0");
    }
    Load theirs = new Load(processes.get(0), published, theirCall, Calls.REQUEST_CALL);
    Load our = new Load(processes.get(1), ours, ourCall, Calls.REQUEST_CALL);
    Load frame = new Load(processes.get(1), ours, frames, Calls.ERROR);
    measure(theirs, our, frame, Duration.ofSeconds(seconds));
    System.out.println("\nrecords that found no room in the queue: " + notKept(directory));
    System.out.printf(
        "heap of ours at 32 connections: at most %d MiB used, %d MiB after a collection; %s%n",
        UsedHeap.mostWhile(
            processes.get(1),
            () -> WireLoad.run(ours, ourCall, Calls.REQUEST_CALL, 32, Duration.ofSeconds(seconds))),
        UsedHeap.afterCollection(processes.get(1)),
        Runners.HEAP);
    System.out.printf(
        "resident memory: published %d MiB, ours %d MiB; both with %s%n",
        resident(processes.get(0)), resident(processes.get(1)), Runners.HEAP);
  }

  private static void requireRewrite(byte action, String who) throws IOException {
    if (action != Action.Rewrite) {
      throw new IOException(who + " does not let the call pass: action " + action);
    }
  }

  /** What a runner is loaded with. */
  private record Load(Process runner, Path socket, ByteBuffer call, int answer) {
    Run run(int connections, Duration length) throws IOException {
      Duration before = processorTime();
      WireLoad.Figures figures = WireLoad.run(socket, call, answer, connections, length);
      double calls = figures.perSecond() * length.toNanos() / 1e9;
      return new Run(figures, processorTime().minus(before).toNanos() / 1e3 / calls);
    }

    private Duration processorTime() {
      return runner.info().totalCpuDuration().orElseThrow();
    }
  }

  /**
   * One run.
   *
   * @param processor microseconds of processor time that the runner's process took for a call
   */
  private record Run(WireLoad.Figures load, double processor) {}

  private static void measure(Load published, Load ours, Load frames, Duration length)
      throws IOException {
    System.out.println("connections  what           published        ours   ratio   frames only");
    for (int connections : new int[] {1, 8, 32}) {
      List<Run> theirs = new ArrayList<>();
      List<Run> our = new ArrayList<>();
      List<Run> frame = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        theirs.add(published.run(connections, length));
        our.add(ours.run(connections, length));
        frame.add(frames.run(connections, length.dividedBy(2)));
      }
      row(connections, "calls/s", theirs, our, frame, run -> run.load.perSecond());
      row(connections, "p50 us", theirs, our, frame, run -> run.load.p50());
      row(connections, "p99 us", theirs, our, frame, run -> run.load.p99());
      row(connections, "processor us", theirs, our, frame, Run::processor);
    }
  }

  private static void row(
      int connections,
      String what,
      List<Run> theirs,
      List<Run> ours,
      List<Run> frames,
      ToDoubleFunction<Run> figure) {
    double a = median(theirs, figure);
    double b = median(ours, figure);
    System.out.printf(
        "%11d  %-12s %11.0f %11.0f   %5.2f   %11.0f%n",
        connections, what, a, b, b / a, median(frames, figure));
  }

  private static double median(List<Run> runs, ToDoubleFunction<Run> figure) {
    double[] sorted = runs.stream().mapToDouble(figure).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  /** Bundle, vault and issuer; returns a token. */
  private static String prepare(Path directory, HttpServer keys, SigningKey key)
      throws IOException {
    byte[] jwks = SigningKey.publicJwks(List.of(key)).getBytes(StandardCharsets.UTF_8);
    keys.createContext(
        "/jwks",
        exchange -> {
          exchange.sendResponseHeaders(200, jwks.length);
          exchange.getResponseBody().write(jwks);
          exchange.close();
        });
    keys.start();
    String issuer = "http://127.0.0.1:" + keys.getAddress().getPort();
    Files.writeString(
        directory.resolve("bundle.yaml"),
        """
        apiVersion: bailiwick.dev/v1
        kind: PolicyBundle
        metadata: {name: bench, version: 1}
        gateway: {externalUrl: "%s"}
        issuers:
          bench: {issuer: "%s", jwks: "%s/jwks", audience: "%s", proof: bearer, maxLifetime: 1h}
        connectors:
          servicenow: {adapter: servicenow, path: /servicenow, upstream: "%s", credential: "vault:bench"}
        agents:
          triage-agent:
            actor: {issuer: bench, subject: triage-agent}
            ceiling: [servicenow:table/incident:read]
            delegation: {maxLifetime: 1h}
        """
            .formatted(AUDIENCE, issuer, issuer, AUDIENCE, UPSTREAM));
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
    return AgentTokenMint.create(issuer, key, Clock.systemUTC())
        .draft("alice", AUDIENCE)
        .actor(issuer, "triage-agent")
        .actor(issuer, "planner")
        .lifetime(Duration.ofMinutes(55))
        .grant("servicenow:table/incident:read")
        .sign();
  }

  private static List<String> options() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--"))
        .toList();
  }

  private static void pin(long pid, String processor) throws IOException, InterruptedException {
    Process pinning =
        new ProcessBuilder("taskset", "-a", "-c", "-p", processor, Long.toString(pid))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (pinning.waitFor() != 0) {
      throw new IOException("a process could not be pinned to processor " + processor);
    }
  }

  /** The trail says by itself what it could not keep. */
  private static long notKept(Path directory) throws IOException {
    long notKept = 0;
    try (Stream<Path> files = Files.list(directory.resolve("audit/apisix"))) {
      for (Path file : files.filter(name -> name.toString().endsWith(".jsonl")).toList()) {
        try (Stream<String> lines = Files.lines(file)) {
          notKept += lines.mapToLong(ApisixRunners::notKept).sum();
        }
      }
    }
    return notKept;
  }

  private static long notKept(String line) {
    Matcher note = NOT_KEPT.matcher(line);
    return note.find() ? Long.parseLong(note.group(1)) : 0;
  }

  private static long resident(Process process) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024;
      }
    }
    throw new IOException("the process says nothing about its memory");
  }
}
