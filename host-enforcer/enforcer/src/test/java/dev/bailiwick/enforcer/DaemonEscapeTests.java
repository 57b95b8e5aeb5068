// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every way out once more, in sandboxes that the daemon arranges for root and in such that it
 * starts itself. That each works without a sandbox is shown by {@link EscapeTests}.
 */
class DaemonEscapeTests {
  private static final int SOMEBODY = 1_234_567;

  private static Outside outside;
  private static DaemonHost host;

  @BeforeAll
  static void arrangeTheWorld() throws Exception {
    outside = new Outside();
    host =
        new DaemonHost().bundle("http://" + outside.gateway.endpoint(), "").allow(SOMEBODY).start();
  }

  @AfterAll
  static void leaveTheWorld() throws Exception {
    host.close();
    outside.vanish();
  }

  static Stream<AttemptSuite.Line> everyWayOut() throws Exception {
    return AttemptSuite.all().stream().filter(line -> !line.section().isEmpty());
  }

  @ParameterizedTest
  @MethodSource("everyWayOut")
  void attemptWhenArrangedForRootThenIsStopped(AttemptSuite.Line line) throws Exception {
    Path workspace = Sandboxes.freshDirectory();
    Files.setAttribute(workspace, "unix:uid", outside.uid);

    int status = host.run(List.of("--workspace", workspace.toString()), words(line));

    assertStopped(status, line, workspace.resolve("attempt.log"));
  }

  @ParameterizedTest
  @MethodSource("everyWayOut")
  void attemptWhenStartedByTheDaemonThenIsStopped(AttemptSuite.Line line) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "setpriv", "--reuid", "" + SOMEBODY, "--regid", "" + SOMEBODY, "--clear-groups"));
    command.addAll(host.line(List.of("--task=task-escape"), words(line)));

    Process process = host.prepare(command).redirectErrorStream(true).start();
    process.getInputStream().readAllBytes();

    assertStopped(process.waitFor(), line, Path.of("/nonexistent"));
  }

  private static String[] words(AttemptSuite.Line line) throws Exception {
    List<String> words =
        new ArrayList<>(List.of(Sandboxes.ATTEMPT.toString(), "--log", "attempt.log"));
    words.addAll(Arrays.asList(outside.resolve(line.attempt())));
    return words.toArray(String[]::new);
  }

  private static void assertStopped(int status, AttemptSuite.Line line, Path log) throws Exception {
    Verdict verdict =
        Verdict.of(status, line + (Files.exists(log) ? ": " + Files.readString(log) : ""));
    assertThat(verdict.stopped()).as(verdict.detail()).isTrue();
    assertThat(outside.isUntouched()).as("somebody outside noticed").isTrue();
  }
}
