// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.benchmarks.whole;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One run of wrk, the load generator, on a processor of its own. */
final class Wrk {
  private static final Pattern REQUESTS = Pattern.compile("Requests/sec:\\s+([0-9.]+)");
  private static final Pattern MEDIAN = Pattern.compile("\\s50%\\s+([0-9.]+)(us|ms|s)");
  private static final Pattern TAIL = Pattern.compile("\\s99%\\s+([0-9.]+)(us|ms|s)");

  private Wrk() {}

  /**
   * What a run measured.
   *
   * @param perSecond requests per second
   * @param p50 median latency in microseconds
   * @param p99 99th percentile of the latency in microseconds
   */
  record Figures(double perSecond, double p50, double p99) {}

  static Figures run(int connections, int seconds, String url, String authorization)
      throws IOException, InterruptedException {
    // A file, since the arguments of a process can be read by everybody.
    Path script = Files.createTempFile("wrk", ".lua");
    String out;
    try {
      Files.writeString(script, "wrk.headers[\"Authorization\"] = \"" + authorization + "\"\n");
      out = load(connections, seconds, url, script);
    } finally {
      Files.delete(script);
    }
    if (out.contains("Non-2xx")) {
      throw new IOException("the load met errors:\n" + out);
    }
    return new Figures(
        Double.parseDouble(find(REQUESTS, out).group(1)),
        micros(find(MEDIAN, out)),
        micros(find(TAIL, out)));
  }

  private static String load(int connections, int seconds, String url, Path script)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                "taskset",
                "-c",
                "1",
                "wrk",
                "-t1",
                "-c" + connections,
                "-d" + seconds + "s",
                "--latency",
                "-s",
                script.toString(),
                url)
            .redirectErrorStream(true)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return out;
  }

  private static Matcher find(Pattern pattern, String out) throws IOException {
    Matcher matcher = pattern.matcher(out);
    if (!matcher.find()) {
      throw new IOException("wrk printed no figures:\n" + out);
    }
    return matcher;
  }

  private static double micros(Matcher latency) {
    double unit =
        switch (latency.group(2)) {
          case "us" -> 1;
          case "ms" -> 1_000;
          default -> 1_000_000;
        };
    return Double.parseDouble(latency.group(1)) * unit;
  }
}
