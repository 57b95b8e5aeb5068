// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Real servers and clients in sandboxes that may listen, with a daemon and without; and what a
 * change of the rule does to connections that are open.
 */
class ListeningAgentTests {
  private static final Path AGENTS = Path.of("src/test/resources/agents");
  private static final String NARROW = "permit: [shell, listen]";
  private static final String WIDE = "permit: [shell, listen-to-host]";

  /** Sends a line again and again until it cannot any more. */
  private static final String TALK =
      "while echo data >&9; do sleep 0.01; done 2>/dev/null; echo > cut; sleep 60";

  private static DaemonHost host;

  /** For what has to come: as long as a busy machine may take. */
  private static final int PATIENCE_MILLIS = 10_000;

  /** For what must not come: no pause of the sender is as long, nor is it waited for only once. */
  private static final int LULL_MILLIS = 500;

  private final Path workspace = Sandboxes.freshDirectory();

  @BeforeAll
  static void start() throws Exception {
    host = new DaemonHost();
    rule(NARROW, 1);
    host.start();
  }

  @AfterAll
  static void stop() throws Exception {
    host.close();
  }

  /** An agent of a test that failed keeps no workspace from the next. */
  @AfterEach
  void endAgent() throws IOException {
    Files.writeString(workspace.resolve("done"), "");
  }

  @ParameterizedTest
  @CsvSource({
    "/usr/bin/node, serve.js, daemon",
    "/usr/bin/node, serve.js, alone",
    "/usr/bin/python3, serve.py, daemon",
    "/usr/bin/python3, serve.py, alone",
  })
  void agentWhenItServesItselfThenWorksAndNobodyElseIsServed(
      String program, String script, String how) throws Exception {
    reload(NARROW, 1);
    give(script);
    CompletableFuture<Integer> agent =
        CompletableFuture.supplyAsync(
            () ->
                how.equals("daemon")
                    ? runByDaemon("exec >out 2>&1; exec " + program + " " + script)
                    : runAlone("exec >out 2>&1; exec " + program + " " + script));
    int port = Integer.parseInt(SandboxMain.await(workspace.resolve("port")));

    assertNobodyIsServed(port);
    Path call = Sandboxes.freshDirectory();
    int other =
        new Sandboxes()
            .permit("shell", "listen")
            .workspace(call)
            .run(Sandboxes.ATTEMPT.toString(), "tcp4", "127.0.0.1", Integer.toString(port));
    Files.createFile(workspace.resolve("done"));

    assertThat(agent.get()).isZero();
    assertThat(Verdict.of(other, "another sandbox").stopped()).isTrue();
    assertThat(Files.readString(workspace.resolve("out")))
        .isEqualTo("small 1 10\nlarge 4194304\nchild 0\n");
  }

  /** Both are of one daemon, and so are the maps in which their sockets are remembered. */
  @Test
  void callWhenCallerIsAnotherSandboxOfTheDaemonThenNeitherEndPasses() throws Exception {
    reload(NARROW, 1);
    CompletableFuture<Integer> server =
        CompletableFuture.supplyAsync(
            () -> runByDaemon("exec " + Sandboxes.ATTEMPT + " serve 127.0.0.1 0 port"));
    String port = SandboxMain.await(workspace.resolve("port"));

    int call = host.run(List.of(), Sandboxes.ATTEMPT.toString(), "tcp4", "127.0.0.1", port);
    Files.createFile(workspace.resolve("done"));

    assertThat(Verdict.of(call, "tcp4").stopped()).isTrue();
    assertThat(Verdict.of(server.get(), "serve").stopped()).isTrue();
  }

  @Test
  void reloadWhenHostIsShutOutAgainThenItsOpenConnectionsStarve() throws Exception {
    reload(WIDE, 1);
    give("listen.py");
    CompletableFuture<Integer> agent =
        CompletableFuture.supplyAsync(() -> runByDaemon("exec /usr/bin/python3 listen.py"));
    int port = Integer.parseInt(SandboxMain.await(workspace.resolve("port")));
    try (Socket caller = new Socket("127.0.0.1", port)) {
      caller.setSoTimeout(PATIENCE_MILLIS);
      assertThat(caller.getInputStream().readNBytes(100)).hasSize(100);

      reload(NARROW, 1);

      assertStarves(caller);
      assertNobodyIsServed(port);
    }
    Files.createFile(workspace.resolve("done"));
    assertThat(agent.get()).isZero();
  }

