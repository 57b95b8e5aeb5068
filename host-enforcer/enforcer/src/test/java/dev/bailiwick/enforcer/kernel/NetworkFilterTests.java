// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bailiwick.enforcer.AttemptSuite;
import dev.bailiwick.enforcer.Canary;
import dev.bailiwick.enforcer.kernel.Endpoint.Protocol;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The network rule by itself, on processes of root that nothing else confines: what it stops, it
 * stops alone.
 */
class NetworkFilterTests {
  private static final int GOT_OUT = 10;
  private static final int STOPPED = 11;
  private static final String ATTEMPT =
      Path.of("target/attempts/attempt").toAbsolutePath().toString();

  private static final int POLICY = 1;
  private static final int AGENT = 7;

  private final List<KernelEvent> events = new ArrayList<>();
  private Path cgroup;
  private Path pins;
  private KernelPart part;
  private NetworkFilter filter;
  private Canary canary;
  private Path directory;

  @BeforeEach
  void load() throws Exception {
    part = KernelPart.open(Path.of("/var/lib/bailiwick-test/native"));
    directory = Files.createTempDirectory("bailiwick-test");
    Path parent = Path.of(cgroupMount()).resolve("bailiwick-test");
    Files.createDirectories(parent);
    cgroup = Files.createDirectory(parent.resolve("test-" + ProcessHandle.current().pid()));
    if (!Files.getFileStore(Path.of("/sys/fs/bpf")).type().equals("bpf")) {
      part.mountBpf(Path.of("/sys/fs/bpf"));
    }
    pins = Files.createDirectory(Path.of("/sys/fs/bpf/bailiwick-test-" + cgroup.getFileName()));
    filter = NetworkFilter.load(part, 2);
    canary = Canary.at("127.0.0.1");
  }

  @AfterEach
  void unload() throws Exception {
    canary.close();
    filter.close();
    try (var links = Files.newDirectoryStream(pins)) {
      for (Path link : links) {
        Files.delete(link);
      }
    }
    Files.delete(pins);
    Files.delete(cgroup);
  }

  static Stream<AttemptSuite.Line> attemptWhenOnlyTheGatewayIsAllowedThenIsStopped()
      throws Exception {
    return AttemptSuite.stoppedBy("cgroup").filter(line -> !line.unproven());
  }

  @ParameterizedTest
  @MethodSource
  void attemptWhenOnlyTheGatewayIsAllowedThenIsStopped(AttemptSuite.Line line) throws Exception {
    try (Canary gateway = Canary.at("127.0.0.1");
        Canary v6 = Canary.at("::1")) {
      filter.allow(
          POLICY,
          new Endpoint(
              Protocol.TCP,
              InetAddress.getByName(gateway.address()),
              32,
              Integer.parseInt(gateway.port())));
      filter.attach(cgroup, pins);
      admit();

      int verdict =
          attempt(
              line.attempt()
                  .replace("GATEWAY", gateway.address() + " " + gateway.port())
                  .replaceAll("OTHER_(PORT|ADDRESS)|CALLED", "ADDRESS")
                  .replace("V6", "::1 " + v6.port()));

      assertThat(verdict).isEqualTo(STOPPED);
      assertThat(canary.sawNobody()).isTrue();
      assertThat(v6.sawNobody()).isTrue();
    }
  }

  /**
   * Through a socket from before the rule: what is not one whole TCP or UDP packet to where the
   * sandbox may go does not leave, and is not taken for anything else.
   */
  @ParameterizedTest
  @ValueSource(strings = {"first-fragment", "later-fragment", "other-protocol", "short-packet"})
  void packetWhenNotUnderstoodThenIsDroppedEvenToWhereItMayGo(String packet) throws Exception {
    int whole = attemptAcrossAttach("hand-made ADDRESS");
    filter.poll(0, events::add);
    List<KernelEvent> ofWhole = List.copyOf(events);
    int odd = attemptAcrossAttach(packet + " ADDRESS");
    filter.poll(0, events::add);

    assertThat(whole).isEqualTo(GOT_OUT);
    assertThat(ofWhole).isEmpty();
    assertThat(odd).isEqualTo(STOPPED);
    assertThat(events)
        .isNotEmpty()
        .allSatisfy(event -> assertThat(event.hook()).isEqualTo(KernelEvent.Hook.EGRESS));
  }

  /** The rule does not know these: seccomp and the missing privilege do. */
  @ParameterizedTest
  @ValueSource(strings = {"netlink", "packet", "vsock", "autobind"})
  void attemptWhenAnotherLayersBusinessThenIsNotStopped(String attempt) throws Exception {
    filter.attach(cgroup, pins);
    admit();

    assertThat(attempt(attempt)).isEqualTo(GOT_OUT);
  }

