// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bailiwick.audit.AuditRecord.SandboxStarted;
import dev.bailiwick.policy.Bundle.HostLimits;
import dev.bailiwick.policy.Bundle.Tier;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a command finds in its sandbox, and what is refused before there is one. */
class ConfinementTests {
  private final Sandboxes sandbox = new Sandboxes();

  @Test
  void runWhenEnvironmentIsReadThenOnlyTheSandboxsIsThere() throws Exception {
    String output =
        sandbox
            .environment(Map.of("MODE", "triage"))
            .gateway("http://127.0.0.1:8080")
            .output("exec /usr/bin/env -u PWD -u OLDPWD -u SHLVL -u _");
    String workspace = sandbox.workspacePath();

    assertThat(output.lines().toList())
        .containsExactlyInAnyOrder(
            "BAILIWICK_GATEWAY=http://127.0.0.1:8080",
            "BAILIWICK_SANDBOX=triage-agent",
            "HOME=" + workspace,
            "LANG=C.UTF-8",
            "MODE=triage",
            "PATH=/usr/local/bin:/usr/bin:/bin",
            "TMPDIR=" + workspace);
  }

  @Test
  void runWhenIdentityIsAskedThenItIsNobodysAndHasNothing() throws Exception {
    String status = sandbox.read("/usr", "/proc").output("cat /proc/self/status");
    String uid = Integer.toString(sandbox.log.records(SandboxStarted.class).get(0).uid());
    String ids = String.join("\t", uid, uid, uid, uid);

    assertThat(status.lines().map(String::strip))
        .contains(
            "Uid:\t" + ids,
            "Gid:\t" + ids,
            "Groups:",
            "NoNewPrivs:\t1",
            "Seccomp:\t2",
            "CapInh:\t0000000000000000",
            "CapPrm:\t0000000000000000",
            "CapEff:\t0000000000000000",
            "CapBnd:\t0000000000000000",
            "CapAmb:\t0000000000000000",
            "SigBlk:\t0000000000000000",
            "SigIgn:\t0000000000000000");
  }

