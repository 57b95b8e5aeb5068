// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
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
  @ValueSource(strings = {"", "fly", "policy fly", "vault put", "gateway run", "sandbox run"})
  void runWhenCommandLineIsWrongThenShowsUsage(String line) {
    Ran ran = run(line.isEmpty() ? new String[0] : line.split(" "));

    assertThat(ran.status()).isEqualTo(2);
    assertThat(ran.err()).contains("Usage: bailiwick");
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
    void verifyWhenDirectoryIsNotThereThenSaysSo() {
      Ran ran = run("audit", "verify", directory.resolve("nowhere").toString());

      assertThat(ran.status()).isEqualTo(1);
      assertThat(ran.out() + ran.err()).isNotBlank();
    }
  }

  @Nested
  class Token {
    @Test
    void mintWhenKeyIsGivenThenPrintsACompactToken() {
      Path key = directory.resolve("issuer.jwk");
      Ran keygen = run("token", "keygen", "--out", key.toString());
      Ran mint =
          run(
              "token",
              "mint",
              "--issuer=https://login.example",
              "--issuer-key=" + key,
              "--audience=https://gateway.example",
              "--principal=alice",
              "--actor=triage-agent",
              "--grant=servicenow:table/incident:read");

      assertThat(keygen.status()).as(keygen.err()).isZero();
      assertThat(mint.out().strip().split("\\.")).hasSize(3);
    }
  }

  @Nested
  class Sandbox {
    @Test
    void runWhenBundleIsWrongThenStartsNothing() throws IOException {
      Path file = Files.writeString(directory.resolve("b.yaml"), "kind: Nothing\n");

      Ran ran = run("sandbox", "run", "--bundle", file.toString(), "--sandbox", "s", "--", "true");

      assertThat(ran.status()).isEqualTo(125);
      assertThat(ran.err()).contains("b.yaml:1:");
    }
  }
}
