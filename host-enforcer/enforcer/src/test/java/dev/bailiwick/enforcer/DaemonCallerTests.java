// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Users who are let in, and what none of them can do to the others, to root or to the evidence. */
class DaemonCallerTests {
  private static final int SOMEBODY = 1_234_567;
  private static final int NEIGHBOUR = 1_234_568;
  private static final int OF_ONE_USER = 3;
  private static final int IN_ALL = 6;

  /** The interpreter itself may be where only root can go. */
  private static final String BECOME_SOMEBODY =
      """
      import os, socket, subprocess, sys
      os.setgroups([])
      os.setgid(1234567)
      os.setuid(1234567)
      """;

  private static final String RUNS = "echo ready; exec sleep 60";

  private final List<Process> running = new ArrayList<>();
  private DaemonHost host;

  @BeforeEach
  void start() throws Exception {
    host = new DaemonHost().allow(SOMEBODY).allow(NEIGHBOUR).quotas(IN_ALL, OF_ONE_USER).start();
  }

  @AfterEach
  void stop() throws Exception {
    for (Process process : running) {
      process.destroyForcibly().waitFor();
    }
    host.close();
  }

  /** More of them than the daemon has threads that make processes, or places for one user. */
  @ParameterizedTest
  @ValueSource(strings = {"no-such-command", "/etc/shadow"})
  void runWhenStandardErrorIsAFullPipeThenOthersGoOnAndPlacesAreFree(String command)
      throws Exception {
    int callers = 2 * OF_ONE_USER;
    String program =
        BECOME_SOMEBODY
            + """
            r, w = os.pipe()
            os.set_blocking(w, False)
            try:
              while True: os.write(w, b'x' * 4096)
            except BlockingIOError:
              os.set_blocking(w, True)
            all = []
            for i in range(int(sys.argv[1])):
              all.append(subprocess.Popen(sys.argv[2:], stderr=w, stdin=subprocess.DEVNULL))
              print(i, flush=True)
              sys.stdin.readline()
            for one in all: one.terminate()
            print([one.wait() for one in all], flush=True)
            """;
    List<String> line =
        new ArrayList<>(List.of("python3", "-c", program, Integer.toString(callers)));
    line.addAll(host.line(List.of("--task=task-full"), command));
    Process python =
        keep(
            host.prepare(line)
                .redirectInput(ProcessBuilder.Redirect.PIPE)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());

    for (int i = 1; i <= callers; i++) {
      int started = i;
      python.inputReader().readLine();
      DaemonHost.await("it was started", () -> counter("sandboxesStarted") == started);
      DaemonHost.await("it has ended", () -> host.status().path("sandboxes").isEmpty());
      python.outputWriter().write("\n");
      python.outputWriter().flush();
    }
    int neighbour = as(NEIGHBOUR, "task-neighbour", "exit 7").waitFor();
    int same = as(SOMEBODY, "task-full", "exit 8").waitFor();

    assertThat(neighbour).isEqualTo(7);
    assertThat(same).isEqualTo(8);
    assertThat(python.inputReader().readLine())
        .as("the callers' own ends, by a signal that they wait for nowhere")
        .isEqualTo("[" + "-15, ".repeat(callers - 1) + "-15]");
  }

  /** Nobody thaws it: it is killed as it is. */
  @Test
  void runWhenTheProcessDoesNotGetReadyThenItIsKilledAndOthersGoOn() throws Exception {
    Path freezer = cgroups().resolve("cgroup.freeze");
    Files.writeString(freezer, "1");
    List<Process> late = new ArrayList<>();
    for (int i = 0; i < OF_ONE_USER; i++) {
      late.add(as(SOMEBODY, "task-late", RUNS));
    }
    List<String> said = new ArrayList<>();
    for (Process one : late) {
      said.add(new String(one.getInputStream().readAllBytes()));
    }
    boolean healthy = host.status().path("healthy").asBoolean(false);
    DaemonHost.await("places are free", () -> host.status().path("sandboxes").isEmpty());
    Files.writeString(freezer, "0");

    assertThat(said)
        .containsOnly(
            "bailiwick: nothing was started: it did not stand behind its walls within 5 s\n");
    assertThat(healthy).isTrue();
    assertThat(as(SOMEBODY, "task-late", "exit 7").waitFor()).isEqualTo(7);
    assertThat(DaemonHost.cgroups()).isEmpty();
  }

  @Test
  void runWhenOneUsersQuotaIsUsedUpThenOthersGoOn() throws Exception {
    for (int i = 0; i < OF_ONE_USER; i++) {
      started(SOMEBODY, "task-many");
    }

    String refused = said(SOMEBODY, "task-many");
    int neighbour = as(NEIGHBOUR, "task-neighbour", "exit 7").waitFor();
    running.remove(0).destroyForcibly();
    DaemonHost.await(
        "its place is free", () -> host.status().path("sandboxes").size() == OF_ONE_USER - 1);

    assertThat(refused)
        .isEqualTo(
            "bailiwick: nothing was started: uid 1234567 has 3 live sandboxes, and the enforcer's"
                + " --max-sandboxes-per-user allows no more; end one, or have it started with"
                + " another number\n");
    assertThat(neighbour).isEqualTo(7);
    assertThat(as(SOMEBODY, "task-many", "exit 8").waitFor()).isEqualTo(8);
  }

