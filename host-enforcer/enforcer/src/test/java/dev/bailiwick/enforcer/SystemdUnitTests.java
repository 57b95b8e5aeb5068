// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The unit as systemd's own tools see it, without a systemd that runs. */
class SystemdUnitTests {
  private static final Path SHIPPED = Path.of("../systemd/bailiwick-enforcer.service");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir private Path directory;
  private Path unit;

  /** What it starts is wherever the tree is installed; here any program stands for it. */
  @BeforeEach
  void install() throws IOException {
    unit = directory.resolve(SHIPPED.getFileName().toString());
    Files.writeString(
        unit, Files.readString(SHIPPED).replace("/opt/bailiwick/bailiwick", "/bin/true"));
  }

  @Test
  void verifyWhenUnitIsShippedThenSystemdHasNothingToSay() throws Exception {
    assertThat(analyze("verify", "--man=no", unit.toString())).isEmpty();
  }

  /** A word that systemd does not know would be ignored, and with it whatever it was to protect. */
  @Test
  void verifyWhenAWordIsMisspeltThenSystemdSaysSo() throws Exception {
    Files.writeString(unit, Files.readString(unit).replace("RestrictRealtime", "RestrictRealTime"));

    assertThat(analyze("verify", "--man=no", unit.toString())).contains("RestrictRealTime");
  }

  @Test
  void securityWhenUnitIsShippedThenWhatItClaimsIsSet() throws Exception {
    JsonNode findings =
        JSON.readTree(analyze("security", "--offline=true", "--json=short", unit.toString()));

    List<String> set =
        Stream.of(findings)
            .flatMap(JsonNode::valueStream)
            .filter(finding -> finding.path("set").asBoolean(false))
            .map(finding -> finding.path("json_field").asString())
            .toList();

    assertThat(set)
        .as("with it systemd hides clone3, and the daemon can start nobody's sandbox")
        .noneMatch(field -> field.startsWith("RestrictNamespaces"));
    assertThat(set)
        .contains(
            "LockPersonality",
            "RestrictRealtime",
            "RestrictSUIDSGID",
            "SystemCallArchitectures",
            "SystemCallFilter_module",
            "SystemCallFilter_reboot",
            "SystemCallFilter_swap",
            "CapabilityBoundingSet_CAP_SYS_MODULE",
            "CapabilityBoundingSet_CAP_SYS_RAWIO",
            "CapabilityBoundingSet_CAP_SYS_TIME");
  }

  /** What it says, on standard output and error together. */
  private static String analyze(String... words) throws IOException {
    List<String> line = new ArrayList<>(List.of("systemd-analyze"));
    line.addAll(List.of(words));
    Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes());
  }
}
