// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What changes while sandboxes run: their rule, or the trust in their task. */
class DaemonChangeTests {
  private final Path workspace = Sandboxes.freshDirectory();
  private DaemonHost host;
  private Canary first;
  private Canary second;

  @BeforeEach
  void start() throws Exception {
    first = Canary.at("127.0.0.1");
    second = Canary.at("127.0.0.1");
    host = new DaemonHost().bundle("http://" + first.endpoint(), "").start();
  }

  @AfterEach
  void stop() throws Exception {
    host.close();
    first.close();
    second.close();
  }

  @Test
  void reloadWhenDestinationMovedThenRunningSandboxesReachTheNewOneOnly() throws Exception {
    Process sandbox = runInSteps("task-reload");
    String before = step("a", first) + step("b", second);

    host.bundle(2, "http://" + second.endpoint(), "", Sandboxes.ATTEMPT.toString());
    EnforcerClient.Reloaded reloaded = host.ask().reload();
    String after = step("c", first) + step("d", second);
    sandbox.destroy();

    assertThat(before).isEqualTo("reached denied ");
    assertThat(reloaded.policy()).isEqualTo("support-triage@2");
    assertThat(after).isEqualTo("denied reached ");
    assertThat(host.status().path("counters").path("destinations").asInt()).isEqualTo(1);
  }

  @Test
  void reloadWhenBundleIsBrokenThenTheOldOneStaysInForce() throws Exception {
    Process sandbox = runInSteps("task-broken");
    Files.writeString(host.bundle, "kind: Nonsense");

    assertThatThrownBy(() -> host.ask().reload())
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining("the old one stays in force");

    assertThat(step("a", first)).isEqualTo("reached ");
    assertThat(host.status().path("policy").asString()).isEqualTo("support-triage@1");
    sandbox.destroy();
  }

  @Test
  void reloadWhenAPathIsMissingThenNothingChanges() throws Exception {
    Process sandbox = runInSteps("task-path");
    host.bundle(2, "http://" + second.endpoint(), "", "/no/such/path");

    assertThatThrownBy(() -> host.ask().reload())
        .hasMessageContaining("/no/such/path, which does not exist here");

    assertThat(step("a", first) + step("b", second)).isEqualTo("reached denied ");
    assertThat(host.status().path("counters").path("destinations").asInt()).isEqualTo(1);
    sandbox.destroy();
  }

  @Test
  void reloadWhenRuleIsGoneThenItsSandboxesReachNothing() throws Exception {
    Process sandbox = runInSteps("task-gone");
    Files.writeString(
        host.bundle,
        Files.readString(host.bundle).replace("  triage-agent:\n    tier", "  other:\n    tier"));

    host.ask().reload();

    assertThat(step("a", first)).isEqualTo("denied ");
    sandbox.destroy();
  }