  @Test
  void attachWhenCgroupIsNotAdmittedThenNothingIsReached() throws Exception {
    filter.allow(POLICY, here(32));
    filter.attach(cgroup, pins);

    int verdict = attempt("tcp4 ADDRESS");

    assertThat(verdict).isEqualTo(STOPPED);
    assertThat(canary.sawNobody()).isTrue();
    filter.poll(0, events::add);
    assertThat(events).isNotEmpty();
  }

  @Test
  void allowWhenExactThenOnlyThatIsReached() throws Exception {
    filter.allow(POLICY, here(32));
    filter.attach(cgroup, pins);
    admit();

    assertThat(attempt("tcp4 ADDRESS")).isEqualTo(GOT_OUT);
    assertThat(attempt("tcp-mapped ADDRESS")).isEqualTo(GOT_OUT);
    assertThat(attempt("udp-sendto ADDRESS")).isEqualTo(STOPPED);
    assertThat(attempt("tcp4 127.0.0.2 " + canary.port())).isEqualTo(STOPPED);
  }

  @Test
  void allowWhenRangeThenOnlyItsAddressesAreReached() throws Exception {
    filter.allow(
        POLICY, new Endpoint(Protocol.TCP, InetAddress.getByName("127.0.0.0"), 31, port()));
    filter.attach(cgroup, pins);
    admit();

    assertThat(attempt("tcp4 ADDRESS")).isEqualTo(GOT_OUT);
    assertThat(attempt("udp-sendto ADDRESS")).isEqualTo(STOPPED);
    assertThat(attempt("tcp4 127.0.0.2 " + canary.port())).isEqualTo(STOPPED);
  }

  /** The first hop of such a packet need not be the address that it was allowed for. */
  @Test
  void attemptWhenPacketCarriesOptionsThenIsDroppedEvenToWhereItMayGo() throws Exception {
    // Elsewhere: what still comes to a connection that was made here would be denied and recorded.
    int free = ended(started(command("ip-options ADDRESS")));
    filter.allow(POLICY, here(32));
    filter.attach(cgroup, pins);
    admit();

    int verdict = attempt("ip-options ADDRESS");

    filter.poll(0, events::add);
    assertThat(free).isEqualTo(GOT_OUT);
    assertThat(verdict).isEqualTo(STOPPED);
    assertThat(events)
        .isNotEmpty()
        .allSatisfy(event -> assertThat(event.hook()).isEqualTo(KernelEvent.Hook.EGRESS));
  }

  @Test
  void attemptWhenPacketHasExtensionHeaderThenIsDroppedEvenToWhereItMayGo() throws Exception {
    try (Canary v6 = Canary.at("::1")) {
      String attempt = "extension-header ::1 " + v6.port();
      filter.allow(
          POLICY,
          new Endpoint(
              Protocol.UDP, InetAddress.getByName("::1"), 128, Integer.parseInt(v6.port())));
      filter.attach(cgroup, pins);
      admit();

      int plain = attempt("udp-sendto6 ::1 " + v6.port());
      filter.poll(0, events::add);
      boolean plainWasDenied = !events.isEmpty();
      int verdict = attempt(attempt);
      filter.poll(0, events::add);

      assertThat(plain).isEqualTo(GOT_OUT);
      assertThat(plainWasDenied).isFalse();
      assertThat(verdict).isEqualTo(STOPPED);
      assertThat(events)
          .singleElement()
          .satisfies(event -> assertThat(event.hook()).isEqualTo(KernelEvent.Hook.EGRESS));
    }
  }

  /** What was connected before is not trusted either: packets are looked at one by one. */
  @Test
  void attachWhenFlowIsEstablishedThenItsPacketsAreDropped() throws Exception {
    Process process =
        inCgroup(
            "exec 9<>/dev/tcp/127.0.0.1/"
                + canary.port()
                + "; echo > ready; until test -e go; do sleep 0.01; done; echo data >&9;"
                + " echo > sent; sleep 0.3");
    await("ready");

    filter.attach(cgroup, pins);
    Files.createFile(directory.resolve("go"));
    await("sent");
    process.waitFor();

    filter.poll(0, events::add);
    assertThat(canary.connections()).isEqualTo(1);
    assertThat(canary.bytes()).isZero();
    assertThat(events)
        .anySatisfy(
            event -> {
              assertThat(event.hook()).isEqualTo(KernelEvent.Hook.EGRESS);
              assertThat(event.pid()).isZero();
            });
  }