  @Test
  void runWhenStartedThenWorkspaceIsWhereItIs() throws Exception {
    String output = sandbox.output("pwd; umask; ulimit -Hc; ls -la . | head -2 | tail -1");

    assertThat(output).startsWith(sandbox.workspacePath() + "\n0077\n").contains("drwx------");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bash -c 'set -o pipefail; echo hello | tr a-z A-Z | sed s/H/J/'",
        "bash -c 'cat <(echo JELLO)'",
        "bash -c 'cat <<< JELLO'",
        "printf JELLO | openssl enc -base64 | openssl enc -d -base64 && echo",
        "mkdir a && echo JELLO > a/b && mv a/b c && cat c 2>/dev/null && rm -r a",
      })
  void runWhenShellIsPermittedThenTheUsualToolsWork(String script) throws Exception {
    assertThat(sandbox.output(script)).isEqualTo("JELLO\n");
  }

  @Test
  void runWhenCommandIsMissingThenStatusIs127() throws Exception {
    int status = sandbox.run("no-such-command");

    assertThat(status).isEqualTo(SandboxLauncher.NOT_FOUND);
  }

  @Test
  void runWhenCommandMayNotBeExecutedThenStatusIs126() throws Exception {
    int status = sandbox.run("/etc/passwd");

    assertThat(status).isEqualTo(SandboxLauncher.CANNOT_EXECUTE);
  }

  @Test
  void runWhenMemoryIsLimitedThenTooMuchOfItEndsTheCommand() throws Exception {
    HostLimits limits = HostLimits.none().withMemory(64 << 20);

    int modest = sandbox.limits(limits).run(Sandboxes.ATTEMPT.toString(), "allocate", "16");
    int greedy = sandbox.limits(limits).run(Sandboxes.ATTEMPT.toString(), "allocate", "256");

    assertThat(Verdict.of(modest, "allocate 16").gotOut()).isTrue();
    assertThat(greedy).isEqualTo(128 + 9);
  }

  @Test
  void runWhenProcessesAreLimitedThenNoMoreCanBeMade() throws Exception {
    HostLimits limits = HostLimits.none().withProcesses(10);

    Verdict few = sandbox.limits(limits).attempt("multiply", "5");
    Verdict many = sandbox.limits(limits).attempt("multiply", "10");

    assertThat(few.gotOut()).as(few.detail()).isTrue();
    assertThat(many.stopped()).as(many.detail()).isTrue();
  }

  @Test
  void runWhenOpenFilesAreLimitedThenTheLimitHolds() throws Exception {
    HostLimits limits = HostLimits.none().withOpenFiles(40);

    assertThat(sandbox.limits(limits).output("ulimit -Hn")).isEqualTo("40\n");
  }

  @Test
  void runWhenItEndsThenNothingIsLeft() throws Exception {
    HostLimits limits = HostLimits.none().withMemory(64 << 20);

    sandbox.limits(limits).run("/bin/sh", "-c", "sleep 600 & sleep 600 & exit 0");

    int uid = sandbox.log.records(SandboxStarted.class).get(0).uid();
    assertThat(Leavings.of(uid)).isEmpty();
  }

  @Test
  void runWhenWorkspaceIsNestedBeyondAnyPathThenNothingIsLeft() throws Exception {
    int status = sandbox.run(Sandboxes.ATTEMPT.toString(), "nest", "500");

    int uid = sandbox.log.records(SandboxStarted.class).get(0).uid();
    assertThat(Verdict.of(status, "nest").gotOut()).isTrue();
    assertThat(Leavings.of(uid)).isEmpty();
  }

  @Test
  void runWhenThereIsNoWorkspaceThenNothingIsWritable() throws Exception {
    Path file = Files.createTempFile(Path.of("/var/tmp"), "bailiwick-test", "");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));

    int status =
        sandbox.write().run("/bin/sh", "-c", "test $PWD = / && test $HOME = / && echo x > " + file);

    assertThat(status).isEqualTo(2);
    assertThat(file).isEmptyFile();
    Files.delete(file);
  }

  @Test
  void runWhenWorkspaceLiesInAnothersThenNothingIsStarted() throws Exception {
    Path other = Sandboxes.freshDirectory();
    Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setAttribute(other, "unix:uid", Reservation.FIRST_UID);

    assertRefused(sandbox.workspace(other.resolve("w")), "which belongs to another sandbox");
  }

  @Test
  void runWhenNothingIsStartedThenNothingIsLeft() throws Exception {
    List<Path> before = runs();

    assertThatThrownBy(() -> sandbox.workspace(Path.of("/usr/bailiwick-test")).run("/bin/true"))
        .isInstanceOf(SandboxException.class);

    assertThat(runs()).isEqualTo(before);
    assertThat(Path.of("/usr/bailiwick-test")).doesNotExist();
  }

  @Test
  void runWhenTwoRunAtOnceThenEachReachesOnlyItsOwn() throws Exception {
    try (Canary one = Canary.at("127.0.0.1");
        Canary two = Canary.at("127.0.0.1")) {
      CompletableFuture<String> first = reaching(one, two);
      CompletableFuture<String> second = reaching(two, one);

      assertThat(first.get(30, TimeUnit.SECONDS)).isEqualTo("own 0 other 7\n");
      assertThat(second.get(30, TimeUnit.SECONDS)).isEqualTo("own 0 other 7\n");
      assertThat(one.connections()).isEqualTo(1);
      assertThat(two.connections()).isEqualTo(1);
    }
  }

  @Test
  void runWhenGatewayIsOverriddenThenTheOtherOneIsReached() throws Exception {
    try (Canary gateway = Canary.at("127.0.0.1")) {
      SandboxRequest planned = sandbox.reach("gateway").request();
      SandboxRequest request =
          new SandboxRequest(
              planned.bundle(),
              planned.sandbox(),
              List.of(Sandboxes.ATTEMPT.toString(), "tcp4", gateway.address(), gateway.port()),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.of(URI.create("http://" + gateway.endpoint())));

      int status =
          new SandboxLauncher(Clock.systemUTC(), Sandboxes.PATHS).run(request, sandbox.log);

      assertThat(Verdict.of(status, "tcp4").gotOut()).isTrue();
      assertThat(gateway.connections()).isEqualTo(1);
    }
  }

  /** A name in the hosts file is the only kind of name that a sandbox can look up. */
  @Test
  void runWhenGatewayIsANameInTheHostsFileThenItIsReachedByName() throws Exception {
    try (Canary gateway = Canary.at("127.0.0.1")) {
      String url = "http://localhost:" + gateway.port() + "/";

      String output = sandbox.reach("gateway").gateway(url).output("curl -sS4 " + url);

      assertThat(output).isEqualTo("hello");
    }
  }

  @Test
  void runWhenWorkspaceIsUsedAgainThenItsFilesAreTheSandboxsAgain() throws Exception {
    Path workspace = Sandboxes.freshDirectory();
    sandbox.workspace(workspace).run("/bin/sh", "-c", "echo first > note");

    int status = new Sandboxes().workspace(workspace).run("/bin/sh", "-c", "echo second >> note");

    assertThat(status).isZero();
    assertThat(Files.readString(workspace.resolve("note"))).isEqualTo("first\nsecond\n");
  }

  @Test
  void runWhenWorkspaceHoldsSomebodysFilesThenNothingIsStarted() throws Exception {
    Path workspace = Sandboxes.freshDirectory();
    Files.writeString(workspace.resolve("thesis"), "mine");

    assertRefused(sandbox.workspace(workspace), "holds files of uid 0; give an empty directory");
  }

  @Test
  void runWhenWorkspaceCannotBeReachedThenNothingIsStarted() throws Exception {
    Path closed = Sandboxes.freshDirectory();
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));

    assertRefused(sandbox.workspace(closed.resolve("w")), "lets only its owner pass");
  }

  @Test
  void runWhenSandboxIsUnknownThenSentenceNamesThoseThatExist() {
    SandboxRequest known = sandbox.request("/bin/true");
    SandboxRequest unknown = SandboxRequest.of(known.bundle(), "other", known.command());

    assertThatThrownBy(
            () -> new SandboxLauncher(Clock.systemUTC(), Sandboxes.PATHS).run(unknown, sandbox.log))
        .isInstanceOf(SandboxException.class)
        .hasMessage("bundle support-triage@7 has no sandbox named other; it has triage-agent");
  }

  /** Which of the two this machine shows is what loading says; no machine skips it. */
  @Test
  void runWhenTierDemandsLsmThenRunsBehindItOrNotAtAll() throws Exception {
    if (HostProbe.probe().satisfies(Tier.LSM)) {
      assertThat(sandbox.tier(Tier.LSM).run("/bin/sh", "-c", "exit 7")).isEqualTo(7);
    } else {
      assertRefused(sandbox.tier(Tier.LSM), "demands tier lsm, and this machine lacks bpf-lsm: ");
    }
  }

  @Test
  void runWhenProcessorIsLimitedThenTheKernelHoldsItBack() throws Exception {
    sandbox.limits(HostLimits.none().withCpuPercent(10));
    AtomicReference<Exception> failure = new AtomicReference<>();
    Thread run =
        new Thread(
            () -> {
              try {
                sandbox.run("/bin/sh", "-c", "while :; do :; done");
              } catch (SandboxException e) {
                failure.set(e);
              }
            });

    run.start();
    while (sandbox.log.records(SandboxStarted.class).isEmpty() && run.isAlive()) {
      Thread.sleep(5);
    }
    int uid = sandbox.log.records(SandboxStarted.class).get(0).uid();
    while (throttled(uid) == 0 && run.isAlive()) {
      Thread.sleep(5);
    }
    long throttled = throttled(uid);
    CgroupTree.find(Sandboxes.PATHS.name()).orElseThrow().kill(uid);
    run.join();

    assertThat(failure.get()).isNull();
    assertThat(throttled).isPositive();
  }

  private static long throttled(int uid) throws IOException {
    CgroupTree tree = CgroupTree.find(Sandboxes.PATHS.name()).orElseThrow();
    Path root = tree.legacy().getOrDefault("cpu", tree.unified());
    return Files.readAllLines(root.resolve(tree.parent()).resolve(uid + "/cpu.stat")).stream()
        .filter(line -> line.startsWith("nr_throttled "))
        .mapToLong(line -> Long.parseLong(line.substring("nr_throttled ".length())))
        .sum();
  }

  @Test
  void runWhenPathDoesNotExistThenNothingIsStarted() {
    assertRefused(
        sandbox.read("/usr", "/no/such/tree"),
        "sandboxes.triage-agent.files.read names /no/such/tree, which does not exist here");
  }

  @Test
  void runWhenPathIsRelativeThenNothingIsStarted() {
    assertRefused(sandbox.read("usr"), "not absolute: usr");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/proc", "/sys/fs", "/dev", "/boot"})
  void runWhenWritingWouldUndoTheSandboxThenNothingIsStarted(String path) {
    assertRefused(sandbox.write(path), "which no sandbox may write");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/usr/local", "/usr"})
  void runWhenWritablePathIsExecutableThenNothingIsStarted(String path) {
    assertRefused(sandbox.write(path), "what can be written must not be executable");
  }

  @Test
  void runWhenCommandIsEmptyThenNothingIsStarted() {
    assertThatThrownBy(() -> sandbox.run())
        .isInstanceOf(SandboxException.class)
        .hasMessage("no command was given to run in sandbox triage-agent");
  }

  @Test
  void runWhenNotRootThenNothingIsStarted() throws Exception {
    Path copy = classPathForOthers();
    Process process =
        new ProcessBuilder(
                List.of(
                    "setpriv",
                    "--reuid=65534",
                    "--regid=65534",
                    "--clear-groups",
                    ProcessHandle.current().info().command().orElseThrow(),
                    "-cp",
                    copy + "/*:" + copy.resolve("classes") + ":" + copy.resolve("test-classes"),
                    SandboxMain.class.getName(),
                    "--",
                    "/bin/true"))
            .redirectErrorStream(true)
            .start();

    String output = new String(process.getInputStream().readAllBytes());

    assertThat(output).contains("bailiwick: only root can put up a sandbox");
    assertThat(process.waitFor()).isEqualTo(SandboxLauncher.NOT_CONFINED);
  }

  private static Path classPathForOthers() throws IOException, InterruptedException {
    Path copy = Sandboxes.freshDirectory();
    StringBuilder script = new StringBuilder("set -e\n");
    for (String entry : System.getProperty("java.class.path").split(":", -1)) {
      if (!entry.isEmpty() && Files.exists(Path.of(entry))) {
        script.append("cp -rL ").append(SandboxMain.quoted(entry)).append(" ");
        script.append(copy).append("\n");
      }
    }
    script.append("chmod -R go+rX ").append(copy);
    Process copying =
        new ProcessBuilder("sh", "-c", script.toString()).redirectErrorStream(true).start();
    String said = new String(copying.getInputStream().readAllBytes());
    assertThat(copying.waitFor()).as(said).isZero();
    return copy;
  }

  private static CompletableFuture<String> reaching(Canary own, Canary other) {
    CompletableFuture<String> output = new CompletableFuture<>();
    new Thread(
            () -> {
              try {
                output.complete(
                    new Sandboxes()
                        .reach(own.endpoint())
                        .output(
                            "curl -s -o /dev/null http://"
                                + own.endpoint()
                                + "/; own=$?; curl -s http://"
                                + other.endpoint()
                                + "/; echo own $own other $?"));
              } catch (SandboxException | IOException e) {
                output.completeExceptionally(e);
              }
            })
        .start();
    return output;
  }

  private static List<Path> runs() throws IOException {
    try (var runs = Files.list(Sandboxes.PATHS.run().resolve("runs"))) {
      return runs.sorted().toList();
    }
  }

  private void assertRefused(Sandboxes refused, String sentence) {
    assertThatThrownBy(() -> refused.run("/bin/true"))
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining(sentence);
    assertThat(sandbox.log.records()).isEmpty();
  }
}
