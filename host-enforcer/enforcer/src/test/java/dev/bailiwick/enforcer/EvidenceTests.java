// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bailiwick.audit.AuditRecord;
import dev.bailiwick.audit.AuditRecord.EventsLost;
import dev.bailiwick.audit.AuditRecord.KernelDenial;
import dev.bailiwick.audit.AuditRecord.SandboxEnded;
import dev.bailiwick.audit.AuditRecord.SandboxStarted;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvidenceTests {
  private final Sandboxes sandbox = new Sandboxes();

  @ParameterizedTest
  @CsvSource({
    "tcp4 127.0.0.1 9, connect4, tcp 127.0.0.1:9",
    "tcp6 ::1 9, connect6, tcp [::1]:9",
    "tcp6 2001:db8::7 443, connect6, tcp [2001:db8::7]:443",
    "tcp-mapped 127.0.0.1 9, connect6, tcp 127.0.0.1:9",
    "udp-sendto 198.51.100.7 53, sendmsg4, udp 198.51.100.7:53",
    "udp-sendto6 2001:db8:: 53, sendmsg6, udp [2001:db8::]:53",
    "udp-connected 198.51.100.7 53, connect4, udp 198.51.100.7:53",
    "bind 127.0.0.1 8080, bind4, tcp 127.0.0.1:8080",
  })
  void runWhenNetworkIsDeniedThenItIsRecorded(String attempt, String hook, String destination)
      throws Exception {
    String[] words = attempt.split(" ", -1);

    sandbox.attempt(words[0], words[1], words[2]);

    assertThat(sandbox.log.records(KernelDenial.class)).hasSize(1);
    KernelDenial denial = sandbox.log.records(KernelDenial.class).get(0);
    SandboxStarted started = sandbox.log.records(SandboxStarted.class).get(0);
    assertThat(denial)
        .isEqualTo(
            new KernelDenial(
                denial.time(),
                started.task(),
                Sandboxes.NAME,
                started.agent(),
                started.pid(),
                started.uid(),
                "attempt",
                "cgroup-bpf",
                hook,
                destination));
  }

  @ParameterizedTest
  @CsvSource({
    "raw, socket",
    "bpf, bpf",
    "io-uring, io_uring_setup",
    "core-limit, prlimit64",
  })
  void runWhenSystemCallIsDeniedThenItIsRecorded(String attempt, String call) throws Exception {
    sandbox.attempt(attempt);

    assertThat(sandbox.log.records(KernelDenial.class))
        .singleElement()
        .satisfies(
            denial -> {
              assertThat(denial.layer()).isEqualTo("seccomp");
              assertThat(denial.hook()).isEqualTo(call);
              assertThat(denial.destination()).isEqualTo("system call " + call);
              assertThat(denial.command()).isEqualTo("attempt");
              assertThat(denial.pid()).isPositive();
            });
  }

  /** Landlock's denials are told by the kernel only while it audits. */
  @Test
  void runWhenFileIsDeniedAndKernelAuditsThenItIsRecorded() throws Exception {
    Path file = Files.createTempFile(Path.of("/var/tmp"), "bailiwick-test", "");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    boolean before = setAudit(true);
    try {
      sandbox.attempt("read", file.toString());
    } finally {
      setAudit(before);
      Files.delete(file);
    }

    assertThat(sandbox.log.records(KernelDenial.class))
        .anySatisfy(
            denial -> {
              assertThat(denial.layer()).isEqualTo("landlock");
              assertThat(denial.hook()).isEqualTo("fs.read_file");
              assertThat(denial.destination()).isEqualTo("file " + file);
              assertThat(denial.command()).isEqualTo("attempt");
              assertThat(denial.uid())
                  .isEqualTo(sandbox.log.records(SandboxStarted.class).get(0).uid());
            });
  }

  @Test
  void runWhenDeniedThenRecordComesWhileItStillRuns() throws Exception {
    CompletableFuture<AuditRecord> recorded = new CompletableFuture<>();
    sandbox.log.onAppend(
        record -> {
          if (record instanceof KernelDenial) {
            recorded.complete(record);
          }
        });
    Path workspace = Sandboxes.freshDirectory();
    Thread thread =
        new Thread(
            () -> {
              try {
                sandbox
                    .workspace(workspace)
                    .run("/bin/sh", "-c", Sandboxes.ATTEMPT + " tcp4 127.0.0.1 9; exec sleep 600");
              } catch (SandboxException e) {
                recorded.completeExceptionally(e);
              }
            });
    thread.start();

    AuditRecord seen = recorded.get(20, TimeUnit.SECONDS);
    boolean stillRunning = thread.isAlive();
    endSleepers(sandbox.log.records(SandboxStarted.class).get(0).pid());
    thread.join();

    assertThat(seen).isInstanceOf(KernelDenial.class);
    assertThat(stillRunning).isTrue();
  }

  @Test
  void runWhenItEndsThenStartAndEndFrameEverything() throws Exception {
    sandbox.run("/bin/sh", "-c", Sandboxes.ATTEMPT + " tcp4 127.0.0.1 9 2>/dev/null; exit 4");

    List<AuditRecord> records = sandbox.log.records();
    assertThat(records).hasSize(3);
    assertThat(records.get(0))
        .isInstanceOfSatisfying(
            SandboxStarted.class,
            started -> {
              assertThat(started.sandbox()).isEqualTo(Sandboxes.NAME);
              assertThat(started.task()).contains("task-1");
              assertThat(started.agent()).contains("triage-agent");
              assertThat(started.policy()).isEqualTo("support-triage@7");
              assertThat(started.command()).isEqualTo("/bin/sh");
              assertThat(Reservation.inRange(started.uid())).isTrue();
              assertThat(started.pid()).isPositive();
              assertThat(started.enforced())
                  .anyMatch(line -> line.startsWith("cgroup-bpf: "))
                  .anyMatch(line -> line.startsWith("landlock: "))
                  .anyMatch(line -> line.startsWith("seccomp: "));
              assertThat(started.missing()).anyMatch(line -> line.startsWith("bpf-lsm: "));
            });
    assertThat(records.get(1)).isInstanceOf(KernelDenial.class);
    assertThat(records.get(2))
        .isInstanceOfSatisfying(
            SandboxEnded.class, ended -> assertThat(ended.exitStatus()).isEqualTo(4));
  }

  @Test
  void runWhenDenialsFloodThenEachIsRecordedOrCounted() throws Exception {
    int denials = 5000;

    Verdict verdict = sandbox.attempt("flood", "127.0.0.1", "9", Integer.toString(denials));

    long counted =
        sandbox.log.records(EventsLost.class).stream().mapToLong(EventsLost::count).sum();
    long recorded = sandbox.log.records(KernelDenial.class).size();
    assertThat(verdict.stopped()).as(verdict.detail()).isTrue();
    assertThat(recorded + counted).isEqualTo(denials);
    assertThat(counted).isPositive();
    assertThat(recorded).isLessThan(denials / 2);
  }

  @Test
  void runWhenStartCannotBeRecordedThenCommandDoesNotRun() throws Exception {
    Path workspace = Sandboxes.freshDirectory();
    sandbox.log.lose(record -> record instanceof SandboxStarted);

    assertThatThrownBy(() -> sandbox.workspace(workspace).run("/bin/sh", "-c", "echo > ran"))
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining("evidence cannot be kept, so nothing was started")
        .hasMessageContaining("the disk is full");

    assertThat(workspace.resolve("ran")).doesNotExist();
    assertThat(sandbox.log.records()).isEmpty();
  }

  @Test
  void runWhenLogHasFailedBeforeThenNothingIsStarted() {
    sandbox.log.fail("the log is closed");

    assertThatThrownBy(() -> sandbox.run("/bin/true"))
        .isInstanceOf(SandboxException.class)
        .hasMessage("evidence cannot be kept, so nothing was started: the log is closed");
  }

  @Test
  void runWhenDenialCannotBeRecordedThenSandboxIsEnded() throws Exception {
    sandbox.log.lose(record -> record instanceof KernelDenial);

    int status =
        sandbox.run("/bin/sh", "-c", Sandboxes.ATTEMPT + " tcp4 127.0.0.1 9 2>&-; exec sleep 600");

    assertThat(status).isEqualTo(128 + 9);
  }

  private static boolean setAudit(boolean on) throws Exception {
    int status =
        new ProcessBuilder(Sandboxes.ATTEMPT.toString(), "set-audit", on ? "1" : "0")
            .start()
            .waitFor();
    Verdict before = Verdict.of(status, "set-audit");
    assertThat(before.gotOut() || before.stopped()).as(before.detail()).isTrue();
    return before.gotOut();
  }

  private static void endSleepers(int pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
  }
}