  /** The observer is the gateway's side of an open connection. */
  @Test
  void revokeWhenConnectionIsOpenThenItIsCutAtOnceAndNothingNewStarts() throws Exception {
    AtomicLong bytes = new AtomicLong();
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
      server.setSoTimeout(20_000);
      host.bundle(3, "http://127.0.0.1:" + server.getLocalPort(), "", "/usr/bin");
      host.ask().reload();
      String talk =
          "exec 9<>/dev/tcp/127.0.0.1/%d; while echo data >&9; do sleep 0.01; done; echo cut > cut;"
              + " sleep 60";
      Process sandbox =
          host.launch(
              List.of("--task", "task-revoked", "--workspace", workspace.toString()),
              "/bin/bash",
              "-c",
              talk.formatted(server.getLocalPort()));
      Socket flow = server.accept();
      Thread reader = new Thread(() -> count(flow, bytes));
      reader.start();
      DaemonHost.await("data flows", () -> bytes.get() > 0);

      EnforcerClient.Revoked revoked = host.ask().revoke("task-revoked", false);
      reader.join(TimeUnit.SECONDS.toMillis(10));

      assertThat(revoked.sandboxes()).isEqualTo(1);
      assertThat(revoked.errno()).isZero();
      assertThat(revoked.sockets()).isEqualTo(1);
      assertThat(reader.isAlive()).as("the flow is open").isFalse();
      assertThat(SandboxMain.await(workspace.resolve("cut"))).isEqualTo("cut");
      assertThat(sandbox.isAlive()).as("its processes may go on").isTrue();
      assertThat(host.output(List.of("--task", "task-revoked"), "true"))
          .isEqualTo(
              "bailiwick: task task-revoked is revoked, so nothing was started; use another"
                  + " task\n");
      assertThat(host.run(List.of("--task", "task-other"), "true")).isZero();

      host.ask().revoke("task-revoked", true);
      assertThat(sandbox.waitFor()).isEqualTo(128 + 9);
    }
  }

  @Test
  void revokeWhenDaemonIsStartedAnewThenItIsNotForgotten() throws Exception {
    host.ask().revoke("task-forgotten", false);
    host.stop();
    host.start();

    assertThat(host.output(List.of("--task", "task-forgotten"), "true")).contains("is revoked");
  }

  @Test
  void revokeWhenItCannotBeWrittenDownThenItHoldsAllTheSameAndSaysWhatDoesNot() throws Exception {
    Process sandbox = runInSteps("task-partly");
    String before = step("a", first);
    Path written = DaemonHost.PATHS.ofDaemon().revoked();
    Files.createDirectory(written);

    assertThatThrownBy(() -> host.ask().revoke("task-partly", false))
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining("task task-partly is revoked, but not as it should be")
        .hasMessageContaining("it is forgotten when the enforcer ends");
    String after = step("b", first);
    String refused = host.output(List.of("--task", "task-partly"), "true");
    assertThatThrownBy(() -> host.ask().revoke("task-partly", true))
        .hasMessageContaining("it is forgotten when the enforcer ends");
    int ended = sandbox.waitFor();
    Files.delete(written);
    EnforcerClient.Revoked again = host.ask().revoke("task-partly", false);
    host.kill();
    host.start();

    assertThat(before + after).isEqualTo("reached denied ");
    assertThat(refused).contains("task task-partly is revoked");
    assertThat(ended).isEqualTo(128 + 9);
    assertThat(again.errno()).isZero();
    assertThat(host.output(List.of("--task", "task-partly"), "true")).contains("is revoked");
  }

  private static void count(Socket flow, AtomicLong bytes) {
    byte[] buffer = new byte[4096];
    try (flow) {
      for (int got = 0; got >= 0; got = flow.getInputStream().read(buffer)) {
        bytes.addAndGet(got);
      }
    } catch (java.io.IOException e) {
      // A reset is an end as well.
    }
  }

  /** Does what is written into {@code <step>.do}, one step after the other. */
  private Process runInSteps(String task) throws Exception {
    String script =
        "echo > ready; for step in a b c d; do until test -e $step.do; do sleep 0.01; done; "
            + "if "
            + Sandboxes.ATTEMPT
            + " tcp4 $(cat $step.do) 2>/dev/null; test $? = 10; then echo reached; else echo denied;"
            + " fi > $step.tmp; mv $step.tmp $step.done; done; sleep 60";
    Process sandbox =
        host.launch(
            List.of("--task", task, "--workspace", workspace.toString()), "/bin/sh", "-c", script);
    SandboxMain.await(workspace.resolve("ready"));
    return sandbox;
  }

  private String step(String name, Canary canary) throws Exception {
    Path file = workspace.resolve(name + ".new");
    Files.writeString(file, canary.address() + " " + canary.port());
    Files.setAttribute(file, "unix:uid", Files.getAttribute(workspace, "unix:uid"));
    Files.move(file, workspace.resolve(name + ".do"));
    return SandboxMain.await(workspace.resolve(name + ".done")) + " ";
  }
}
