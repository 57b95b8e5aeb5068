// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.enforcer.kernel.KernelPart;
import dev.bailiwick.enforcer.kernel.NetworkFilter;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
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
import tools.jackson.databind.JsonNode;

/**
 * Sudden deaths and full stores. A canary outside decides whether something got out meanwhile;
 * every test ends with a daemon that has nothing left over.
 */
class DaemonFaultTests {
  private final Path workspace = Sandboxes.freshDirectory();
  private DaemonHost host;
  private Canary gateway;
  private Canary elsewhere;

  @BeforeEach
  void start() throws Exception {
    gateway = Canary.at("127.0.0.1");
    elsewhere = Canary.at("127.0.0.1");
    host = new DaemonHost().bundle("http://" + gateway.endpoint(), "").start();
  }

  @AfterEach
  void stop() throws Exception {
    host.close();
    gateway.close();
    elsewhere.close();
  }

  @Test
  void killWhenIdleThenSandboxStaysConfinedAndTheNextDaemonTakesItUp() throws Exception {
    Process sandbox = runUntilTold("task-idle");

    host.kill();
    String denied = tell("go", elsewhere);
    String reached = tell("on", gateway);
    host.start();
    JsonNode taken = host.status().path("sandboxes").path(0);
    DaemonHost.await(
        "what was denied meanwhile is recorded",
        () -> told("kernel-denial", "tcp " + elsewhere.endpoint()) == 1);
    Files.createFile(workspace.resolve("end"));
    sandbox.waitFor();
    DaemonHost.await("its end is recorded", () -> told("sandbox-ended", "task-idle") == 1);

    assertThat(denied).isEqualTo("11");
    assertThat(reached).isEqualTo("10");
    assertThat(elsewhere.sawNobody()).isTrue();
    assertThat(taken.path("task").asString()).isEqualTo("task-idle");
    assertThat(sandbox.exitValue()).isEqualTo(3);
    assertNothingIsLeft();
  }

  @Test
  void stopWhenSandboxRunsThenEnforcementStays() throws Exception {
    Process sandbox = runUntilTold("task-stop");

    host.stop();
    String denied = tell("go", elsewhere);
    host.start();
    String later = tell("on", elsewhere);
    Files.createFile(workspace.resolve("end"));

    assertThat(denied + later).isEqualTo("1111");
    assertThat(sandbox.waitFor()).isEqualTo(3);
    assertThat(elsewhere.sawNobody()).isTrue();
    assertNothingIsLeft();
  }

  @Test
  void killWhenLaunchingThenNobodyGetsOutAndNothingIsLeft() throws Exception {
    List<Process> launches = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      launches.add(
          host.launch(
              List.of("--task", "task-launch"),
              Sandboxes.ATTEMPT.toString(),
              "tcp4",
              elsewhere.address(),
              elsewhere.port()));
      if (i == 12) {
        host.kill();
      }
    }
    List<Integer> ends = new ArrayList<>();
    for (Process launch : launches) {
      assertThat(launch.waitFor(20, TimeUnit.SECONDS)).isTrue();
      ends.add(launch.exitValue());
    }
    host.start();

