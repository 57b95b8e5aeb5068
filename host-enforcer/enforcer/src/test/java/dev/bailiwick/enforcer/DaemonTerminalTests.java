// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The native client on a terminal, below a shell with job control: for root, whose command is in
 * the shell's session, and for others, for whom the client stands in.
 */
class DaemonTerminalTests {
  private static final int ROOT = 0;
  private static final int SOMEBODY = 1_234_567;

  /**
   * Waits without beginning another process: a shell cannot be stopped between its vfork and the
   * child's exec, inside a sandbox or not.
   */
  private static final String SAY_READY_AND_WAIT = "sleep 600 & echo ready; while :; do wait; done";

  private static DaemonHost host;

  @BeforeAll
  static void start() throws Exception {
    host = new DaemonHost().allow(SOMEBODY).start();
  }

  @AfterAll
  static void stop() throws Exception {
    host.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {ROOT, SOMEBODY})
  void runWhenStoppedAndContinuedThenCommandIsAsItWouldBeWithoutASandbox(int uid) throws Exception {
    try (Terminal terminal = shell(uid)) {
      terminal.enter(
          sandbox(
              uid,
              "trap 'echo interrupted; exit 5' INT; trap 'echo continued' CONT; "
                  + SAY_READY_AND_WAIT));
      terminal.expect("ready");

      terminal.type(Terminal.CTRL_Z);
      terminal.expect("Stopped");
      terminal.expect("status=");
      DaemonHost.await("its command stands still", () -> states().contains("T"));
      terminal.enter("fg; echo status=$?");
      terminal.expect("continued");
      DaemonHost.await("its command goes on", () -> !states().contains("T"));
      terminal.type(Terminal.CTRL_C);

      terminal.expect("interrupted");
      terminal.expect("status=5");
    }
  }

  /** The whole of it stands still: the terminal stops the group, and what is in it. */
  @Test
  void runWhenStoppedByTheTerminalThenItsDescendantsAreToo() throws Exception {
    try (Terminal terminal = shell(ROOT)) {
      terminal.enter(sandbox(ROOT, "sleep 600 & echo ready; read line"));
      terminal.expect("ready");

      terminal.type(Terminal.CTRL_Z);
      terminal.expect("Stopped");
      DaemonHost.await("all of it stands still", () -> states().matches("T+"));
      terminal.enter("kill -KILL %1");

      DaemonHost.await("all of it has ended", () -> DaemonHost.cgroups().isEmpty());
    }
  }

  @Test
  void runWhenItReadsInTheBackgroundThenItIsStoppedUntilItIsInTheForeground() throws Exception {
    try (Terminal terminal = shell(ROOT)) {
      terminal.enter("set -b");
      terminal.enter(background(ROOT, "read line; echo got=$line; exit 6"));
      terminal.expect("Stopped");

      terminal.enter("fg; echo status=$?");
      terminal.expect("read line");
      terminal.enter("hello");

      terminal.expect("got=hello");
      terminal.expect("status=6");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {ROOT, SOMEBODY})
  void runWhenTheTerminalChangesItsSizeThenCommandIsTold(int uid) throws Exception {
    try (Terminal terminal = shell(uid)) {
      terminal.resize(40, 100);
      terminal.enter(sandbox(uid, "stty size; trap 'stty size' WINCH; " + SAY_READY_AND_WAIT));
      terminal.expect("40 100");
      terminal.expect("ready");

      terminal.resize(50, 120);

      terminal.expect("50 120");
    }
    DaemonHost.await("whoever closes the window ends it", () -> DaemonHost.cgroups().isEmpty());
  }

  /** The shell's own line editing and echo would say what is only typed. */
  private static Terminal shell(int uid) throws Exception {
    List<String> shell =
        new ArrayList<>(List.of("bash", "--norc", "--noprofile", "--noediting", "-i"));
    Terminal terminal =
        Terminal.at(host.prepare(Terminal.line(uid == ROOT ? shell : DaemonHost.as(uid, shell))));
    terminal.enter("stty -echo; echo sil''ence");
    terminal.expect("silence");
    return terminal;
  }

  /** A command line for the shell that also says how the command ended, or was stopped. */
  private static String sandbox(int uid, String script) {
    return line(uid, script) + "; echo status=$?";
  }

  private static String background(int uid, String script) {
    return line(uid, script) + " &";
  }

  private static String line(int uid, String script) {
    return SandboxMain.quoted(host.line(List.of("--task=task-of-" + uid), "/bin/sh", "-c", script));
  }

  /** Of the one sandbox's processes, a letter each. */
  private static String states() throws Exception {
    StringBuilder states = new StringBuilder();
    for (String pid : Files.readAllLines(DaemonHost.cgroups().get(0).resolve("cgroup.procs"))) {
      Path stat = Path.of("/proc", pid, "stat");
      if (Files.exists(stat)) {
        String line = Files.readString(stat);
        states.append(line.charAt(line.lastIndexOf(')') + 2));
      }
    }
    return states.toString();
  }
}
