// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfinedProcessTests {
  private static final int NOT_CONFINED = 125;
  private static KernelPart part;

  @BeforeAll
  static void open() throws Exception {
    part = KernelPart.open(Path.of("/var/lib/bailiwick-test/native"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense",
        "version=1|end=",
        "version=1|parent=1|uid=5|gid=5|cgroup=/sys|directory=/|arg=true|end=",
        "version=1|parent=PID|uid=5|gid=5|cgroup=/no/such|directory=/|arg=true|end=",
        "version=1|parent=PID|uid=5|gid=5|cgroup=/tmp|directory=/|arg=true|end=",
        "version=1|parent=PID|uid=5|gid=5|cgroup=/tmp|directory=/|read=/no/such|arg=true|end=",
      })
  void startWhenSpecificationCannotBeMetThenNothingIsConfined(String spec) throws Exception {
    String self = Long.toString(ProcessHandle.current().pid());
    byte[] bytes = (spec.replace("PID", self) + "|").replace('|', '\0').getBytes(UTF_8);

    ConfinedProcess process = ConfinedProcess.start(part, bytes);
    process.release(process.isConfined());

    assertThat(process.isConfined()).isFalse();
    assertThat(process.waitFor()).isEqualTo(NOT_CONFINED);
  }

  /** The launcher follows the end of the thread that started it; a carrier is no such thread. */
  @Test
  void startWhenOnAVirtualThreadThenFails() {
    CompletableFuture<ConfinedProcess> started = new CompletableFuture<>();

    Thread.ofVirtual()
        .start(
            () -> {
              try {
                started.complete(ConfinedProcess.start(part, new byte[0]));
              } catch (Exception e) {
                started.completeExceptionally(e);
              }
            });

    assertThatThrownBy(started::get)
        .hasRootCauseMessage("a sandbox must be started by a platform thread");
  }
}
