// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EnforcerClientTests {
  private final Path socket = Sandboxes.freshDirectory().resolve("enforcer.sock");

  @Test
  void askWhenTheEnforcerIsStuckThenItSaysSo() throws Exception {
    try (ServerSocketChannel stuck = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      stuck.bind(UnixDomainSocketAddress.of(socket));
      EnforcerClient client = new EnforcerClient(socket, Duration.ofMillis(200));

      assertThatThrownBy(client::status)
          .isInstanceOf(SandboxException.class)
          .hasMessageContaining("did not answer within 0.2 s; look into its log");
    }
  }

  @Test
  void askWhenNobodyListensThenItSaysHowToStartOne() {
    assertThatThrownBy(new EnforcerClient(socket)::status)
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining("no enforcer answers at")
        .hasMessageContaining("bailiwick enforcer run");
  }

  /** As many sandboxes as there can be, each with the longest names that can be asked for. */
  @Test
  void statusWhenThereAreMostSandboxesThenTheAnswerIsOneThatIsRead() {
    String longest = "\u20ac".repeat(256);
    EnforcerReport.Sandbox sandbox =
        new EnforcerReport.Sandbox(
            1, 1, longest, Optional.of(longest), Optional.of(longest), longest, false);

    String json = report(IntStream.range(0, Quotas.MOST).mapToObj(i -> sandbox).toList()).json();

    JsonNode read = JsonMapper.builder().build().readTree(json);
    assertThat(new Message().put("reply", "done").put("status", json).end().length)
        .isLessThan(Message.MAX_BYTES);
    assertThat(read.path("sandboxesNotListed").asInt() + read.path("sandboxes").size())
        .isEqualTo(Quotas.MOST);
    assertThat(read.path("sandboxes").size()).isGreaterThan(100);
  }

  private static EnforcerReport report(List<EnforcerReport.Sandbox> sandboxes) {
    return new EnforcerReport(
        Optional.empty(),
        "p@1",
        "/bundle",
        List.of(),
        List.of(),
        List.of(),
        false,
        true,
        sandboxes,
        0,
        0,
        0,
        0,
        0,
        0,
        0);
  }
}
