// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A simulator as a person starts it, and WireMock's own page on its port. */
final class SimulateCommandTests {
  private static final Pattern ORIGIN =
      Pattern.compile("simulator at (http://127\\.0\\.0\\.1:[0-9]+)");

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "servicenow, /api/now/table/incident, 401",
    "salesforce, /services/data/v66.0/limits, 401",
    "workday, /ccx/api/v1/acme/workers, 401",
  })
  void simulateWhenStartedThenAnswersAndTakesItsMappings(String vendor, String path, int status)
      throws Exception {
    assertThat(run("simulate", vendor, "--mappings", directory.toString())).contains("written");
    StringWriter out = new StringWriter();
    Thread running =
        Thread.ofVirtual()
            .start(
                () -> {
                  int unused =
                      Main.run(
                          new String[] {"simulate", vendor, "--port", "0"},
                          new PrintWriter(out, true),
                          new PrintWriter(out, true));
                });

    try (HttpClient client = HttpClient.newHttpClient()) {
      URI origin = URI.create(origin(out));
      assertThat(client.send(get(origin, path), HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(status);
      HttpResponse<String> taken =
          client.send(
              HttpRequest.newBuilder(origin.resolve("/__admin/mappings"))
                  .POST(HttpRequest.BodyPublishers.ofFile(directory.resolve("rate-limited.json")))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      HttpResponse<String> limited =
          client.send(get(origin, path), HttpResponse.BodyHandlers.ofString());

      assertThat(taken.statusCode()).isEqualTo(201);
      assertThat(limited.statusCode()).isIn(429, 503);
      assertThat(limited.headers().firstValue("Retry-After")).contains("30");
    } finally {
      running.interrupt();
      assertThat(running.join(Duration.ofSeconds(10))).isTrue();
    }
  }

  @Test
  void mappingsWhenWrittenThenEachSaysWhatItImitates() throws Exception {
    run("simulate", "salesforce", "--mappings", directory.toString());

    try (Stream<Path> files = Files.list(directory)) {
      List<Path> written = files.toList();
      assertThat(written).hasSizeGreaterThan(15);
      for (Path file : written) {
        assertThat(Files.readString(file)).as(file.toString()).contains("\"imitates\": \"");
      }
    }
  }

  private static String run(String... arguments) {
    StringWriter out = new StringWriter();
    int status = Main.run(arguments, new PrintWriter(out), new PrintWriter(out));
    assertThat(status).as(out.toString()).isZero();
    return out.toString();
  }

  private static HttpRequest get(URI origin, String path) {
    return HttpRequest.newBuilder(origin.resolve(path)).build();
  }

  private static String origin(StringWriter out) throws InterruptedException {
    for (int i = 0; i < 200; i++) {
      Matcher origin = ORIGIN.matcher(out.toString());
      if (origin.find()) {
        return origin.group(1);
      }
      Thread.sleep(50);
    }
    throw new AssertionError("no simulator: " + out);
  }
}
