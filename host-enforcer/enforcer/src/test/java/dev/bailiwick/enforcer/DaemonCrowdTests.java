// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where there is no room for another connection, and what root can do meanwhile. */
class DaemonCrowdTests {
  private static final int SOMEBODY = 1_234_567;
  private static final int DESCRIPTORS = 2_048;
  private static final Path FOR_ALL = DaemonHost.PATHS.socket();
  private static final Path FOR_ROOT = DaemonHost.PATHS.rootSocket();

  private DaemonHost host;

  @BeforeEach
  void start() throws Exception {
    host = new DaemonHost().allow(SOMEBODY).descriptors(DESCRIPTORS).start();
  }

  @AfterEach
  void stop() throws Exception {
    host.close();
  }

  /**
   * Of one user who is let in: what lingers keeps that user's threads from closing connections, and
   * all others wait behind it until there is no room and the queue of the kernel is full as well.
   */
  @Test
  void connectWhenAUserHoldsAllThereAreThenRootIsServedAtASocketOfItsOwn() throws Exception {
    signal("-STOP"); // so that what lingers is sent before it is dropped
    Process crowd =
        new ProcessBuilder(
                "python3",
                "-c",
                """
                import os, socket, struct, sys, time
                server = socket.create_server(('127.0.0.1', 0))
                full = [socket.create_connection(server.getsockname()) for i in range(3)]
                for tcp in full:
                  tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 60))
                  tcp.setblocking(False)
                  try:
                    while True: tcp.send(b'x' * 65536)
                  except BlockingIOError: pass
                os.setuid(1234567)
                all = []
                def connect():
                  s = socket.socket(socket.AF_UNIX)
                  s.setblocking(False)
                  s.connect(sys.argv[1])
                  all.append(s)
                for i in range(67): connect()
                for s, tcp in zip(all[64:], full):
                  socket.send_fds(s, [b'x'], [tcp.fileno()])
                  tcp.close()
                print('sent', flush=True)
                sys.stdin.readline()
                refused = 0
                while refused < 10:
                  try:
                    connect()
                    refused = 0
                  except BlockingIOError:
                    refused += 1
                    time.sleep(0.1)
                print(len(all), flush=True)
                sys.stdin.readline()
                """,
                FOR_ALL.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      String sent = crowd.inputReader().readLine();
      signal("-CONT");
      crowd.outputWriter().write("\n");
      crowd.outputWriter().flush();
      int connections = Integer.parseInt(crowd.inputReader().readLine());

      assertThat(sent).isEqualTo("sent");
      assertThat(connections).isGreaterThan(DESCRIPTORS / 2);
      assertThat(host.descriptors()).as("the rest waits in the kernel").isLessThan(connections);
      assertThatThrownBy(() -> asker(FOR_ALL).status()).hasMessageContaining("did not answer");
      assertThat(asker(FOR_ROOT).status()).contains("\"healthy\":true");
      assertThat(asker(FOR_ROOT).reload().policy()).isEqualTo("support-triage@1");
      assertThat(asker(FOR_ROOT).revoke("task-nobodys", true).sandboxes()).isZero();
      assertThat(launch().waitFor(5, TimeUnit.SECONDS)).isTrue();
    } finally {
      crowd.destroyForcibly().waitFor();
    }
    DaemonHost.await("there is room again", () -> answers(FOR_ALL));
  }

  private Process launch() throws Exception {
    ProcessBuilder builder = host.prepare(host.line(List.of(), "true"));
    builder.environment().put("BAILIWICK_SOCKET", FOR_ROOT.toString());
    return builder.start();
  }

  /** The socket tells once that somebody is there, and must be asked to tell again. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void connectWhenADescriptorIsMissingThenWhoeverConnectedIsServedLater(boolean root)
      throws Exception {
    Path socket = root ? FOR_ROOT : FOR_ALL;
    limit(3);
    CompletableFuture<Boolean> answered = CompletableFuture.supplyAsync(() -> answers(socket));
    Thread.sleep(500);
    boolean early = answered.isDone();
    limit(DESCRIPTORS);

    assertThat(early).isFalse();
    assertThat(answered.get(5, TimeUnit.SECONDS)).isTrue();
    assertThat(answers(socket)).as("the next one, too").isTrue();
  }

  @Test
  void connectWhenNotRootThenRootsSocketIsOutOfReach() throws Exception {
    Process somebody =
        new ProcessBuilder(
                "python3",
                "-c",
                "import os, socket, sys; os.setuid(1234567);"
                    + " print(socket.socket(socket.AF_UNIX).connect_ex(sys.argv[1]))",
                FOR_ROOT.toString())
            .start();

    assertThat(somebody.inputReader().readLine()).as("EACCES").isEqualTo("13");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(FOR_ROOT.getParent())))
        .isEqualTo("rwx------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(FOR_ROOT)))
        .isEqualTo("rw-------");
  }

  private static EnforcerClient asker(Path socket) {
    return new EnforcerClient(socket, Duration.ofSeconds(3));
  }

  private static boolean answers(Path socket) {
    try {
      return asker(socket).status().contains("healthy");
    } catch (SandboxException e) {
      return false;
    }
  }

  private void limit(int soft) throws Exception {
    run("prlimit", "--pid=" + host.pid(), "--nofile=" + soft + ":" + DESCRIPTORS);
  }

  private void signal(String which) throws Exception {
    run("kill", which, Long.toString(host.pid()));
  }

  private static void run(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }
}
