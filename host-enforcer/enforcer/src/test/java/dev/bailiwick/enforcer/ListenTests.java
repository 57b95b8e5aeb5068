// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bailiwick.audit.AuditRecord.KernelDenial;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A sandbox that may listen is called by itself, and by nobody else of the host. */
class ListenTests {
  private Outside outside;

  @BeforeEach
  void arrangeTheWorld() throws Exception {
    outside = new Outside();
  }

  @AfterEach
  void leaveTheWorld() throws Exception {
    outside.vanish();
  }

  /** Twice each: the second time, what is left of the first connection is in the way. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "converse 127.0.0.1 127.0.0.1",
        "converse 127.0.0.2 127.0.0.2",
        "converse ::1 ::1",
        "converse 127.0.0.1 ::ffff:127.0.0.1",
        "converse ::ffff:127.0.0.1 127.0.0.1",
        "converse-autobound 127.0.0.1",
      })
  void callWhenItIsTheSandboxItselfThenGetsThrough(String attempt) throws Exception {
    Verdict narrow = attempt(sandbox("listen"), attempt);
    Verdict wide = attempt(sandbox("listen-to-host"), attempt);
    Verdict without = attempt(sandbox("shell"), attempt);

    assertThat(narrow.gotOut()).as(narrow.detail()).isTrue();
    assertThat(wide.gotOut()).as(wide.detail()).isTrue();
    assertThat(without.stopped()).as(without.detail()).isTrue();
  }

  @Test
  void callWhenCallerIsOutsideThenIsDroppedAndRecorded() throws Exception {
    Sandboxes sandbox = sandbox("listen");
    Path port = Sandboxes.freshDirectory().resolve("port");
    CompletableFuture<Verdict> server = serve(sandbox, port);
    int number = Integer.parseInt(SandboxMain.await(port));
    int caller;

    try (Socket client = new Socket()) {
      client.bind(new InetSocketAddress("127.0.0.1", 0));
      caller = client.getLocalPort();
      assertThatThrownBy(() -> client.connect(new InetSocketAddress("127.0.0.1", number), 300))
          .isInstanceOf(SocketTimeoutException.class);
    }
    end(port);

    assertThat(server.get().stopped()).as(server.get().detail()).isTrue();
    assertThat(sandbox.log.records(KernelDenial.class))
        .isNotEmpty()
        .allSatisfy(
            denial -> {
              assertThat(denial.layer()).isEqualTo("cgroup-bpf");
              assertThat(denial.hook()).isEqualTo("ingress");
              assertThat(denial.destination()).isEqualTo("tcp 127.0.0.1:" + caller);
            });
  }

  @Test
  void callWhenCallerIsAnotherSandboxThenNeitherEndPasses() throws Exception {
    Path port = Sandboxes.freshDirectory().resolve("port");
    CompletableFuture<Verdict> server = serve(sandbox("listen"), port);
    Sandboxes other = sandbox("listen");

    Verdict call = attempt(other, "tcp4 127.0.0.1 " + SandboxMain.await(port));
    end(port);

    assertThat(call.stopped()).as(call.detail()).isTrue();
    assertThat(server.get().stopped()).as(server.get().detail()).isTrue();
    assertThat(other.log.records(KernelDenial.class))
        .singleElement()
        .satisfies(denial -> assertThat(denial.hook()).isEqualTo("connect4"));
  }

  /** Two that call each other need no listener, and one of them is outside. */
  @Test
  void callWhenBothCallEachOtherThenTheyDoNotMeet() throws Exception {
    String here = Outside.freePort();
    String there = Outside.freePort();
    Process caller = outside.observe("call-from", "127.0.0.1", here, there);
    Sandboxes sandbox = sandbox("listen");

    Verdict verdict = attempt(sandbox, "meet 127.0.0.1 " + here + " " + there);

    assertThat(verdict.stopped()).as(verdict.detail()).isTrue();
    assertThat(caller.isAlive()).isTrue();
    assertThat(sandbox.log.records(KernelDenial.class).stream().map(KernelDenial::hook))
        .contains("ingress", "egress");
  }

  @Test
  void callWhenHostIsLetInThenLoopbackCanConnect() throws Exception {
    Path port = Sandboxes.freshDirectory().resolve("port");
    CompletableFuture<Verdict> server = serve(sandbox("listen-to-host"), port);

    String said;
    try (Socket client = new Socket("127.0.0.1", Integer.parseInt(SandboxMain.await(port)))) {
      said = new String(client.getInputStream().readAllBytes());
    }

    assertThat(server.get().gotOut()).as(server.get().detail()).isTrue();
    assertThat(said).isEqualTo("out");
  }

  /** A UDP client hears its destinations, not whoever knows its port. */
  @Test
  void sendWhenSenderIsOutsideThenIsDroppedAndRecorded() throws Exception {
    Sandboxes sandbox = sandbox("udp");
    Path port = Sandboxes.freshDirectory().resolve("port");
    CompletableFuture<Verdict> receiver = run(sandbox, port, "receive", "port");
    int number = Integer.parseInt(SandboxMain.await(port));
    int sender;

    try (DatagramSocket socket =
        new DatagramSocket(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0))) {
      sender = socket.getLocalPort();
      socket.send(new DatagramPacket(new byte[3], 3, new InetSocketAddress("127.0.0.1", number)));
    }
    end(port);

    assertThat(receiver.get().stopped()).as(receiver.get().detail()).isTrue();
    assertThat(sandbox.log.records(KernelDenial.class))
        .singleElement()
        .satisfies(
            denial -> {
              assertThat(denial.hook()).isEqualTo("ingress");
              assertThat(denial.destination()).isEqualTo("udp 127.0.0.1:" + sender);
            });
  }

  @Test
  void serveWhenListeningIsNotPermittedThenItIsStopped() throws Exception {
    Path port = Sandboxes.freshDirectory().resolve("port");

    Verdict verdict = serve(sandbox("shell"), port).get();

    assertThat(verdict.stopped()).as(verdict.detail()).isTrue();
    assertThat(port).doesNotExist();
  }

  private Sandboxes sandbox(String permit) {
    return new Sandboxes()
        .permit(permit)
        .reach("gateway")
        .gateway("http://" + outside.gateway.endpoint());
  }

  private static Verdict attempt(Sandboxes sandbox, String attempt) throws Exception {
    String[] words = attempt.split(" ", -1);
    return sandbox.attempt(words[0], Arrays.copyOfRange(words, 1, words.length));
  }

  private static CompletableFuture<Verdict> serve(Sandboxes sandbox, Path port) {
    return run(sandbox, port, "serve", "127.0.0.1", "0", "port");
  }

  /** Tells whoever wrote the port that nobody else will come. */
  private static void end(Path port) throws IOException {
    Files.createFile(port.resolveSibling("done"));
  }

  private static CompletableFuture<Verdict> run(Sandboxes sandbox, Path port, String... attempt) {
    List<String> command = new ArrayList<>(List.of(Sandboxes.ATTEMPT.toString()));
    command.addAll(List.of(attempt));
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return Verdict.of(
                sandbox.workspace(port.getParent()).run(command.toArray(String[]::new)),
                attempt[0]);
          } catch (SandboxException e) {
            throw new IllegalStateException(e);
          }
        });
  }
}
