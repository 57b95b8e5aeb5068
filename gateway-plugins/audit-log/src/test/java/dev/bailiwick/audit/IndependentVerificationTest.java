// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import static dev.bailiwick.audit.TestRecords.allowed;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the script of the README, which knows nothing of this module, on real trails. */
class IndependentVerificationTest {

  @TempDir Path dir;
  private TestTrail trail;
  private Path script;

  @BeforeEach
  void setUp() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    int from = readme.indexOf("```java\n") + "```java\n".length();
    script = dir.resolve("VerifyTrail.java");
    Files.writeString(script, readme.substring(from, readme.indexOf("```\n", from)));
    trail = new TestTrail(dir.resolve("audit"), "gateway-a");
    List<AuditRecord> records = new ArrayList<>(TestRecords.oneOfEach());
    records.add(allowed(7));
    trail.write(trail.options().withSegmentBytes(4000), records);
  }

  @Test
  void scriptWhenTheTrailIsWholeThenAgrees() throws Exception {
    assertThat(trail.segment(2)).exists();

    assertThat(run()).isEqualTo("0: 8 records, whole and signed\n");
  }

  @Test
  void scriptWhenALineIsChangedThenDisagrees() throws Exception {
    String text = Files.readString(trail.segment(1));
    Files.writeString(trail.segment(1), text.replaceFirst("alice", "mallo"));

    assertThat(run()).startsWith("1: ").contains("changed: ");
  }

  @Test
  void scriptWhenTheEndIsCutThenDisagrees() throws Exception {
    Files.delete(trail.segment(trail.files().segments().getLast()));

    assertThat(run()).startsWith("1: ").contains("the end was cut: ");
  }

  private String run() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                script.toString(),
                trail.directory().toString(),
                trail.writer())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes());
    return process.waitFor() + ": " + said;
  }
}
