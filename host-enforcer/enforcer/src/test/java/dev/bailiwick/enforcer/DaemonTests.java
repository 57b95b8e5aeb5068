// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Sandboxes by way of the daemon and the native client. */
class DaemonTests {
  private static final int SOMEBODY = 1_234_567;

  private static DaemonHost host;
  private static Canary gateway;
  private static Canary elsewhere;

  @BeforeAll
  static void start() throws Exception {
    gateway = Canary.at("127.0.0.1");
    elsewhere = Canary.at("127.0.0.1");
    host = new DaemonHost().bundle("http://" + gateway.endpoint(), "").allow(SOMEBODY).start();
  }

  @AfterAll
  static void stop() throws Exception {
    host.close();
    gateway.close();
    elsewhere.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 125, 255})
  void runWhenCommandEndsThenItsStatusIsPassedOn(int status) throws Exception {
    assertThat(host.run(List.of(), "/bin/sh", "-c", "exit " + status)).isEqualTo(status);
  }

  /** What the client gets from there, it executes. */
  @Test
  void runWhenWhoListensIsNotRootThenNothingIsStarted() throws Exception {
    Path directory = Sandboxes.freshDirectory();
    Path socket = directory.resolve("enforcer.sock");
    Process squatter =
        python(
            "s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); os.setuid(1234567);"
                + " s.listen(); c = s.accept()[0]; print(c.recv(100))",
            socket);
    DaemonHost.await("it listens", () -> Files.exists(socket));
    ProcessBuilder client = host.prepare(host.line(List.of(), "true")).redirectErrorStream(true);
    client.environment().put("BAILIWICK_SOCKET", socket.toString());

    Process process = client.start();
    String said = new String(process.getInputStream().readAllBytes());

    assertThat(said).contains("who listens at its socket is not root");
    assertThat(process.waitFor()).isEqualTo(SandboxLauncher.NOT_CONFINED);
    assertThat(squatter.inputReader().readLine()).as("what it was told").isEqualTo("b''");
  }

  @Test
  void connectWhenManySayNothingThenNoMoreOfThatUidAreKept() throws Exception {
    Process silent =
        python(
            "os.setuid(1234567); all = [socket.socket(socket.AF_UNIX) for i in range(80)];"
                + " [s.connect(sys.argv[1]) for s in all];"
                + " print(sum(bool(select.select([s], [], [], 5)[0])"
                + " for s in all[64:]), any(select.select([s], [], [], 0)[0] for s in all[:64]))",
            DaemonHost.PATHS.socket());

    assertThat(silent.inputReader().readLine()).isEqualTo("16 False");
    assertThat(host.run(List.of(), "true")).isZero();
  }

  @Test
  void connectWhenStrangersSayNothingThenAllOfThemTogetherAreOneUser() throws Exception {
    Process strangers =
        python(
            """
            all = []
            for uid in range(1234600, 1234680):
              os.seteuid(uid)
              all.append(socket.socket(socket.AF_UNIX))
              all[-1].connect(sys.argv[1])
              os.seteuid(0)
            print(sum(bool(select.select([s], [], [], 5)[0]) for s in all[64:]), flush=True)
            print(all[0].recv(1), flush=True)
            """,
            DaemonHost.PATHS.socket());

    assertThat(strangers.inputReader().readLine()).isEqualTo("16");
    assertThat(strangers.inputReader().readLine()).as("after a while of silence").isEqualTo("b''");
  }

  /** What is dropped with such a connection makes whoever closes it wait: for 7 s each. */
  @Test
  void connectWhenWhatWasSentLingersThenNobodyElseWaits() throws Exception {
    signal("-STOP"); // so that all is sent before any of it is dropped
    Process lingering =
        python(
            """
            import struct
            server = socket.create_server(('127.0.0.1', 0))
            full = [socket.create_connection(server.getsockname()) for i in range(16)]
            for tcp in full:
              tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 7))
              tcp.setblocking(False)
              try:
                while True: tcp.send(b'x' * 65536)
              except BlockingIOError: pass
            os.setuid(1234567)
            all = [socket.socket(socket.AF_UNIX) for i in range(80)]
            for s in all: s.connect(sys.argv[1])
            for s, tcp in zip(all[64:], full):
              socket.send_fds(s, [b'x'], [tcp.fileno()])
              tcp.close()
            print('sent', flush=True)
            sys.stdin.read()
            """,
            DaemonHost.PATHS.socket());
    String sent = lingering.inputReader().readLine();
    signal("-CONT");

    Process root = host.launch(List.of(), "true");

    assertThat(sent).isEqualTo("sent");
    assertThat(root.waitFor(5, TimeUnit.SECONDS)).isTrue();
    assertThat(root.exitValue()).isZero();
    lingering.destroyForcibly().waitFor();
  }

  private static void signal(String which) throws Exception {
    assertThat(new ProcessBuilder("kill", which, Long.toString(host.pid())).start().waitFor())
        .isZero();
  }

  private static Process python(String program, Path argument) throws Exception {
    return new ProcessBuilder(
            "python3", "-c", "import os, select, socket, sys\n" + program, argument.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  @Test
  void runWhenCommandIsKilledThenStatusNamesTheSignal() throws Exception {
    assertThat(host.run(List.of(), "/bin/sh", "-c", "kill -TERM $$")).isEqualTo(128 + 15);
  }

  @Test
  void runWhenCommandIsMissingThenStatusIs127() throws Exception {
    assertThat(host.output(List.of(), "no-such-command"))
        .isEqualTo("bailiwick: cannot execute no-such-command: No such file or directory\n");
    assertThat(host.run(List.of(), "no-such-command")).isEqualTo(SandboxLauncher.NOT_FOUND);
  }

  @Test
  void runWhenGatewayIsAskedThenItIsReachedAndNothingElse() throws Exception {
    String output =
        host.output(
            List.of(),
            "/bin/sh",
            "-c",
            "curl -s http://%s; curl -s http://%s; echo $?"
                .formatted(gateway.endpoint(), elsewhere.endpoint()));

    assertThat(output).isEqualTo("hello7\n");
    assertThat(elsewhere.sawNobody()).isTrue();
  }

  @Test
  void runWhenDeniedThenEvidenceNamesEverybody() throws Exception {
    int status =
        host.run(
            List.of("--task", "task-evidence"),
            Sandboxes.ATTEMPT.toString(),
            "tcp4",
            elsewhere.address(),
            elsewhere.port());

    assertThat(Verdict.of(status, "tcp4").stopped()).isTrue();
    DaemonHost.await("the end is recorded", () -> ofTask("sandbox-ended", "task-evidence") == 1);
    assertThat(ofTask("sandbox-started", "task-evidence")).isEqualTo(1);
    JsonNode denial =
        host.records("kernel-denial").stream()
            .filter(record -> record.toString().contains("task-evidence"))
            .findFirst()
            .orElseThrow();
    assertThat(denial.toString())
        .contains("triage-agent", "connect4", "tcp " + elsewhere.endpoint(), "attempt");
  }

  @Test
  void runWhenEndedThenNothingIsLeft() throws Exception {
    host.run(List.of("--task", "task-leftovers"), "/bin/sh", "-c", "echo > $HOME/file");

    DaemonHost.await("cgroups are gone", () -> DaemonHost.cgroups().isEmpty());
    DaemonHost.await("accounts are closed", () -> host.status().path("sandboxes").isEmpty());
    assertThat(DaemonHost.PATHS.ofDaemon().sandboxes()).isEmptyDirectory();
  }

  @Test
  void runWhenBundleIsAnotherThenTheDaemonIsNotMeant() throws Exception {
    Path other = Files.copy(host.bundle, host.directory.resolve("other.yaml"));

    assertThat(host.run(List.of("--bundle", other.toString()), "true"))
        .isEqualTo(DaemonHost.FELL_BACK);
    assertThat(host.run(List.of("--bundle", "bundle.yaml"), "true")).isZero();
    assertThat(host.run(List.of("--audit", "elsewhere"), "true")).isEqualTo(DaemonHost.FELL_BACK);
    assertThat(host.run(List.of("--audit", "audit"), "true")).isZero();
  }

  @Test
  void runWhenOptionIsUnknownThenTheDaemonIsNotAsked() throws Exception {
    assertThat(host.run(List.of("--fly"), "true")).isEqualTo(DaemonHost.FELL_BACK);
  }

  @Test
  void runWhenSandboxIsUnknownThenItSaysSo() throws Exception {
    assertThat(host.output(List.of("--sandbox=none"), "true"))
        .isEqualTo("bailiwick: sandbox is given twice\n");
  }

  @Test
  void runWhenCallerIsSomebodyPermittedThenDaemonStartsIt() throws Exception {
    Path out = host.directory.resolve("out");
    Files.deleteIfExists(out);

    Process process =
        host.prepare(
                DaemonHost.as(
                    SOMEBODY,
                    host.line(
                        List.of("--task=task-own"),
                        "/bin/sh",
                        "-c",
                        "id -u; echo err >&2; exit 9")))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes());

    assertThat(process.waitFor()).isEqualTo(9);
    assertThat(output.lines().toList()).hasSize(2).contains("err");
    assertThat(Reservation.inRange(Integer.parseInt(output.lines().findFirst().orElseThrow())))
        .isTrue();
  }

  @Test
  void runWhenCallerIsSomebodyThenSignalsReachTheCommand() throws Exception {
    Process process =
        host.prepare(
                DaemonHost.as(
                    SOMEBODY,
                    host.line(
                        List.of("--task=task-own"),
                        "/bin/sh",
                        "-c",
                        "trap 'exit 5' TERM; echo ready; while :; do sleep 0.02; done")))
            .start();
    process.inputReader().readLine();

    process.destroy();

    assertThat(process.waitFor()).isEqualTo(5);
  }

  @Test
  void runWhenCallerOfADaemonsSandboxDiesThenItsCommandEnds() throws Exception {
    Process process =
        host.prepare(
                DaemonHost.as(
                    SOMEBODY,
                    host.line(List.of("--task=task-own"), "/bin/sh", "-c", "echo ready; sleep 60")))
            .start();
    process.inputReader().readLine();

    process.destroyForcibly();

    DaemonHost.await("its sandbox ends", () -> DaemonHost.cgroups().isEmpty());
  }

  @Test
  void runWhenLauncherDiesThenItsCommandEnds() throws Exception {
    Process process =
        host.prepare(host.line(List.of(), "/bin/sh", "-c", "echo ready; sleep 60")).start();
    process.inputReader().readLine();

    process.destroyForcibly();

    DaemonHost.await("its sandbox ends", () -> DaemonHost.cgroups().isEmpty());
  }

  @Test
  void runWhenCallerIsNobodyKnownThenIsRefused() throws Exception {
    Process process =
        host.prepare(DaemonHost.as(SOMEBODY + 1, host.line(List.of(), "true")))
            .redirectErrorStream(true)
            .start();

    assertThat(new String(process.getInputStream().readAllBytes()))
        .startsWith("bailiwick: uid 1234568 may not ask this enforcer for anything");
    assertThat(process.waitFor()).isEqualTo(SandboxLauncher.NOT_CONFINED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--workspace=/tmp/w", "--gateway=http://127.0.0.1:9", "--agent=other"})
  void runWhenSomebodyWantsWhatRootMayThenIsRefused(String option) throws Exception {
    Process process =
        host.prepare(DaemonHost.as(SOMEBODY, host.line(List.of("--task=task-own", option), "true")))
            .redirectErrorStream(true)
            .start();

    assertThat(new String(process.getInputStream().readAllBytes())).contains("by root only");
    assertThat(process.waitFor()).isEqualTo(SandboxLauncher.NOT_CONFINED);
  }

  @Test
  void statusWhenServingThenKernelConfirmsEveryProgram() throws Exception {
    JsonNode status = host.status();

    assertThat(status.path("healthy").asBoolean()).isTrue();
    assertThat(status.path("programs")).hasSize(9);
    assertThat(status.path("programs"))
        .allMatch(program -> program.path("attached").asBoolean(false));
    assertThat(status.path("policy").asString()).isEqualTo("support-triage@1");
  }

  @Test
  void startWhenAnotherRunsThenIsRefused() throws Exception {
    assertThat(host.tryStart()).startsWith("another enforcer runs already");
  }

  private static long ofTask(String kind, String task) throws Exception {
    return host.records(kind).stream()
        .filter(record -> record.at("/unmapped/bailiwick/task").asString("").equals(task))
        .count();
  }
}