  @Test
  void runWhenAllPlacesOfUsersAreTakenThenRootHasOneLeft() throws Exception {
    for (int i = 0; i < OF_ONE_USER; i++) {
      started(SOMEBODY, "task-many");
    }
    for (int i = OF_ONE_USER; i < IN_ALL - 1; i++) {
      started(NEIGHBOUR, "task-neighbour");
    }

    String refused = said(NEIGHBOUR, "task-neighbour");
    Process root = keep(host.prepare(host.line(List.of(), "/bin/sh", "-c", RUNS)).start());
    root.inputReader().readLine();
    String beyond = host.output(List.of(), "true");
    EnforcerClient.Revoked revoked = host.ask().revoke("task-many", true);

    assertThat(refused).contains("there are 5 live sandboxes", "--max-sandboxes allows no more");
    assertThat(beyond).contains("there are 6 live sandboxes", "--max-sandboxes allows no more");
    assertThat(revoked.sandboxes()).isEqualTo(OF_ONE_USER);
    DaemonHost.await("places are free", () -> host.run(List.of(), "true") == 0);
  }

  /** Each of its messages comes so slowly that it holds a thread for seconds. */
  @Test
  void askWhenOneUserIsSlowOnEveryConnectionThenOthersAreServed() throws Exception {
    Process slow =
        keep(
            host.prepare(
                    List.of(
                        "python3",
                        "-c",
                        BECOME_SOMEBODY
                            + """
                            all = [socket.socket(socket.AF_UNIX) for i in range(60)]
                            for s in all: s.connect(sys.argv[1]); s.send(b'\\0\\0')
                            print('slow', flush=True)
                            sys.stdin.read()
                            """,
                        DaemonHost.PATHS.socket().toString()))
                .redirectInput(ProcessBuilder.Redirect.PIPE)
                .start());
    assertThat(slow.inputReader().readLine()).isEqualTo("slow");

    Process neighbour = as(NEIGHBOUR, "task-neighbour", "exit 7");

    assertThat(neighbour.waitFor(15, TimeUnit.SECONDS))
        .as("behind all of the slow ones it would be more than half a minute")
        .isTrue();
    assertThat(neighbour.exitValue()).isEqualTo(7);
    assertThat(host.ask().revoke("task-nobodys", false).sandboxes()).isZero();
    assertThat(slow.isAlive()).isTrue();
  }

  @Test
  void runWhenSomebodyNamesNoTaskThenIsRefused() throws Exception {
    Process process =
        host.prepare(DaemonHost.as(SOMEBODY, host.line(List.of(), "true")))
            .redirectErrorStream(true)
            .start();

    assertThat(new String(process.getInputStream().readAllBytes()))
        .startsWith("bailiwick: task is missing: whoever is not root names the task");
  }

  @Test
  void runWhenTaskIsAnothersThenIsRefusedWhileThatOneWorksOnIt() throws Exception {
    Process theirs = started(SOMEBODY, "task-theirs");

    String refused = said(NEIGHBOUR, "task-theirs");
    theirs.destroyForcibly();
    DaemonHost.await("it has ended", () -> host.status().path("sandboxes").isEmpty());
    int later = as(NEIGHBOUR, "task-theirs", "exit 7").waitFor();

    assertThat(refused)
        .isEqualTo(
            "bailiwick: task task-theirs is uid 1234567's, whose sandbox works on it now; name a"
                + " task of uid 1234568\n");
    assertThat(later).isEqualTo(7);
    assertThat(callers("task-theirs")).containsExactly(SOMEBODY, NEIGHBOUR);
  }

  @Test
  void runWhenRootNamesAnothersTaskThenTheRecordSaysWhoAsked() throws Exception {
    started(SOMEBODY, "task-shared");

    int status = host.run(List.of("--task", "task-shared"), "true");

    assertThat(status).isZero();
    assertThat(callers("task-shared")).containsExactly(SOMEBODY, 0);
  }

  private List<Integer> callers(String task) throws IOException {
    List<Integer> callers = new ArrayList<>();
    for (JsonNode record : host.records("sandbox-started")) {
      if (record.at("/unmapped/bailiwick/task").asString("").equals(task)) {
        callers.add(record.at("/unmapped/bailiwick/caller_uid").asInt(-1));
      }
    }
    return callers;
  }

  /** A sandbox that runs until it is ended. */
  private Process started(int uid, String task) throws IOException {
    Process process = as(uid, task, RUNS);
    assertThat(process.inputReader().readLine()).isEqualTo("ready");
    return process;
  }

  private String said(int uid, String task) throws IOException {
    return new String(as(uid, task, "echo ran").getInputStream().readAllBytes());
  }

  private Process as(int uid, String task, String script) throws IOException {
    return keep(
        host.prepare(
                DaemonHost.as(uid, host.line(List.of("--task", task), "/bin/sh", "-c", script)))
            .redirectErrorStream(true)
            .start());
  }

  private Process keep(Process process) {
    running.add(process);
    return process;
  }

  private int counter(String name) throws SandboxException {
    return host.status().path("counters").path(name).asInt(-1);
  }

  private static Path cgroups() throws IOException {
    return CgroupTree.find(DaemonHost.PATHS.ofDaemon().name()).orElseThrow().root();
  }
}
