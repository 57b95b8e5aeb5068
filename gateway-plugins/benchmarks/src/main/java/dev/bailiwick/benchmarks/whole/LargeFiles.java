// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.benchmarks.whole;

import com.sun.net.httpserver.HttpServer;
import dev.bailiwick.gateway.token.jose.SignatureAlgorithm;
import dev.bailiwick.gateway.token.jose.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.util.FileSystemUtils;

/**
 * Streams one large attachment down and one up, through a gateway with the filter and the same
 * gateway without it, each in a process with a heap of 256 MiB: what goes through is many times
 * what would fit. Fails when a byte is missing. Says how fast it was and how much memory it took.
 */
final class LargeFiles {
  private static final int ROUNDS = 3;
  private static final long MEBIBYTE = 1 << 20;
  private static final int USUAL_MEBIBYTES = 1024;
  private static final Pattern COLLECTION = Pattern.compile("(\\d+)M->(\\d+)M\\(");

  private final Path directory;
  private final long bytes;
  private final int[] ports = {WholeGateway.freePort(), WholeGateway.freePort()};
  private final int upstream = WholeGateway.freePort();

  private LargeFiles(Path directory, long bytes) throws IOException {
    this.directory = directory;
    this.bytes = bytes;
  }

  /**
   * @param arguments the size of a file in MiB, if not 1024
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    long mebibytes = arguments.length == 0 ? USUAL_MEBIBYTES : Long.parseLong(arguments[0]);
    Path directory = Files.createTempDirectory("bailiwick-bench");
    SigningKey key = SigningKey.generate(SignatureAlgorithm.ES256);
    HttpServer keys = WholeGateway.serveKeys(key);
    List<Process> processes = new ArrayList<>();
    try {
      new LargeFiles(directory, mebibytes * MEBIBYTE)
          .run(key, "http://127.0.0.1:" + keys.getAddress().getPort(), processes);
    } finally {
      keys.stop(0);
      for (Process process : processes) {
        process.destroy();
        process.waitFor();
      }
      FileSystemUtils.deleteRecursively(directory);
    }
  }

  private void run(SigningKey key, String issuer, List<Process> processes)
      throws IOException, InterruptedException {
    WholeGateway.prepare(
        directory,
        issuer,
        ports[1],
        upstream,
        "servicenow:attachment/file:read, servicenow:attachment/file:create,"
            + " servicenow:table/incident:update");
    String authorization =
        "Bearer "
            + WholeGateway.token(
                issuer,
                key,
                ports[1],
                "servicenow:attachment/file:read",
                "servicenow:attachment/file:create",
                "servicenow:table/incident:update");
    processes.add(
        WholeGateway.start(
            LargeUpstream.class, List.of(), Integer.toString(upstream), Long.toString(bytes)));
    processes.add(
        WholeGateway.start(
            BareGateway.class,
            List.of(log("bare")),
            Integer.toString(ports[0]),
            Integer.toString(upstream)));
    processes.add(
        WholeGateway.start(
            FilteredGateway.class,
            List.of(log("filtered")),
            Integer.toString(ports[1]),
            directory.toString()));
    for (int port : new int[] {upstream, ports[0], ports[1]}) {
      WholeGateway.await(port);
    }
    measure(authorization, new Process[] {processes.get(1), processes.get(2)});
  }

  private String log(String gateway) {
    return "-Xlog:gc:file=" + collections(gateway);
  }

  private Path collections(String gateway) {
    return directory.resolve(gateway + "-collections.log");
  }

  private void measure(String authorization, Process[] gateways) throws IOException {
    Transfer[] transfers = new Transfer[2];
    for (int i = 0; i < transfers.length; i++) {
      transfers[i] = new Transfer(ports[i], authorization, bytes);
    }
    double[][] down = new double[2][ROUNDS + 1];
    double[][] up = new double[2][ROUNDS + 1];
    for (int round = 0; round <= ROUNDS; round++) {
      for (int i = 0; i < transfers.length; i++) {
        down[i][round] = transfers[i].down();
        up[i][round] = transfers[i].up();
      }
    }
    long[][] heap = {heap("bare"), heap("filtered")};
    long[] resident = {resident(gateways[0]), resident(gateways[1])};
    System.out.printf(
        "%d MiB down and up, %d times after a first time; heap of 256 MiB%n",
        bytes / MEBIBYTE, ROUNDS);
    System.out.println("what                          bare   with filter   ratio");
    row("down, MiB/s", i -> median(down[i]));
    row("up, MiB/s", i -> median(up[i]));
    row("largest heap, MiB", i -> heap[i][0]);
    row("… after a collection, MiB", i -> heap[i][1]);
    row("largest process, MiB", i -> resident[i]);
  }

  private static void row(String what, IntToDoubleFunction figure) {
    double bare = figure.applyAsDouble(0);
    double filtered = figure.applyAsDouble(1);
    System.out.printf("%-26s %7.0f %13.0f   %5.2f%n", what, bare, filtered, filtered / bare);
  }

  /** Of all but the first, during which everything was compiled. */
  private static double median(double[] rounds) {
    double[] sorted = Arrays.copyOfRange(rounds, 1, rounds.length);
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** The most that was in use before, and after, any collection; in MiB. */
  private long[] heap(String gateway) throws IOException {
    long[] most = new long[2];
    for (String line : Files.readAllLines(collections(gateway))) {
      Matcher collection = COLLECTION.matcher(line);
      if (collection.find()) {
        most[0] = Math.max(most[0], Long.parseLong(collection.group(1)));
        most[1] = Math.max(most[1], Long.parseLong(collection.group(2)));
      }
    }
    return most;
  }

  /** The most memory that a process had at once, in MiB. */
  private static long resident(Process process) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
        .findFirst()
        .orElse(0);
  }
}
