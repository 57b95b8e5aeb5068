// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bailiwick.contract.gateway.GatewayHost;
import dev.bailiwick.contract.gateway.GatewayTestBed;
import dev.bailiwick.contract.gateway.RawHttp;
import dev.bailiwick.gateway.credential.VaultKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The gateway that is ours from the first line to the last. */
@Timeout(60)
final class GatewayApplicationTests {
  @TempDir private Path directory;
  private GatewayTestBed bed;

  @BeforeEach
  void prepare() {
    bed = new GatewayTestBed(directory);
  }

  @AfterEach
  void tidy() {
    bed.close();
  }

  private GatewayApplication.Settings settings(int port) {
    GatewayHost.Setup setup = bed.setup();
    return GatewayApplication.Settings.loopback(
        setup.bundle(), setup.vault(), VaultKey.ofFile(setup.vaultKey()), setup.audit(), port);
  }

  @Test
  void startWhenNothingIsSaidThenOnlyThisHostReachesIt() {
    try (GatewayApplication gateway = GatewayApplication.start(settings(0))) {
      assertThat(gateway.uri().toString()).matches("http://127\\.0\\.0\\.1:\\d+");
      assertThat(gateway.policy()).isEqualTo("gateway-contract@1");
    }
  }

  @Test
  void startWhenServingThenActuatorIsNotReachable() {
    try (GatewayApplication gateway = GatewayApplication.start(settings(0))) {
      RawHttp.Response response =
          RawHttp.exchange(
              gateway.uri().getPort(), "GET /actuator/health HTTP/1.1", "Host: gateway");

      assertThat(response.header("x-bailiwick-code")).contains("NO_ROUTE");
    }
  }

  @Test
  void startWhenPortIsTakenThenSaysWhatToDo() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();

      assertThatThrownBy(() -> GatewayApplication.start(settings(port)))
          .isInstanceOf(GatewayStartException.class)
          .hasMessageContaining("Port " + port + " of 127.0.0.1 is taken")
          .hasMessageContaining("another port");
    }
  }

  @Test
  void startWhenBundleIsWrongThenEveryProblemHasItsLine() throws IOException {
    Path bundle = bed.setup().bundle();
    Files.writeString(
        bundle,
        Files.readString(bundle)
            .replace("proof: dpop", "proof: none")
            .replace("vault:servicenow/unset", "unset"));

    assertThatThrownBy(() -> GatewayApplication.start(settings(0)))
        .isInstanceOf(GatewayStartException.class)
        .message()
        .contains("issuers.contract.proof", "connectors.unset.credential")
        .containsPattern("bundle\\.yaml:\\d+:\\d+: ");
  }

  @Test
  void startWhenBundleIsMissingThenSaysWhich() throws IOException {
    Files.delete(bed.setup().bundle());

    assertThatThrownBy(() -> GatewayApplication.start(settings(0)))
        .isInstanceOf(GatewayStartException.class)
        .hasMessageContaining(bed.setup().bundle().toString());
  }

  @Test
  void startWhenKeyIsNotTheVaultsThenSaysSo() {
    GatewayHost.Setup setup = bed.setup();
    VaultKey other = VaultKey.generate(directory.resolve("other.key"));

    assertThatThrownBy(
            () ->
                GatewayApplication.start(
                    GatewayApplication.Settings.loopback(
                        setup.bundle(), setup.vault(), other, setup.audit(), 0)))
        .isInstanceOf(GatewayStartException.class)
        .hasMessageStartingWith("bailiwick.vault: ");
  }

  @Test
  void startWhenAuditDirectoryIsAFileThenSaysSo() throws IOException {
    Files.writeString(bed.setup().audit(), "no directory");

    assertThatThrownBy(() -> GatewayApplication.start(settings(0)))
        .isInstanceOf(GatewayStartException.class)
        .hasMessageStartingWith("bailiwick.audit: ");
  }

  @Test
  void startWhenASettingUndoesADecisionThenSaysSo() {
    GatewayApplication.Settings loopback = settings(0);
    GatewayApplication.Settings unsafe =
        new GatewayApplication.Settings(
            loopback.bundle(),
            loopback.vault(),
            loopback.vaultKey(),
            loopback.audit(),
            loopback.address(),
            0,
            Map.of("spring.cloud.gateway.server.webflux.httpclient.wiretap", "true"));

    assertThatThrownBy(() -> GatewayApplication.start(unsafe))
        .isInstanceOf(GatewayStartException.class)
        .hasMessageContaining("httpclient.wiretap");
  }

  @Test
  void reloadWhenBundleChangesThenRoutesAndPolicyChangeTogether() throws Exception {
    try (GatewayApplication gateway = GatewayApplication.start(settings(0))) {
      int port = gateway.uri().getPort();
      assertThat(codeOf(port, "/moved/api/now/table/incident")).isEqualTo("NO_ROUTE");

      rewrite(
          text ->
              text.replace("path: /unset", "path: /moved").replace("version: 1}", "version: 2}"));

      await(() -> gateway.policy().equals("gateway-contract@2"));
      await(() -> codeOf(port, "/moved/api/now/table/incident").equals("TOKEN_MISSING"));
      assertThat(codeOf(port, "/unset/api/now/table/incident")).isEqualTo("NO_ROUTE");
    }
  }

  @Test
  void reloadWhenBundleIsBrokenThenTheOldOneStays() throws Exception {
    try (GatewayApplication gateway = GatewayApplication.start(settings(0))) {
      rewrite(text -> text.replace("proof: dpop", "proof: none"));
      rewrite(
          text -> text.replace("proof: none", "proof: dpop").replace("version: 1}", "version: 3}"));

      await(() -> gateway.policy().equals("gateway-contract@3"));
      assertThat(codeOf(gateway.uri().getPort(), "/servicenow/api/now/table/incident"))
          .isEqualTo("TOKEN_MISSING");
    }
  }

  @Test
  void awaitWhenClosedThenReturns() throws Exception {
    GatewayApplication gateway = GatewayApplication.start(settings(0));
    CountDownLatch returned = new CountDownLatch(1);
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                gateway.await();
                returned.countDown();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });

    gateway.close();

    assertThat(returned.await(10, TimeUnit.SECONDS)).isTrue();
  }

  private static String codeOf(int port, String target) {
    return RawHttp.exchange(port, "GET " + target + " HTTP/1.1", "Host: gateway")
        .header("x-bailiwick-code")
        .orElse("");
  }

  private void rewrite(UnaryOperator<String> change) throws IOException {
    Path bundle = bed.setup().bundle();
    Path next = directory.resolve("next.yaml");
    Files.writeString(next, change.apply(Files.readString(bundle)));
    Files.move(next, bundle, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }
}
