// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bailiwick.contract.apisix.ApisixFront;
import dev.bailiwick.contract.apisix.Entry;
import dev.bailiwick.contract.apisix.ExtPluginClient;
import dev.bailiwick.contract.apisix.PluginAnswer;
import dev.bailiwick.contract.apisix.PluginRequest;
import dev.bailiwick.contract.gateway.GatewayTestBed;
import dev.bailiwick.contract.gateway.RawHttp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How a runner begins, changes its policy, hands over and ends. */
@Timeout(60)
final class RunnerLifeTests {
  private static final String TABLE = WireBed.INCIDENTS;

  private WireBed wire;

  @BeforeEach
  void start(@TempDir Path files) throws IOException {
    GatewayTestBed bed = new GatewayTestBed(files);
    // Nobody reports these calls, so each keeps its place.
    Path bundle = bed.setup().bundle();
    Files.writeString(
        bundle,
        Files.readString(bundle)
            .replace(
                "    path: /servicenow\n",
                "    path: /servicenow\n    limits: {concurrent: 10000}\n"));
    wire = new WireBed(bed, UnaryOperator.identity());
  }

  @AfterEach
  void stop() {
    wire.close();
  }

  private PluginAnswer get() {
    return wire.call("servicenow", wire.request("GET", TABLE));
  }

  /** A write whose body is asked for; the latch says when, and the body comes after the other. */
  private PluginRequest slowWrite(CountDownLatch asked, CountDownLatch go) {
    byte[] body = "{\"state\":\"2\"}".getBytes(StandardCharsets.UTF_8);
    return wire.request(
            "PATCH",
            TABLE + "/" + wire.bed().servicenow().incident("INC0010001"),
            new Entry("content-type", "application/json"),
            new Entry("content-length", String.valueOf(body.length)))
        .withBody(
            () -> {
              asked.countDown();
              try {
                go.await();
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
              return body;
            });
  }

  @Test
  void startWhenSocketIsThereThenOnlyTheWantedMayConnectAndNothingElseIsLeft() throws IOException {
    Path socket = wire.runner().socket();

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw-rw----");
    try (Stream<Path> beside = Files.list(wire.directory())) {
      assertThat(beside.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("runner.sock", "token");
    }
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(wire.directory().resolve("token"))))
        .isEqualTo("rw-------");
  }

  @Test
  void startWhenPlaceIsTakenByAFileThenSaysSoAndLeavesIt() throws IOException {
    Path file = Files.writeString(wire.directory().resolve("file"), "mine");

    assertThatThrownBy(() -> SocketPlace.open(RunnerSettings.Socket.at(file)))
        .isInstanceOf(RunnerStartException.class)
        .hasMessageContaining("no socket");
    assertThat(file).hasContent("mine");
  }

  @Test
  void startWhenPathIsTooLongThenSaysHowLongItMayBe() {
    Path path = wire.directory().resolve("x".repeat(110));

    assertThatThrownBy(() -> SocketPlace.open(RunnerSettings.Socket.at(path)))
        .isInstanceOf(RunnerStartException.class)
        .hasMessageContaining("107 bytes");
  }

  @Test
  void startWhenOthersMayReadTheReportTokenThenDoesNot() throws IOException {
    Path token = wire.directory().resolve("open");
    Files.writeString(token, "x".repeat(40));
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-r--r--"));

    RunnerSettings all = wire.settings("apisix-open");
    RunnerSettings open =
        new RunnerSettings(
            all.bundle(),
            all.vault(),
            all.vaultKey(),
            all.audit(),
            all.writer(),
            all.socket(),
            all.adminPort(),
            Optional.of(token),
            all.confLife(),
            all.bundleCheck(),
            all.limits());

    assertThatThrownBy(() -> ApisixRunner.start(open))
        .isInstanceOf(RunnerStartException.class)
        .hasMessageContaining("others may read");
  }

  @Test
  void closeWhenACallIsUnderWayThenItIsAnsweredFirst() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    List<PluginAnswer> answers = new ArrayList<>();
    PluginRequest write = slowWrite(asked, go);
    Thread caller = Thread.ofVirtual().start(() -> answers.add(wire.call("servicenow", write)));
    asked.await();

    Thread closing = Thread.ofVirtual().start(wire.runner()::close);
    LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
    go.countDown();
    caller.join();
    closing.join();

