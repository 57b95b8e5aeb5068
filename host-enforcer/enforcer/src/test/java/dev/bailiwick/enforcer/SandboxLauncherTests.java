// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SandboxLauncherTests {

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 125, 255})
  void runWhenCommandEndsThenItsStatusIsPassedOn(int status) throws Exception {
    int exit = new Sandboxes().run("/bin/sh", "-c", "exit " + status);

    assertThat(exit).isEqualTo(status);
  }

  @Test
  void runWhenCommandIsKilledThenStatusNamesTheSignal() throws Exception {
    int exit = new Sandboxes().run("/bin/sh", "-c", "kill -TERM $$");

    assertThat(exit).isEqualTo(128 + 15);
  }

  @Test
  void runWhenDaemonWasToldToRevokeTheTaskThenNothingIsStarted() throws Exception {
    Files.createDirectories(Sandboxes.PATHS.run());
    Files.writeString(Sandboxes.PATHS.revoked(), "task-0\ntask-1\n");
    try {
      assertThatThrownBy(() -> new Sandboxes().run("/bin/true"))
          .isInstanceOf(SandboxException.class)
          .hasMessage("task task-1 is revoked, so nothing was started; use another task");
    } finally {
      Files.delete(Sandboxes.PATHS.revoked());
    }
  }

  @Test
  void runWhenGatewayIsReachableThenCurlGetsThere() throws Exception {
    try (Canary gateway = Canary.at("127.0.0.1")) {
      Sandboxes sandbox =
          new Sandboxes().reach("gateway").gateway("http://" + gateway.endpoint() + "/");

      String output = sandbox.output("curl -sS http://" + gateway.endpoint() + "/ 2>&1");

      assertThat(output).isEqualTo("hello");
    }
  }

  @Test
  void runWhenNothingIsInReachThenNothingIsReached() throws Exception {
    try (Canary elsewhere = Canary.at("127.0.0.1")) {
      Verdict verdict = new Sandboxes().attempt("tcp4", elsewhere.address(), elsewhere.port());

      assertThat(verdict.stopped()).as(verdict.detail()).isTrue();
      assertThat(elsewhere.sawNobody()).isTrue();
    }
  }
}
