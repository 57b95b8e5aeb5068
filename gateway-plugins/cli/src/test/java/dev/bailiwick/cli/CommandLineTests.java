// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a person sees: exit status, and sentences instead of stack traces. */
final class CommandLineTests {
  private static final String SECRET = "s3cr3t-of-the-test";

  @TempDir private Path directory;

  private record Ran(int status, String out, String err) {}

  private static Ran run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status = Main.run(arguments, new PrintWriter(out), new PrintWriter(err));
    assertThat(err.toString()).doesNotContain("\tat ").doesNotContain("Exception");
    return new Ran(status, out.toString(), err.toString());
  }

  private static Ran runWithInput(String input, String... arguments) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
    try {
      return run(arguments);
    } finally {
      System.setIn(before);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "fly", "policy fly", "vault put", "gateway run"})
  void runWhenCommandLineIsWrongThenShowsUsage(String line) {
    Ran ran = run(line.isEmpty() ? new String[0] : line.split(" "));

    assertThat(ran.status()).isEqualTo(2);
    assertThat(ran.err()).contains("Usage: bailiwick");
  }

  @ParameterizedTest
  @ValueSource(strings = {"help", "help policy", "policy --help", "sandbox --help", "vault -h"})
  void runWhenAskedForHelpThenShowsUsage(String line) {
    Ran ran = run(line.split(" "));

    assertThat(ran.status()).isZero();
    assertThat(ran.out()).contains("Usage: bailiwick").contains("Commands:");
  }

  @ParameterizedTest
  @ValueSource(strings = {"simulate servicenow --port", "gateway run --bundle /absent --port"})
  void runWhenPortIsNoneThenSaysWhatIsExpected(String line) {
    for (String port : List.of("99999", "-1", "x", "8080x")) {
      Ran ran = run((line + " " + port).split(" "));

      assertThat(ran.status()).isEqualTo(2);
      assertThat(ran.err()).contains("expected a port from 0 to 65535, found \"" + port + "\"");
    }
  }

  @ParameterizedTest
  @CsvSource({"nonsense", "http://a b", "ftp://gateway.example", "http:///path"})
  void runWhenUrlIsNoneThenSaysWhatIsExpected(String url) {
    Ran ran = run("apisix", "route", "--bundle", "/absent", "--report", url);

    assertThat(ran.status()).isEqualTo(2);
    assertThat(ran.err()).contains("expected an http or https URL with a host").contains(url);
  }

  @Test
  void simulateWhenPortIsTakenThenSaysWhichOne() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Ran ran = run("simulate", "workday", "--port", String.valueOf(taken.getLocalPort()));

      assertThat(ran.status()).isEqualTo(1);
      assertThat(ran.err())
          .startsWith("bailiwick: the simulator cannot listen at port ")
          .contains(String.valueOf(taken.getLocalPort()));
    }
  }

  @Nested
  class Enforcer {
    @ParameterizedTest
    @CsvSource(
        delimiter = '#',
        value = {
          "--allow 1000 # must be UID:SANDBOX[,SANDBOX] with a numeric uid, not 1000",
          "--allow alice:triage-agent # must be UID:SANDBOX[,SANDBOX] with a numeric uid",
          "--allow 1000:a,,b # must be UID:SANDBOX[,SANDBOX] with a numeric uid",
          "--max-sandboxes 0 # --max-sandboxes must be from 1 to 4096, not 0",
          "--max-sandboxes 4097 # --max-sandboxes must be from 1 to 4096, not 4097",
          "--max-sandboxes 9 --max-sandboxes-per-user 10 # must be from 1 to --max-sandboxes, not 10",
        })
    void runWhenAnOptionIsWrongThenSaysWhichAndStartsNothing(String options, String expected) {
      List<String> line = new ArrayList<>(List.of("enforcer", "run", "--bundle", "/absent"));
      line.addAll(List.of(options.split(" ")));

      Ran ran = run(line.toArray(String[]::new));

      assertThat(ran.status()).isEqualTo(2);
      assertThat(ran.err()).contains(expected).contains("Usage: bailiwick enforcer");
    }

    @Test
    void doctorWhenRunThenSaysOfEveryLayerHowMuchThereIs() {
      Ran ran = run("enforcer", "doctor");

      assertThat(ran.out())
          .containsPattern("(?m)^  (full|partial|absent) +landlock ")
          .containsPattern("(?m)^  (full|partial|absent) +bpf-lsm ")
          .contains("  tier base: ")
          .contains("  tier lsm: ");
    }

    @Test
    void doctorWhenAskedForJsonThenSaysTheSameAsText() {
      Ran text = run("enforcer", "doctor");

      Ran ran = run("enforcer", "doctor", "--json");

      JsonNode json = new JsonMapper().readTree(ran.out());
      assertThat(ran.status()).isEqualTo(text.status());
      assertThat(json.at("/tiers/base").asBoolean()).isEqualTo(text.status() == 0);
      for (JsonNode layer : json.at("/layers")) {
        assertThat(text.out())
            .containsPattern(
                "(?m)^  " + layer.at("/state").asString() + " +" + layer.at("/name").asString());
        for (JsonNode gap : layer.at("/gaps")) {
          assertThat(text.out())
              .contains("missing: " + gap.at("/missing").asString())
              .contains("allows:  " + gap.at("/allows").asString());
        }
      }
    }
  }

  @Nested
  class Policy {
    @Test
    void checkWhenShippedBundleThenIsValid() {
      Ran ran = run("policy", "check", "../../policy-bundles/bundles/support-triage.yaml");

      assertThat(ran.status()).isZero();
      assertThat(ran.out()).contains("is valid");
    }

    @Test
    void checkWhenBundleIsWrongThenNamesFileAndLine() throws IOException {
      Path file = Files.writeString(directory.resolve("b.yaml"), "apiVersion: bailiwick.dev/v2\n");

      Ran ran = run("policy", "check", file.toString());

      assertThat(ran.status()).isEqualTo(1);
      assertThat(ran.err()).contains("b.yaml:1:");
    }

    @Test
    void checkWhenFileIsADirectoryThenSaysSo() {
      Ran ran = run("policy", "check", directory.toString());

      assertThat(ran.status()).isEqualTo(1);
      assertThat(ran.err()).contains(directory + ": this is a directory");
    }

    @Test
    void testWhenShippedCasesThenAllComeOut() {
      Ran ran = run("policy", "test", "../../policy-bundles/bundles/support-triage.yaml");

      assertThat(ran.status()).as(ran.out()).isZero();
      assertThat(ran.out()).contains("cases as expected");
    }
  }

  @Nested
  class Vault {
    private String[] vault(String... command) {
      List<String> arguments = new ArrayList<>(List.of("vault"));
      arguments.addAll(List.of(command));
      arguments.add("--vault=" + directory.resolve("vault"));
      arguments.add("--key-file=" + directory.resolve("key"));
      return arguments.toArray(String[]::new);
    }

    @Test
    void putAndListWhenEntryIsStoredThenShowsNoSecret() {
      Ran init = run(vault("init"));
      Ran put =
          runWithInput(
              "{\"type\":\"basic\",\"username\":\"svc\",\"password\":\"" + SECRET + "\"}",
              vault("put", "servicenow/acme"));
      Ran list = run(vault("list"));

      assertThat(init.status()).as(init.err()).isZero();
      assertThat(put.status()).as(put.err()).isZero();
      assertThat(put.out()).contains("vault:servicenow/acme").doesNotContain(SECRET);
      assertThat(list.out()).contains("servicenow/acme").doesNotContain(SECRET);
    }

    @Test
    void putWhenJsonIsWrongThenSaysWhatWithoutEchoing() {
      run(vault("init"));

      Ran put =
          runWithInput(
              "{\"type\":\"basic\",\"username\":\"svc\",\"pass\":\"" + SECRET + "\"}",
              vault("put", "servicenow/acme"));

      assertThat(put.status()).isEqualTo(1);
      assertThat(put.err()).contains("servicenow/acme").contains("pass").doesNotContain(SECRET);
    }

    @Test
    void listWhenVaultIsTruncatedThenReportsAndKeepsIt() throws IOException {
      run(vault("init"));
      Path file = directory.resolve("vault");
      byte[] cut = Arrays.copyOf(Files.readAllBytes(file), 20);
      Files.write(file, cut);

      Ran list = run(vault("list"));

      assertThat(list.status()).isEqualTo(1);
      assertThat(list.err()).startsWith("bailiwick: ");
      assertThat(Files.readAllBytes(file)).isEqualTo(cut);
    }

    @Test
    void rotateAndRemoveWhenDoneThenOldKeyNoLongerOpens() {
      run(vault("init"));
      Path newKey = directory.resolve("new-key");

      Ran rotate = run(vault("rotate", "--new-key-file", newKey.toString()));
      Ran before = run(vault("list"));

      assertThat(rotate.status()).as(rotate.err()).isZero();
      assertThat(before.status()).isEqualTo(1);
    }
  }

  @Nested
  class Audit {
    @Test
    void traceWhenDirectoryIsNotThereThenSaysSoByEitherName() {
      for (String option : List.of("--audit", "--dir")) {
        Ran ran = run("audit", "trace", "t", option, directory.resolve("nowhere").toString());

        assertThat(ran.status()).isEqualTo(1);
        assertThat(ran.err()).contains("nowhere: no such file or directory): name its directory");
      }
    }

    @Test
    void verifyWhenDirectoryIsNotThereThenSaysSo() {
      Ran ran = run("audit", "verify", directory.resolve("nowhere").toString());

      assertThat(ran.status()).isEqualTo(1);
      assertThat(ran.out() + ran.err()).isNotBlank();
    }
  }

  @Nested
  class Token {
    private Ran mint(Path key, String... more) {
      List<String> words =
          new ArrayList<>(
              List.of(
                  "token",
                  "mint",
                  "--issuer=https://login.example",
                  "--issuer-key=" + key,
                  "--audience=https://gateway.example",
                  "--principal=alice",
                  "--actor=triage-agent",
                  "--grant=servicenow:table/incident:read"));
      words.addAll(List.of(more));
      return run(words.toArray(String[]::new));
    }

    @Test
    void mintWhenKeyIsGivenThenPrintsACompactToken() {
      Path key = directory.resolve("issuer.jwk");
      Ran keygen = run("token", "keygen", "--out", key.toString());
      Ran mint = mint(key);

      assertThat(keygen.status()).as(keygen.err()).isZero();
      assertThat(mint.out().strip().split("\\.")).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '#',
        value = {
          "--lifetime=five # expected a duration such as 30s, 5m or PT5M, found \"five\"",
          "--lifetime=0s # --lifetime must be from 1s to 24h",
          "--lifetime=-PT5M # --lifetime must be from 1s to 24h",
          "--lifetime=25h # --lifetime must be from 1s to 24h",
          "--grant=servicenow:table/incident:raed # knows the action \"raed\"; expected * or one of read",
          "--bound-to=short # --bound-to must be a thumbprint (RFC 7638)",
          "--task= # --task must not be empty",
          "--actor= # --actor must not be empty",
        })
    void mintWhenAnOptionIsWrongThenSaysWhichAndMintsNothing(String option, String expected) {
      Path key = directory.resolve("issuer.jwk");
      assertThat(run("token", "keygen", "--out", key.toString()).status()).isZero();

      Ran mint = mint(key, option);

      assertThat(mint.status()).isEqualTo(2);
      assertThat(mint.err()).contains(expected);
      assertThat(mint.out()).isEmpty();
    }

    @Test
    void keygenWhenFileCannotBeMadeThenSaysWhyAndMakesNoHalf() throws IOException {
      Path key = directory.resolve("k.jwk");
      Path there = Files.writeString(directory.resolve("k.pem"), "x");

      Ran pair = run("token", "keygen", "--out=" + key, "--pem=" + there);
      Ran nowhere = run("token", "keygen", "--out=" + directory.resolve("no/k.jwk"));

      assertThat(pair.err()).contains(there + " is already there and is not overwritten");
      assertThat(key).doesNotExist();
      assertThat(nowhere.err()).contains("there is no directory " + directory.resolve("no"));
    }

    @Test
    void jwksWhenFileHoldsNoKeyThenNamesItAndNothingOfIt() throws IOException {
      Path owned = directory.resolve("owned");
      assertThat(run("token", "keygen", "--out=" + owned).status()).isZero(); // mode 0600
      for (String text : List.of("", "{\"kty\":\"oct\",\"k\":\"" + SECRET + "\"}", SECRET)) {
        Files.writeString(owned, text);

        Ran ran = run("token", "jwks", owned.toString());

        assertThat(ran.status()).isEqualTo(1);
        assertThat(ran.err()).contains(owned + " holds no signing key: ").doesNotContain(SECRET);
      }
      assertThat(run("token", "jwks", directory.toString()).err()).contains("is a directory");
      assertThat(run("token", "jwks", directory.resolve("no").toString()).err())
          .contains("there is no file " + directory.resolve("no"));
    }
  }

  @Nested
  class Sandbox {
    @ParameterizedTest
    @ValueSource(
        strings = {
          "sandbox run",
          "sandbox run --bundle /absent --sandbox s",
          "sandbox run --flag -- true",
          "sandbox run --bundle /absent --sandbox s -- true"
        })
    void runWhenNothingIsStartedThenStatusIsNoneThatACommandWouldHave(String line) {
      Ran ran = run(line.split(" "));

      assertThat(ran.status()).isEqualTo(125);
      assertThat(ran.err()).isNotBlank();
    }

    @Test
    void runWhenTrailCannotBeOpenedThenStartsNothing() throws IOException {
      Path file = Files.writeString(directory.resolve("trail"), "");

      Ran ran =
          run(
              "sandbox",
              "run",
              "--bundle=../../policy-bundles/bundles/support-triage.yaml",
              "--sandbox=triage-agent",
              "--audit=" + file,
              "--",
              "true");

      assertThat(ran.status()).isEqualTo(125);
      assertThat(ran.err()).contains("trail").contains(": Not a directory): choose a directory");
    }

    @Test
    void runWhenAgentIsNotInTheBundleThenStartsNothing() {
      Ran ran =
          run(
              "sandbox",
              "run",
              "--bundle=../../policy-bundles/bundles/support-triage.yaml",
              "--sandbox=triage-agent",
              "--agent=triage-agnet",
              "--",
              "true");

      assertThat(ran.status()).isEqualTo(125);
      assertThat(ran.err()).contains("has no agent named triage-agnet; it has triage-agent");
    }

    @Test
    void runWhenBundleIsWrongThenStartsNothing() throws IOException {
      Path file = Files.writeString(directory.resolve("b.yaml"), "kind: Nothing\n");

      Ran ran = run("sandbox", "run", "--bundle", file.toString(), "--sandbox", "s", "--", "true");

      assertThat(ran.status()).isEqualTo(125);
      assertThat(ran.err()).contains("b.yaml:1:");
    }
  }
}