    assertThat(answers).hasSize(1);
    assertThat(answers.get(0)).isInstanceOf(PluginAnswer.Rewrite.class);
    assertThat(wire.runner().socket()).doesNotExist();
    assertThat(get()).isInstanceOf(PluginAnswer.Failed.class);
  }

  @Test
  void closeWhenAnotherRunnerIsInPlaceThenNoCallFails() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger passed = new AtomicInteger();
    List<PluginAnswer> wrong = Collections.synchronizedList(new ArrayList<>());
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      callers.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (!over.get()) {
                      PluginAnswer answer = get();
                      if (answer instanceof PluginAnswer.Rewrite) {
                        passed.incrementAndGet();
                      } else {
                        wrong.add(answer);
                      }
                      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
                    }
                  }));
    }
    for (int i = 0; i < 3; i++) {
      LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
      ApisixRunner next = ApisixRunner.start(wire.settings("apisix-" + i));
      wire.runner().close();
      wire.runs(next);
    }
    LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
    over.set(true);
    for (Thread caller : callers) {
      caller.join();
    }

    assertThat(wrong).isEmpty();
    assertThat(passed.get()).isGreaterThan(20);
    assertThat(wire.runner().socket()).exists();
  }

  @Test
  void callWhenRunnerIsAnotherThenConfIsPreparedOnceMore() {
    assertThat(get()).isInstanceOf(PluginAnswer.Rewrite.class);
    ApisixRunner next = ApisixRunner.start(wire.settings("apisix-2"));
    wire.runner().close();
    wire.runs(next);
    long before = wire.client().preparations();

    assertThat(get()).isInstanceOf(PluginAnswer.Rewrite.class);
    assertThat(wire.client().preparations()).isEqualTo(before + 1);
  }

  @Test
  void callWhenRunnerIsKilledInTheMiddleThenTheAgentGets503() throws Exception {
    wire.runner().close();
    Process process =
        RunnerProcess.start(wire.settings("apisix-killed"), wire.bed().setup().vaultKey());
    try (ExtPluginClient client = new ExtPluginClient(wire.runner().socket())) {
      CountDownLatch asked = new CountDownLatch(1);
      CountDownLatch go = new CountDownLatch(1);
      List<PluginAnswer> answers = new ArrayList<>();
      PluginRequest write = slowWrite(asked, go);
      Thread caller =
          Thread.ofVirtual()
              .start(() -> answers.add(client.request(wire.conf("servicenow"), write)));
      asked.await();

      process.destroyForcibly().waitFor();
      go.countDown();
      caller.join();

      assertThat(answers.get(0)).isInstanceOf(PluginAnswer.Failed.class);
      try (ApisixFront front =
          ApisixFront.start(
              wire.runner().socket(),
              List.of(
                  RunnerHost.route(
                      RunnerHost.bundle(wire.bed().setup()).connectors().get("servicenow"))))) {
        byte[] request = wire.bed().request("GET", TABLE).bytes();
        assertThat(RawHttp.exchange(front.port(), request).status()).isEqualTo(503);
      }
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void endWhenProcessIsTerminatedThenItLeavesItsSocketAndItsTrailInOrder() throws Exception {
    wire.runner().close();
    RunnerSettings settings = wire.settings("apisix-terminated");
    Process process = RunnerProcess.start(settings, wire.bed().setup().vaultKey());
    try (ExtPluginClient client = new ExtPluginClient(wire.runner().socket())) {
      assertThat(client.request(wire.conf("servicenow"), wire.request("GET", TABLE)))
          .isInstanceOf(PluginAnswer.Rewrite.class);

      process.destroy();

      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(wire.runner().socket()).doesNotExist();
      try (Stream<Path> trail = Files.walk(settings.audit().resolve("apisix-terminated"))) {
        assertThat(
                trail.filter(path -> path.toString().endsWith(".jsonl")).map(RunnerLifeTests::read))
            .anyMatch(text -> text.contains("\"rule\":\"ALLOW\""));
      }
    } finally {
      process.destroyForcibly();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void callWhenBundleChangesThenTheNewOneDecidesAndNoCallFails() throws IOException {
    assertThat(get()).isInstanceOf(PluginAnswer.Rewrite.class);
    Path bundle = wire.bed().setup().bundle();
    Files.writeString(
        bundle,
        Files.readString(bundle)
            .replace("- servicenow:table/incident:read", "- servicenow:table/problem:read")
            .replace("version: 1}", "version: 2}"));

    long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    PluginAnswer answer = get();
    while (answer instanceof PluginAnswer.Rewrite && System.nanoTime() < end) {
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      answer = get();
    }

    assertThat(WireBed.code(answer)).contains("SCOPE_ABOVE_CEILING");
    assertThat(wire.runner().policy()).isEqualTo("gateway-contract@2");
  }
}