  /** listen() without bind() passes the bind hooks, and still nobody gets in. */
  @Test
  void attachWhenListeningUnaskedThenNobodyGetsIn() throws Exception {
    filter.attach(cgroup, pins);
    admit();
    Process server = inCgroup("exec " + ATTEMPT + " serve-autobound port");
    int port = Integer.parseInt(await("port"));

    assertThatThrownBy(() -> new Socket().connect(new InetSocketAddress("127.0.0.1", port), 300))
        .isInstanceOf(SocketTimeoutException.class);
    Files.createFile(directory.resolve("done")); // nobody else will call

    assertThat(server.waitFor()).isEqualTo(STOPPED);
    filter.poll(0, events::add);
    assertThat(events)
        .anySatisfy(event -> assertThat(event.hook()).isEqualTo(KernelEvent.Hook.INGRESS));
  }

  @Test
  void closeWhenPinnedThenRuleStaysInForce() throws Exception {
    filter.attach(cgroup, pins);
    filter.close();

    int verdict = attempt("tcp4 ADDRESS");

    assertThat(verdict).isEqualTo(STOPPED);
    assertThat(canary.sawNobody()).isTrue();
  }

  @Test
  void pollWhenFloodedThenEveryDenialIsToldOrCounted() throws Exception {
    filter.attach(cgroup, pins);
    admit();
    int denials = 10_000;

    int verdict = attempt("flood ADDRESS " + denials);
    while (filter.poll(0, events::add) > 0) {
      // until the ring is empty
    }

    assertThat(verdict).isEqualTo(STOPPED);
    long lost = filter.lost(NetworkFilter.idOf(cgroup));
    assertThat(lost).isPositive();
    assertThat(events.size() + lost).isEqualTo(denials);
  }

  /** A flood is one denial many times; what is said between is told. */
  @Test
  void pollWhenOneDenialHidesInAFloodThenItIsTold() throws Exception {
    filter.attach(cgroup, pins);
    admit();

    inCgroup(
            "%1$s flood ADDRESS 3000; %1$s tcp4 192.0.2.9 443; exec %1$s flood ADDRESS 3000"
                .formatted(ATTEMPT)
                .replace("ADDRESS", canary.address() + " " + canary.port()))
        .waitFor();
    while (filter.poll(0, events::add) > 0) {
      // until the ring is empty
    }

    assertThat(events).anyMatch(event -> event.destination().equals("tcp 192.0.2.9:443"));
    assertThat(events.size() + filter.lost(NetworkFilter.idOf(cgroup))).isEqualTo(6001);
  }

  @Test
  void attachWhenCgroupIsMissingThenFailsWithTheStep() {
    assertThatThrownBy(() -> filter.attach(cgroup.resolve("absent"), pins))
        .isInstanceOf(IOException.class)
        .hasMessage("opening the cgroup: No such file or directory");
  }

  private void admit() throws IOException {
    filter.admit(NetworkFilter.idOf(cgroup), new NetworkFilter.Entry(POLICY, AGENT, Set.of()));
  }

  private Endpoint here(int prefix) throws IOException {
    return new Endpoint(Protocol.TCP, InetAddress.getByName(canary.address()), prefix, port());
  }

  private int port() {
    return Integer.parseInt(canary.port());
  }

  private int attempt(String attempt) throws Exception {
    return ended(inCgroup(command(attempt)));
  }

  private String command(String attempt) {
    return "exec "
        + ATTEMPT
        + " "
        + attempt.replace("ADDRESS", canary.address() + " " + canary.port());
  }

  private static int ended(Process process) throws InterruptedException {
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  /** The attempt opens its socket before the rule is in force and uses it after. */
  private int attemptAcrossAttach(String attempt) throws Exception {
    Files.deleteIfExists(directory.resolve("ready"));
    Files.deleteIfExists(directory.resolve("go"));
    try (var links = Files.newDirectoryStream(pins)) {
      for (Path link : links) {
        Files.delete(link);
      }
    }
    filter.close();
    filter = NetworkFilter.load(part, 2);
    filter.allow(
        POLICY, new Endpoint(Protocol.UDP, InetAddress.getByName(canary.address()), 32, port()));
    Process process = inCgroup(command(attempt));
    while (!Files.exists(directory.resolve("ready"))) {
      assertThat(process.isAlive()).isTrue();
      Thread.sleep(5);
    }
    filter.attach(cgroup, pins);
    admit();
    Files.createFile(directory.resolve("go"));
    return ended(process);
  }

  private Process inCgroup(String script) throws IOException {
    return started("echo $$ > " + cgroup + "/cgroup.procs; " + script);
  }

  private Process started(String script) throws IOException {
    return new ProcessBuilder("bash", "-c", script)
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private String await(String name) throws Exception {
    Path file = directory.resolve(name);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!Files.exists(file) || !Files.readString(file).endsWith("\n")) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(5);
    }
    return Files.readString(file).strip();
  }

  private static String cgroupMount() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .filter(line -> line.contains(" - cgroup2 "))
        .map(line -> line.split(" ", -1)[4])
        .findFirst()
        .orElseThrow();
  }
}