    assertThat(ends)
        .allMatch(
            end ->
                end == 11 // ran, was denied
                    || end == SandboxLauncher.NOT_CONFINED
                    || end == DaemonHost.FELL_BACK);
    assertThat(ends).contains(DaemonHost.FELL_BACK);
    assertThat(elsewhere.sawNobody()).isTrue();
    assertNothingIsLeft();
  }

  /** The record of a start is on its way before the walls stand, so the trail says how it ended. */
  @Test
  void launchWhenAWallDoesNotStandThenItsStartAndItsEndAreRecorded() throws Exception {
    Path read = Files.createDirectory(Sandboxes.freshDirectory().resolve("read"));
    host.stop();
    host.bundle(2, "http://" + gateway.endpoint(), "", read.toString());
    host.allow(1234567).start();
    List<String> line = DaemonHost.as(1234567, host.line(List.of("--task", "task-wall"), "true"));
    int before = host.prepare(line).start().waitFor();

    Files.delete(read);
    int after = host.prepare(line).start().waitFor();

    assertThat(before).isZero();
    assertThat(after).isEqualTo(SandboxLauncher.NOT_CONFINED);
    DaemonHost.await("both ends are recorded", () -> told("sandbox-ended", "task-wall") == 2);
    assertThat(told("sandbox-started", "task-wall")).isEqualTo(2);
    assertThat(host.records("sandbox-ended").toString()).contains("125");
    assertNothingIsLeft();
  }

  @Test
  void killWhenReloadingThenRuleIsOneOfTheTwo() throws Exception {
    Process sandbox = runUntilTold("task-reload");
    Thread reloads =
        new Thread(
            () -> {
              try {
                for (int i = 2; ; i++) {
                  host.bundle(i, "http://" + gateway.endpoint(), "", "/usr/bin");
                  host.ask().reload();
                }
              } catch (Exception e) {
                // The daemon is dead.
              }
            });
    reloads.start();
    DaemonHost.await(
        "reloads go on", () -> !host.status().path("policy").asString().endsWith("@1"));
    host.kill();
    reloads.join();
    String denied = tell("go", elsewhere);
    String reached = tell("on", gateway);
    host.bundle(1, "http://" + gateway.endpoint(), "", "/usr/bin");
    host.start();
    int destinations = host.status().path("counters").path("destinations").asInt();
    Files.createFile(workspace.resolve("end"));
    sandbox.waitFor();

    assertThat(denied).isEqualTo("11");
    assertThat(reached).isEqualTo("10");
    assertThat(elsewhere.sawNobody()).isTrue();
    assertThat(destinations).as("half a reload leaves nothing").isEqualTo(1);
    assertNothingIsLeft();
  }

  @Test
  void unpinWhenDaemonLivesThenItHoldsOnAndPinsAgain() throws Exception {
    Path pins = DaemonHost.PATHS.ofDaemon().pins();
    List<Path> links;
    try (Stream<Path> files = Files.list(pins)) {
      links = files.filter(file -> !Files.isDirectory(file)).toList();
    }
    Process sandbox = runUntilTold("task-unpin");

    for (Path link : links) {
      Files.delete(link);
    }
    String denied = tell("go", elsewhere);
    DaemonHost.await("links are pinned again", () -> links.stream().allMatch(Files::exists));
    host.kill();
    String later = tell("on", elsewhere);
    Files.createFile(workspace.resolve("end"));
    sandbox.waitFor();

    assertThat(links).hasSize(9);
    assertThat(denied + later).isEqualTo("1111");
    assertThat(elsewhere.sawNobody()).isTrue();
    host.start();
    assertNothingIsLeft();
  }

  /** Maps are what the next daemon takes up: what was told meanwhile is in one of them. */
  @Test
  void unpinWhenMapsAreGoneThenTheyArePinnedAgainAndOutliveTheDaemon() throws Exception {
    Path pins = DaemonHost.PATHS.ofDaemon().pins();
    List<Path> all;
    try (Stream<Path> files = Files.walk(pins)) {
      all = files.filter(file -> !Files.isDirectory(file)).toList();
    }
    Process sandbox = runUntilTold("task-maps");

    Workspace.removeTree(pins);
    DaemonHost.await("all is pinned again", () -> all.stream().allMatch(Files::exists));
    int made = host.status().path("counters").path("pinsMadeAgain").asInt();
    host.kill();
    String denied = tell("go", elsewhere);
    host.start();
    String reached = tell("on", gateway);
    DaemonHost.await(
        "what was denied meanwhile is recorded",
        () -> told("kernel-denial", "tcp " + elsewhere.endpoint()) == 1);
    Files.createFile(workspace.resolve("end"));

    assertThat(all).hasSizeGreaterThan(9);
    assertThat(made).isEqualTo(all.size());
    assertThat(denied).isEqualTo("11");
    assertThat(reached).isEqualTo("10");
    assertThat(sandbox.waitFor()).isEqualTo(3);
    assertThat(elsewhere.sawNobody()).isTrue();
    assertNothingIsLeft();
  }

  @Test
  void unpinWhenAPinCannotBeMadeAgainThenStatusSaysSoUntilItCan() throws Exception {
    Path link = DaemonHost.PATHS.ofDaemon().pins().resolve("handle_connect4");
    Files.delete(link);
    Files.createDirectory(link);
    DaemonHost.await(
        "it is noticed",
        () ->
            host.status()
                .path("problem")
                .asString("")
                .contains("pinning handle_connect4 again: Is a directory"));
    boolean healthy = host.status().path("healthy").asBoolean(true);

    Files.delete(link);

    DaemonHost.await("it is made", () -> host.status().path("healthy").asBoolean(false));
    assertThat(healthy).isFalse();
    assertThat(link).isRegularFile();
  }

  @Test
  void killWhenTheLauncherDiesTooThenTheNextDaemonEndsWhatIsLeft() throws Exception {
    Process sandbox = runUntilTold("task-orphans");
    List<ProcessHandle> orphans = orphans();
    host.kill();
    sandbox.destroyForcibly().waitFor();
    boolean outlived = orphans.stream().anyMatch(ProcessHandle::isAlive);

    host.start();

    assertThat(outlived).as("it is the next daemon that ends it").isTrue();
    DaemonHost.await("it has ended", () -> orphans.stream().noneMatch(ProcessHandle::isAlive));
    DaemonHost.await("its end is recorded", () -> told("sandbox-ended", "task-orphans") == 1);
    assertThat(host.records("sandbox-ended").get(0).path("exit_code").asInt()).isEqualTo(128 + 9);
    assertNothingIsLeft();
  }

  @Test
  void killWhenTheLauncherDiesAfterARestartThenItsSandboxEnds() throws Exception {
    Process sandbox = runUntilTold("task-orphans");
    List<ProcessHandle> orphans = orphans();
    host.kill();
    host.start();
    int taken = host.status().path("sandboxes").size();

    sandbox.destroyForcibly().waitFor();

    DaemonHost.await("it has ended", () -> orphans.stream().noneMatch(ProcessHandle::isAlive));
    assertThat(taken).isEqualTo(1);
    assertNothingIsLeft();
  }

  @Test
  void killWhenNothingIsKnownAboutASandboxThenTheNextDaemonEndsIt() throws Exception {
    Process sandbox = runUntilTold("task-stray");
    host.kill();
    try (Stream<Path> identities = Files.list(DaemonHost.PATHS.ofDaemon().sandboxes())) {
      for (Path identity : identities.toList()) {
        Files.delete(identity);
      }
    }
    Path stray =
        DaemonHost.PATHS
            .ofDaemon()
            .workspaces()
            .resolve(Integer.toString(Reservation.FIRST_DAEMON_UID + 60_000));
    Files.createDirectories(stray);
    Files.createFile(stray.resolve("file"));

    host.start();

    assertThat(sandbox.waitFor()).isEqualTo(128 + 9);
    DaemonHost.await("what it left is removed", () -> Files.notExists(stray));
    assertThat(elsewhere.sawNobody()).isTrue();
    assertNothingIsLeft();
  }

  @Test
  void killWhenWritingDownASandboxThenTheNextDaemonForgetsWhatIsHalfWritten() throws Exception {
    Process sandbox = runUntilTold("task-half");
    host.kill();
    try (Stream<Path> identities = Files.list(DaemonHost.PATHS.ofDaemon().sandboxes())) {
      Path identity = identities.findFirst().orElseThrow();
      Files.copy(identity, identity.resolveSibling(identity.getFileName() + ".new"));
    }

    host.start();
    int taken = host.status().path("sandboxes").size();
    Files.createFile(workspace.resolve("end"));

    assertThat(sandbox.waitFor()).isEqualTo(3);
    assertThat(taken).isEqualTo(1);
    assertNothingIsLeft();
  }

  /** Its cgroup is still empty then: there is nobody to be killed. */
  @Test
  void revokeWhenALaunchHasNoProcessYetThenItsCommandIsNotExecuted() throws Exception {
    byte[] request =
        new Message()
            .put("request", "launch")
            .put("sandbox", Sandboxes.NAME)
            .put("task", "task-early")
            .put("arg", "true")
            .frame();
    try (SocketChannel launcher = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      launcher.connect(UnixDomainSocketAddress.of(DaemonHost.PATHS.socket()));
      launcher.write(ByteBuffer.wrap(request));
      String reply = read(launcher);

      EnforcerClient.Revoked revoked = host.ask().revoke("task-early", true);
      launcher.write(word('B'));
      launcher.write(word('P'));
      String order = read(launcher);

      assertThat(reply).contains("reply=become");
      assertThat(revoked.sandboxes()).isEqualTo(1);
      assertThat(order)
          .isEqualTo(
              "Nbailiwick: nothing was started: its task was revoked meanwhile; use another"
                  + " task\n");
    }
    DaemonHost.await("its end is recorded", () -> told("sandbox-ended", "task-early") == 1);
    assertThat(told("sandbox-started", "task-early")).isEqualTo(1);
    assertNothingIsLeft();
  }

  /** As the launcher says it, of a process that is this one. */
  private static ByteBuffer word(char word) {
    return ByteBuffer.allocate(1 + Integer.BYTES)
        .order(ByteOrder.nativeOrder())
        .put((byte) word)
        .putInt((int) ProcessHandle.current().pid())
        .flip();
  }

  private static String read(SocketChannel channel) throws IOException {
    ByteBuffer answer = ByteBuffer.allocate(4096);
    channel.read(answer);
    return new String(answer.array(), 0, answer.position(), UTF_8);
  }

  /** Processes of the one sandbox that do not follow its launcher's end, as its command does. */
  private static List<ProcessHandle> orphans() throws Exception {
    Path processes = DaemonHost.cgroups().get(0).resolve("cgroup.procs");
    DaemonHost.await("it has a descendant", () -> Files.readAllLines(processes).size() > 1);
    return Files.readAllLines(processes).stream()
        .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)).stream())
        .toList();
  }

  /** Then the rule is gone, and whoever ran without it is not trusted any more. */
  @Test
  void unpinWhenDaemonIsDeadThenTheNextOneEndsTheSandbox() throws Exception {
    Process sandbox = runUntilTold("task-open");
    host.kill();
    Files.delete(DaemonHost.PATHS.ofDaemon().pins().resolve("handle_connect4"));

    host.start();

    assertThat(sandbox.waitFor()).isEqualTo(128 + 9);
    assertThat(host.status().path("healthy").asBoolean()).isTrue();
    assertNothingIsLeft();
  }

  /** What a sandbox left behind somewhere must not belong to the next one. */
  @Test
  void killWhenUidsWereGivenOutThenTheNextDaemonGoesOnBehindThem() throws Exception {
    int first = Integer.parseInt(host.output(List.of(), "id", "-u").strip());
    int second = Integer.parseInt(host.output(List.of(), "id", "-u").strip());
    host.kill();
    host.start();
    int third = Integer.parseInt(host.output(List.of(), "id", "-u").strip());
    Files.writeString(DaemonHost.PATHS.state().resolve("next-uid"), "65535\n");
    host.stop();
    host.start();
    List<String> last =
        List.of(host.output(List.of(), "id", "-u"), host.output(List.of(), "id", "-u"));
    host.stop();
    Files.writeString(DaemonHost.PATHS.state().resolve("next-uid"), "65536\n");
    String refused = host.tryStart();
    Files.delete(DaemonHost.PATHS.state().resolve("next-uid"));
    host.start();

    assertThat(second).isEqualTo(first + 1);
    assertThat(third).isGreaterThan(second);
    assertThat(last)
        .containsExactly(
            Reservation.FIRST_DAEMON_UID + 65_535 + "\n", Reservation.FIRST_DAEMON_UID + "\n");
    assertThat(refused).contains("next-uid must be a number below 65536");
    assertNothingIsLeft();
  }

  @Test
  void launchWhenMapIsFullThenIsRefusedAndLaterServed() throws Exception {
    KernelPart part = KernelPart.open(DaemonHost.PATHS.natives());
    int room = 4096;
    try (NetworkFilter maps = NetworkFilter.load(part, 2, DaemonHost.PATHS.ofDaemon().pins())) {
      for (long stranger = 1; stranger <= room; stranger++) {
        maps.admit(stranger, new NetworkFilter.Entry(NetworkFilter.NOTHING, 1, Set.of()));
      }
      String refused = host.output(List.of(), "/bin/sh", "-c", "echo ran");
      for (long stranger = 1; stranger <= room; stranger++) {
        maps.dismiss(stranger);
      }
      String served = host.output(List.of(), "/bin/sh", "-c", "echo ran");

      assertThat(refused).contains("no room for another sandbox").doesNotContain("ran\n");
      assertThat(served).isEqualTo("ran\n");
    }
    assertNothingIsLeft();
  }

  @Test
  void floodWhenTwoSandboxesAreDeniedThenNeitherHidesTheOther() throws Exception {
    int denials = 20_000;
    Process flood =
        host.launch(
            List.of("--task", "task-flood"),
            "/bin/sh",
            "-c",
            "%1$s flood %2$s %3$s %4$d; %1$s tcp4 192.0.2.9 443; exec %1$s flood %2$s %3$s %4$d"
                .formatted(Sandboxes.ATTEMPT, elsewhere.address(), elsewhere.port(), denials / 2));
    int quiet =
        host.run(
            List.of("--task", "task-quiet"),
            Sandboxes.ATTEMPT.toString(),
            "tcp4",
            elsewhere.address(),
            elsewhere.port());
    flood.waitFor();
    DaemonHost.await("the flood's end is recorded", () -> told("sandbox-ended", "flood") == 1);
    DaemonHost.await("the other's end is recorded", () -> told("sandbox-ended", "quiet") == 1);

    long counted =
        host.records("events-lost").stream()
            .filter(record -> record.toString().contains("task-flood"))
            .mapToLong(record -> record.at("/unmapped/bailiwick/lost").asLong())
            .sum();
    assertThat(quiet).isEqualTo(11);
    assertThat(told("kernel-denial", "task-quiet")).isEqualTo(1);
    assertThat(told("kernel-denial", "192.0.2.9:443")).isEqualTo(1);
    assertThat(counted + told("kernel-denial", "task-flood")).isEqualTo(denials + 1);
    assertThat(elsewhere.sawNobody()).isTrue();
  }

  @Test
  void launchWhenDiskIsFullThenIsRefusedAndWhoIsDeniedEnds() throws Exception {
    host.stop();
    Files.createDirectories(host.audit);
    assertThat(system("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", host.audit.toString()))
        .isZero();
    try {
      host.start();
      Process sandbox =
          host.launch(
              List.of("--task", "task-full", "--workspace", workspace.toString()),
              "/bin/sh",
              "-c",
              "echo > ready; until test -e go; do sleep 0.01; done; for port in $(seq 1000 1100); do "
                  + Sandboxes.ATTEMPT
                  + " tcp4 192.0.2.1 $port 2>&-; done; sleep 60");
      SandboxMain.await(workspace.resolve("ready"));
      system("dd", "if=/dev/zero", "of=" + host.audit.resolve("filler"), "bs=4k");
      Files.createFile(workspace.resolve("go"));

      assertThat(sandbox.waitFor(20, TimeUnit.SECONDS)).isTrue();
      String refused = host.output(List.of(), "/bin/sh", "-c", "echo ran");
      Files.delete(host.audit.resolve("filler"));
      DaemonHost.await("writing works again", () -> host.run(List.of(), "true") == 0);

      DaemonHost.await(
          "each start that landed late has its end",
          () -> told("sandbox-started", "") == told("sandbox-ended", ""));
      assertThat(sandbox.exitValue()).isEqualTo(128 + 9);
      assertThat(refused).contains("evidence cannot be kept").doesNotContain("ran\n");
      assertThat(elsewhere.sawNobody()).isTrue();
      assertNothingIsLeft();
    } finally {
      host.kill();
      system("umount", host.audit.toString());
    }
  }

  @Test
  void launchWhenManyCameAndWentThenNothingIsLeft() throws Exception {
    launchTrue(50);
    DaemonHost.await("all have ended", () -> host.status().path("sandboxes").isEmpty());
    long descriptors = host.descriptors();

    launchTrue(1_000);
    DaemonHost.await("all have ended", () -> host.status().path("sandboxes").isEmpty());

    assertThat(host.status().path("counters").path("sandboxesStarted").asInt()).isEqualTo(1_050);
    // The question for the status is one itself until its connection is closed.
    DaemonHost.await("descriptors are closed", () -> host.descriptors() <= descriptors);
    DaemonHost.await("all ends are recorded", () -> host.records("sandbox-ended").size() == 1_050);
    assertNothingIsLeft();
  }

  private void launchTrue(int times) throws Exception {
    String line = SandboxMain.quoted(host.line(List.of(), "true"));
    Process all =
        host.prepare(
                List.of(
                    "sh",
                    "-c",
                    "seq "
                        + times
                        + " | xargs -P 4 -n 1 sh -c "
                        + SandboxMain.quoted("exec " + line)))
            .inheritIO()
            .start();
    assertThat(all.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(all.exitValue()).isZero();
  }

  private void assertNothingIsLeft() throws Exception {
    DaemonHost.await("accounts are closed", () -> host.status().path("sandboxes").isEmpty());
    HostPaths paths = DaemonHost.PATHS.ofDaemon();
    assertThat(DaemonHost.cgroups()).isEmpty();
    assertThat(paths.sandboxes()).isEmptyDirectory();
    if (Files.exists(paths.workspaces())) {
      assertThat(paths.workspaces()).isEmptyDirectory();
    }
    KernelPart part = KernelPart.open(paths.natives());
    try (NetworkFilter maps = NetworkFilter.load(part, 2, paths.pins())) {
      assertThat(maps.admitted()).isEmpty();
    }
  }

  /**
   * Tries to reach what {@code go} and {@code on} name, and ends with 3 when {@code end} is there.
   */
  private Process runUntilTold(String task) throws Exception {
    String script =
        "sleep 300 & echo > ready; for step in go on; do until test -e $step || test -e end; do sleep 0.01;"
            + " done; test -e end && exit 3; "
            + Sandboxes.ATTEMPT
            + " tcp4 $(cat $step); echo $? > $step.tmp; mv $step.tmp $step.done; done; until test -e"
            + " end; do sleep 0.01; done; exit 3";
    Process sandbox =
        host.launch(
            List.of("--task", task, "--workspace", workspace.toString()), "/bin/sh", "-c", script);
    SandboxMain.await(workspace.resolve("ready"));
    return sandbox;
  }

  private String tell(String step, Canary canary) throws Exception {
    Path file = workspace.resolve(step + ".new");
    Files.writeString(file, canary.address() + " " + canary.port());
    Files.setAttribute(file, "unix:uid", uidOf(workspace));
    Files.move(file, workspace.resolve(step));
    return SandboxMain.await(workspace.resolve(step + ".done"));
  }

  private static int uidOf(Path path) throws Exception {
    return (Integer) Files.getAttribute(path, "unix:uid");
  }

  private long told(String kind, String part) throws Exception {
    return host.records(kind).stream().filter(record -> record.toString().contains(part)).count();
  }

  private static int system(String... command) throws Exception {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
