// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.gateway.DenyReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the root README says is what the code does. */
final class ReadmeTests {
  private static final Path README = Path.of("../../README.md");

  @Test
  void errorTableWhenReasonsChangeThenFollows() throws IOException {
    String table =
        Arrays.stream(DenyReason.values())
            .map(ReadmeTests::row)
            .collect(
                Collectors.joining(
                    "\n", "| code | status | OAuth error | rule |\n|---|---|---|---|\n", "\n"));

    assertThat(Files.readString(README)).contains(table);
  }

  private static String row(DenyReason reason) {
    String oauth = reason.oauthError().isEmpty() ? "" : "`" + reason.oauthError() + "`";
    return "| `%s` | %d | %s | %s |"
        .formatted(reason.name(), reason.status(), oauth, reason.rule());
  }
}