  /**
   * A listener that defers what has not sent anything keeps the call pending, so that it is
   * accepted after the reload, and after the sandbox called itself.
   */
  @Test
  void reloadWhenHostIsShutOutAgainThenItsPendingCallIsNotAccepted() throws Exception {
    reload(WIDE, 1);
    give("defer.py");
    CompletableFuture<Integer> agent =
        CompletableFuture.supplyAsync(() -> runByDaemon("exec /usr/bin/python3 defer.py"));
    int port = Integer.parseInt(SandboxMain.await(workspace.resolve("port")));
    try (Socket caller = new Socket("127.0.0.1", port)) {
      reload(NARROW, 1);
      Files.createFile(workspace.resolve("call"));
      SandboxMain.await(workspace.resolve("called"));

      caller.getOutputStream().write("host".getBytes(StandardCharsets.US_ASCII));
      Files.createFile(workspace.resolve("sent"));

      assertThat(SandboxMain.await(workspace.resolve("served-1"))).isEqualTo("own");
      assertStarves(caller);
    }
    Files.createFile(workspace.resolve("done"));
    assertThat(agent.get()).isZero();
    assertThat(workspace.resolve("served-2")).doesNotExist();
  }

  /** While the host may call, the same call is accepted once it sends. */
  @Test
  void callWhenHostIsLetInAndListenerDefersThenIsAccepted() throws Exception {
    reload(WIDE, 1);
    give("defer.py");
    CompletableFuture<Integer> agent =
        CompletableFuture.supplyAsync(() -> runByDaemon("exec /usr/bin/python3 defer.py"));
    int port = Integer.parseInt(SandboxMain.await(workspace.resolve("port")));
    try (Socket caller = new Socket("127.0.0.1", port)) {
      Files.createFile(workspace.resolve("call"));
      SandboxMain.await(workspace.resolve("called"));

      caller.getOutputStream().write("host".getBytes(StandardCharsets.US_ASCII));
      Files.createFile(workspace.resolve("sent"));

      assertThat(SandboxMain.await(workspace.resolve("served-1"))).isEqualTo("host");
      assertThat(SandboxMain.await(workspace.resolve("served-2"))).isEqualTo("own");
    }
    Files.createFile(workspace.resolve("done"));
    assertThat(agent.get()).isZero();
  }

  /** That both ends are on loopback does not make a flow one of the sandbox with itself. */
  @ParameterizedTest
  @ValueSource(strings = {NARROW, WIDE})
  void reloadWhenGatewayMovedThenTheFlowToTheOldOneStarves(String permit) throws Exception {
    try (ServerSocket gateway = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
      gateway.setSoTimeout(20_000);
      int port = gateway.getLocalPort();
      reload(permit, port);
      Process sandbox =
          host.launch(
              List.of("--workspace", workspace.toString()),
              "/bin/bash",
              "-c",
              "exec 9<>/dev/tcp/127.0.0.1/" + port + "; " + TALK);
      try (Socket flow = gateway.accept()) {
        flow.setSoTimeout(PATIENCE_MILLIS);
        assertThat(flow.getInputStream().readNBytes(100)).hasSize(100);

        reload(permit, 1);

        assertStarves(flow);
      }
      sandbox.destroy();
    }
  }

  /** What was on its way may still arrive; then nothing does, and that lasts. */
  private static void assertStarves(Socket flow) throws IOException {
    byte[] room = new byte[1 << 20];
    flow.setSoTimeout(LULL_MILLIS);
    assertThatThrownBy(
            () -> {
              for (int reads = 0; reads < 1000; reads++) {
                assertThat(flow.getInputStream().read(room)).isPositive();
              }
            })
        .isInstanceOf(SocketTimeoutException.class);
    assertThatThrownBy(() -> flow.getInputStream().read(room))
        .isInstanceOf(SocketTimeoutException.class);
  }

  private static void assertNobodyIsServed(int port) throws IOException {
    try (Socket caller = new Socket()) {
      assertThatThrownBy(() -> caller.connect(new InetSocketAddress("127.0.0.1", port), 300))
          .isInstanceOf(SocketTimeoutException.class);
    }
  }

  private void give(String script) throws IOException {
    Path copy = workspace.resolve(script);
    Files.copy(AGENTS.resolve(script), copy, StandardCopyOption.COPY_ATTRIBUTES);
    for (Path path : List.of(workspace, copy)) {
      Files.setAttribute(path, "unix:uid", Reservation.FIRST_UID + 11);
    }
  }

  private int runByDaemon(String script) {
    try {
      return host.run(List.of("--workspace", workspace.toString()), "/bin/sh", "-c", script);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private int runAlone(String script) {
    try {
      return new Sandboxes()
          .permit("shell", "listen")
          .workspace(workspace)
          .run("/bin/sh", "-c", script);
    } catch (SandboxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void rule(String permit, int gatewayPort) throws IOException {
    host.bundle("http://127.0.0.1:" + gatewayPort, "");
    Files.writeString(
        host.bundle, Files.readString(host.bundle).replace("permit: [shell]", permit));
  }

  private static void reload(String permit, int gatewayPort) throws Exception {
    rule(permit, gatewayPort);
    host.ask().reload();
  }
}
