// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bailiwick.contract.gateway.RawHttp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class ReportServerTests {
  @TempDir private Path directory;

  private Path token(String mode) throws IOException {
    Path file = Files.writeString(directory.resolve("token"), "x".repeat(40));
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  @Test
  void startWhenOthersMayReadTheTokenThenDoesNot() throws IOException {
    Path open = token("rw-r--r--");

    try (SentCalls sent = new SentCalls(true)) {
      assertThatThrownBy(() -> ReportServer.start(0, open, sent))
          .isInstanceOf(FilterStartException.class)
          .hasMessageContainingAll("bailiwick.report.token-file", "others may read", "chmod");
    }
  }

  @Test
  void startWhenPortIsTakenThenSaysSo() throws IOException {
    Path file = token("rw-------");

    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        SentCalls sent = new SentCalls(true)) {
      assertThatThrownBy(() -> ReportServer.start(taken.getLocalPort(), file, sent))
          .isInstanceOf(FilterStartException.class)
          .hasMessageContaining("bailiwick.report");
    }
  }

  @Test
  void reportWhenTokenIsShownThenIsTakenAndElseNothingOfItIsRead() throws IOException {
    try (SentCalls sent = new SentCalls(true);
        ReportServer server = ReportServer.start(0, token("rw-------"), sent)) {
      String body = "{\"request\":\"nobody\",\"status\":\"200\"}";

      assertThat(
              RawHttp.exchange(
                      server.port(),
                      "POST /report HTTP/1.1",
                      "Host: x",
                      "Authorization: Bearer " + "x".repeat(40),
                      "Content-Length: " + body.length(),
                      "",
                      body)
                  .status())
          .isEqualTo(204);
      assertThat(
              RawHttp.exchange(
                      server.port(),
                      "POST /report HTTP/1.1",
                      "Host: x",
                      "Authorization: Bearer " + "y".repeat(40),
                      "Content-Length: 60000")
                  .status())
          .isEqualTo(401);
    }
  }
}
