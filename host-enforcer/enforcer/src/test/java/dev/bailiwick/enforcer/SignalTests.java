// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a process that runs a sandbox does with signals, terminals and its own sudden death. */
class SignalTests {
  private final Path workspace = Sandboxes.freshDirectory();
  private final Path ready = workspace.resolve("ready");

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM", "HUP"})
  void runWhenSignalIsSentToTheJvmThenCommandGetsIt(String signal) throws Exception {
    Process jvm =
        start("trap 'echo " + signal + " > got; exit 3' " + signal + "; echo > ready; " + loop());
    SandboxMain.await(ready);

    kill(signal, jvm.pid());

    assertThat(jvm.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(jvm.exitValue()).isEqualTo(3);
    assertThat(Files.readString(workspace.resolve("got"))).isEqualTo(signal + "\n");
  }

  @Test
  void runWhenCommandDiesOfTheSignalThenStatusNamesIt() throws Exception {
    Process jvm = start("echo > ready; exec sleep 600");
    SandboxMain.await(ready);

    kill("TERM", jvm.pid());

    assertThat(jvm.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(jvm.exitValue()).isEqualTo(128 + 15);
  }

  @Test
  void runWhenJvmIsKilledThenNothingOutlivesItAndTheNextStartCleansUp() throws Exception {
    Process jvm = start(Sandboxes.ATTEMPT + " outlive orphan; echo $$ > ready; exec sleep 600");
    long command = Long.parseLong(SandboxMain.await(ready));
    long orphan = Long.parseLong(SandboxMain.await(workspace.resolve("orphan")));
    int uid = (Integer) Files.getAttribute(workspace, "unix:uid");
    boolean bothLived = isAlive(command) && isAlive(orphan);

    jvm.destroyForcibly().waitFor();
    awaitEnd(command);
    awaitEnd(orphan);
    boolean leftovers =
        Files.exists(Sandboxes.PATHS.run().resolve("runs").resolve(Integer.toString(uid)));
    new Sandboxes().run("/bin/true");

    assertThat(bothLived).isTrue();
    assertThat(leftovers).as("a killed run cannot clean up after itself").isTrue();
    assertThat(Leavings.of(uid)).isEmpty();
  }

  /** With both guardians gone at once nobody ends an orphan, but its walls are not theirs. */
  @Test
  void runWhenJvmAndSupervisorAreKilledThenOrphansStayConfinedUntilTheNextStart() throws Exception {
    try (Canary canary = Canary.at("127.0.0.1")) {
      String late =
          "until test -e go; do sleep 0.01; done; "
              + Sandboxes.ATTEMPT
              + " tcp4 127.0.0.1 "
              + canary.port()
              + "; echo $? > tried; exec sleep 600";
      Process jvm =
          start(
              "sh -c "
                  + SandboxMain.quoted(late)
                  + " & echo $! > orphan; echo $$ > ready; exec sleep 600");
      long command = Long.parseLong(SandboxMain.await(ready));
      long orphan = Long.parseLong(SandboxMain.await(workspace.resolve("orphan")));
      int uid = (Integer) Files.getAttribute(workspace, "unix:uid");
      long supervisor = ProcessHandle.of(command).orElseThrow().parent().orElseThrow().pid();

      new ProcessBuilder("kill", "-KILL", Long.toString(supervisor), Long.toString(jvm.pid()))
          .start()
          .waitFor();
      awaitEnd(command);
      boolean survived = isAlive(orphan);
      Files.createFile(workspace.resolve("go"));
      String tried = SandboxMain.await(workspace.resolve("tried"));
      new Sandboxes().run("/bin/true");
      awaitEnd(orphan);

      assertThat(survived).isTrue();
      assertThat(Verdict.of(Integer.parseInt(tried), "late attempt").stopped()).isTrue();
      assertThat(canary.sawNobody()).isTrue();
      assertThat(Leavings.of(uid)).isEmpty();
    }
  }

  @Test
  void runWhenCommandEndsThenWhatItLeftRunningEnds() throws Exception {
    Sandboxes sandbox = new Sandboxes().workspace(workspace);

    int status = sandbox.run(Sandboxes.ATTEMPT.toString(), "outlive", "orphan");

    assertThat(Verdict.of(status, "outlive").gotOut()).isTrue();
    assertThat(isAlive(Long.parseLong(SandboxMain.await(workspace.resolve("orphan"))))).isFalse();
  }

  @Test
  void runWhenOnATerminalThenShellHasJobControl() throws Exception {
    Process terminal =
        new ProcessBuilder(
                "script",
                "-qec",
                SandboxMain.onTerminal(
                    SandboxMain.command(
                        List.of("workspace=" + workspace),
                        "/bin/bash",
                        "--norc",
                        "-ic",
                        "set -o | grep monitor; sleep 0.01 & fg; test -t 0 && echo terminal")),
                "/dev/null")
            .redirectErrorStream(true)
            .start();

    String output = new String(terminal.getInputStream().readAllBytes());

    assertThat(output).containsPattern("monitor +\ton").contains("terminal");
    assertThat(output).doesNotContain("no job control", "cannot set terminal");
  }

  /** The terminal tells the whole foreground group: passing it on as well would make two of it. */
  @Test
  void runWhenInterruptedOnATerminalThenCommandIsToldOnce() throws Exception {
    Process terminal =
        new ProcessBuilder(
                "script",
                "-qec",
                SandboxMain.onTerminal(
                    SandboxMain.command(
                        List.of("workspace=" + workspace),
                        "/bin/sh",
                        "-c",
                        "trap 'echo interrupted >> got' INT; echo > ready; read line; read line;"
                            + " exit 5")),
                "/dev/null")
            .redirectErrorStream(true)
            .start();
    SandboxMain.await(ready);

    terminal.getOutputStream().write(3);
    terminal.getOutputStream().flush();
    SandboxMain.await(workspace.resolve("got"));
    terminal.getOutputStream().write("\n\n\n".getBytes());
    terminal.getOutputStream().flush();
    boolean ended = terminal.waitFor(20, TimeUnit.SECONDS);

    assertThat(ended).isTrue();
    assertThat(terminal.exitValue()).isEqualTo(5);
    assertThat(Files.readString(workspace.resolve("got"))).isEqualTo("interrupted\n");
  }

  @Test
  void runWhenTypingIntoTheTerminalThenItIsStopped() throws Exception {
    Process terminal =
        new ProcessBuilder(
                "script",
                "-qec",
                SandboxMain.onTerminal(
                    SandboxMain.command(
                        List.of("workspace=" + workspace),
                        Sandboxes.ATTEMPT.toString(),
                        "--log",
                        "attempt.log",
                        "type-ahead")),
                "/dev/null")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();

    int status = terminal.waitFor();

    assertThat(Verdict.of(status, "type-ahead").stopped()).isTrue();
    assertThat(Files.readString(workspace.resolve("attempt.log")))
        .contains("Operation not permitted");
  }

  /** A descriptor that leaked into the JVM must not leak further. */
  @Test
  void runWhenJvmHasOpenSocketThenSandboxHasNot() throws Exception {
    try (Canary canary = Canary.at("127.0.0.1")) {
      String open = "exec 9<>/dev/tcp/127.0.0.1/" + canary.port() + "; exec ";
      Process leaky =
          new ProcessBuilder("bash", "-c", open + Sandboxes.ATTEMPT + " inherited").start();
      Process confined =
          new ProcessBuilder(
                  "bash",
                  "-c",
                  open
                      + SandboxMain.quoted(
                          SandboxMain.command(
                              List.of("workspace=" + workspace),
                              Sandboxes.ATTEMPT.toString(),
                              "inherited")))
              .start();

      Verdict free = Verdict.of(leaky.waitFor(), "outside");
      Verdict inside = Verdict.of(confined.waitFor(), "in a sandbox");

      assertThat(free.gotOut()).as(free.detail()).isTrue();
      assertThat(inside.stopped()).as(inside.detail()).isTrue();
    }
  }

  private Process start(String script) throws Exception {
    return new ProcessBuilder(
            SandboxMain.command(List.of("workspace=" + workspace), "/bin/sh", "-c", script))
        .inheritIO()
        .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** A shell runs traps between commands only. */
  private static String loop() {
    return "while :; do sleep 0.05; done";
  }

  private static void kill(String signal, long pid) throws Exception {
    new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start().waitFor();
  }

  private static boolean isAlive(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  private static void awaitEnd(long pid) throws Exception {
    Optional<ProcessHandle> process = ProcessHandle.of(pid);
    if (process.isPresent()) {
      process.get().onExit().get(20, TimeUnit.SECONDS);
    }
  }
}
