// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No recorded string can begin a line, steer a terminal or break the log. */
class SafeTextTest {

  /** Everything that moves a cursor, begins a line, turns text around or is no character at all. */
  private static final String HOSTILE =
      "\n\r\t\0\u001b[2J\u007f\u0085\u009b31m\u2028\u2029\u202e\u2066\u200b\ufeff\ud800 \" \\ {}";

  @TempDir Path dir;

  @ParameterizedTest
  @CsvSource({
    "plain text, plain text",
    "Zürich ✓ 東京 🔒, Zürich ✓ 東京 🔒",
    "a\\b, a\\\\b",
    "a\\u000ab, a\\\\u000ab"
  })
  void escapeWhenPrintableThenOnlyBackslashesChange(String text, String expected) {
    assertThat(SafeText.escape(text)).isEqualTo(expected);
  }

  @Test
  void escapeWhenHostileThenNothingOfItIsLeft() {
    String safe = SafeText.escape(HOSTILE);

    assertThat(safe)
        .startsWith("\\u000a\\u000d\\u0009\\u0000\\u001b[2J\\u007f\\u0085\\u009b31m\\u2028\\u2029")
        .contains("\\u202e\\u2066\\u200b\\ufeff\\ud800")
        .matches("[\\x20-\\x7e]*");
  }

  @Test
  void appendWhenEveryStringIsHostileThenLineAndTraceStayWhole() throws Exception {
    TestTrail trail = new TestTrail(dir.resolve("audit"), "gateway-a");
    String task = "task" + HOSTILE;
    trail.write(
        new AuditRecord.GatewayDecision(
            TestRecords.TIME,
            HOSTILE,
            false,
            HOSTILE,
            HOSTILE,
            HOSTILE,
            Optional.of(
                new AuditRecord.Caller(
                    HOSTILE,
                    HOSTILE,
                    List.of(new AuditRecord.Actor(HOSTILE, HOSTILE)),
                    task,
                    HOSTILE,
                    Optional.of(HOSTILE),
                    Optional.of(HOSTILE),
                    Optional.of(HOSTILE))),
            Optional.of(HOSTILE),
            HOSTILE,
            Optional.of(HOSTILE),
            List.of(HOSTILE),
            Optional.of(HOSTILE),
            OptionalInt.empty(),
            HOSTILE),
        new AuditRecord.UpstreamAnswer(
            TestRecords.TIME,
            "x" + HOSTILE,
            Optional.of(task),
            HOSTILE,
            OptionalInt.empty(),
            HOSTILE),
        new AuditRecord.KernelDenial(
            TestRecords.TIME,
            Optional.of(task),
            HOSTILE,
            Optional.of(HOSTILE),
            1,
            2,
            HOSTILE,
            HOSTILE,
            HOSTILE,
            HOSTILE),
        new AuditRecord.SandboxStarted(
            TestRecords.TIME,
            Optional.of(task),
            HOSTILE,
            Optional.of("other" + HOSTILE),
            1,
            2,
            3,
            HOSTILE,
            HOSTILE,
            List.of(HOSTILE),
            List.of(HOSTILE)));

    AuditTrace trace = AuditTrace.of(trail.directory(), task);

    assertThat(trail.verify().sound()).isTrue();
    assertThat(trail.lines(1)).hasSize(4).allMatch(line -> line.matches("[\\x20-\\x7e]*"));
    assertThat(trace.steps()).hasSize(4);
    assertThat(trace.toText().lines()).allMatch(line -> line.matches("[\\x20-\\x7e✓✗·─│└├→]*"));
    assertThat(trace.toJson().lines()).allMatch(line -> line.matches("[\\x20-\\x7e]*"));
    assertThat(trace.steps().getFirst().text("rule")).isEqualTo(HOSTILE);
  }
}
