// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.enforcer.kernel.Endpoint;
import dev.bailiwick.enforcer.kernel.KernelPart;
import dev.bailiwick.enforcer.kernel.NetworkFilter;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ways out for which a real wire is not the same as loopback. The observer is in another network
 * namespace and looks at the wire itself: no packet may come, whatever an attempt says of itself,
 * and of each attempt without walls one must.
 */
class FarHostTests {
  private static FarHost far;
  private static Canary gateway;

  @BeforeAll
  static void arrange() throws Exception {
    far = new FarHost();
    gateway = Canary.at("127.0.0.1");
  }

  @AfterAll
  static void leave() throws Exception {
    gateway.close();
    far.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tcp4 FAR",
        "tcp6 FAR_V6",
        "tcp-mapped FAR",
        "reconnect GATEWAY FAR",
        "mptcp FAR",
        "fast-open FAR",
        "fast-open-option FAR",
        "io-uring-connect FAR",
        "udp-sendto FAR",
        "udp-sendto6 FAR_V6",
        "udp-mapped FAR",
        "udp-v4-on-v6 FAR",
        "udp-unspec FAR",
        "udp-sendmsg FAR",
        "udp-sendmmsg FAR",
        "udp-connected FAR",
        "udp-lite FAR",
        "detour GATEWAY FAR",
        "extension-header FAR_V6",
        "echo-request FAR",
      })
  void attemptWhenOnlyTheGatewayIsAllowedThenNoPacketIsOnTheWire(String attempt) throws Exception {
    String[] kept = resolve(attempt, FarHost.KEPT, FarHost.KEPT_V6);
    String[] harmed = resolve(attempt, FarHost.HARMED, FarHost.HARMED_V6);

    Verdict confined =
        new Sandboxes()
            .reach("gateway")
            .gateway("http://" + gateway.endpoint())
            .attempt(kept[0], rest(kept));
    int seen = far.seen();
    Verdict free = Sandboxes.attemptOutside(harmed[0], rest(harmed));
    int harm = far.harm();

    assertThat(confined.gotOut()).as(confined.detail()).isFalse();
    assertThat(seen).as("packets from the sandbox").isZero();
    assertThat(free.gotOut()).as(free.detail()).isTrue();
    assertThat(harm).as("packets without a sandbox").isPositive();
  }

  /** Made by hand on a socket from before the rule, to where the sandbox may go. */
  @ParameterizedTest
  @ValueSource(
      strings = {"first-fragment", "later-fragment", "other-protocol", "short-packet", "icmp"})
  void packetWhenItIsNotOneWholeDatagramThenItIsNotOnTheWire(String packet) throws Exception {
    int whole = byHand("hand-made", FarHost.HARMED, true);
    int wholeSeen = far.harm();
    int odd = byHand(packet, FarHost.KEPT, true);
    int oddSeen = far.seen();
    int free = byHand(packet, FarHost.HARMED, false);
    int freeSeen = far.harm();

    assertThat(whole).isEqualTo(10);
    assertThat(wholeSeen).isEqualTo(1);
    assertThat(odd).isEqualTo(11);
    assertThat(oddSeen).isZero();
    assertThat(free).isEqualTo(10);
    assertThat(freeSeen).isEqualTo(1);
  }

  @Test
  void runWhenTheFarHostIsTheGatewayThenItIsReachedOverTheWire() throws Exception {
    Sandboxes sandbox =
        new Sandboxes().reach("gateway").gateway("http://" + FarHost.HARMED + ":" + FarHost.PORT);

    Verdict reached = sandbox.attempt("tcp4", FarHost.HARMED, Integer.toString(FarHost.PORT));
    int harm = far.harm();
    Verdict beside = sandbox.attempt("tcp4", FarHost.KEPT, Integer.toString(FarHost.PORT));

    assertThat(reached.gotOut()).as(reached.detail()).isTrue();
    assertThat(harm).isPositive();
    assertThat(beside.stopped()).as(beside.detail()).isTrue();
    assertThat(far.seen()).isZero();
  }

  private static String[] resolve(String attempt, String far, String farV6) {
    return attempt
        .replace("GATEWAY", gateway.address() + " " + gateway.port())
        .replace("FAR_V6", farV6 + " " + FarHost.PORT)
        .replace("FAR", far + " " + FarHost.PORT)
        .split(" ", -1);
  }

  private static String[] rest(String[] words) {
    return Arrays.copyOfRange(words, 1, words.length);
  }

  /** The attempt's exit status: root, behind the network rule alone, or behind nothing. */
  private static int byHand(String attempt, String address, boolean confined) throws Exception {
    KernelPart part = KernelPart.open(Sandboxes.PATHS.natives());
    Path cgroup =
        CgroupTree.find(Sandboxes.PATHS.name()).orElseThrow().root().resolve("far-" + attempt);
    Path pins = Path.of("/sys/fs/bpf/bailiwick-test-far");
    Path directory = Sandboxes.freshDirectory();
    Files.createDirectories(cgroup);
    Files.createDirectories(pins);
    try (NetworkFilter filter = NetworkFilter.load(part, 2)) {
      filter.allow(
          1, new Endpoint(Endpoint.Protocol.UDP, InetAddress.getByName(address), 32, FarHost.PORT));
      Process process =
          new ProcessBuilder(
                  "bash",
                  "-c",
                  "echo $$ > %s/cgroup.procs; exec %s %s %s %d"
                      .formatted(cgroup, Sandboxes.ATTEMPT, attempt, address, FarHost.PORT))
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      DaemonHost.await("its socket is open", () -> Files.exists(directory.resolve("ready")));
      if (confined) {
        filter.attach(cgroup, pins);
        filter.admit(NetworkFilter.idOf(cgroup), new NetworkFilter.Entry(1, 7, Set.of()));
      }
      Files.createFile(directory.resolve("go"));
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
      return process.exitValue();
    } finally {
      remove(pins, cgroup);
    }
  }

  private static void remove(Path pins, Path cgroup) throws IOException {
    Workspace.removeTree(pins);
    Files.delete(cgroup);
  }
}
