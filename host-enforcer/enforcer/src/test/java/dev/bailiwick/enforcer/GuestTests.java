// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The LSM tier, on a kernel that loads such programs: Debian's, in a virtual machine that is
 * emulated and therefore slow, so that nothing here is about time. {@code tests/guest} of the
 * native part plays the enforcer there and reports each attempt in TAP form.
 */
class GuestTests {
  private static final Path DIRECTORY = Path.of("target/guest").toAbsolutePath();
  private static final long PATIENCE_SECONDS = 300;
  private static final Pattern RESULT = Pattern.compile("(ok|not ok) (\\d+) - (.*)");
  private static final Pattern PLAN = Pattern.compile("1\\.\\.(\\d+)");

  private static List<String> console;

  private record Result(boolean good, int number, String text) {}

  @BeforeAll
  static void run() throws Exception {
    Path log = DIRECTORY.resolve("console.log");
    Process machine =
        new ProcessBuilder(
                "qemu-system-x86_64",
                "-accel",
                "tcg",
                "-m",
                "512",
                "-nodefaults",
                "-no-reboot",
                "-display",
                "none",
                "-serial",
                "stdio",
                "-kernel",
                DIRECTORY.resolve("vmlinuz").toString(),
                "-initrd",
                DIRECTORY.resolve("guest.cpio").toString(),
                "-append",
                "console=ttyS0 loglevel=0 panic=-1 lsm=landlock,lockdown,yama,integrity,bpf")
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(log.toFile())
            .start();
    try {
      assertThat(machine.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
          .as("the machine should have switched itself off; see " + log)
          .isTrue();
    } finally {
      machine.destroyForcibly();
    }
    console = lines(log);
  }

  @TestFactory
  Stream<DynamicTest> guestReports() {
    return results().stream()
        .map(
            result ->
                DynamicTest.dynamicTest(
                    result.text(), () -> assertThat(result.good()).as(result.text()).isTrue()));
  }

  /** A machine that stopped early reported only what went well until then. */
  @Test
  void guestWhenEndedThenReportedAllThatItPlanned() {
    List<Integer> numbers = results().stream().map(Result::number).toList();

    assertThat(console).noneMatch(line -> line.startsWith("Bail out!"));
    assertThat(console)
        .filteredOn(line -> PLAN.matcher(line).matches())
        .containsExactly("1.." + numbers.size());
    assertThat(new HashSet<>(numbers)).hasSameSizeAs(numbers);
  }

  @Test
  void guestWhenSuiteIsRunThenEveryAttemptIsTriedEveryWay() throws Exception {
    List<String> tried = results().stream().map(Result::text).toList();

    List<String> expected = new ArrayList<>();
    for (AttemptSuite.Line line : AttemptSuite.all()) {
      expected.add("all layers: " + line.attempt());
      if (line.layers().contains("lsm")) {
        expected.add("lsm alone: " + line.attempt());
      }
      if (!line.unproven()) {
        expected.add("no layer: " + line.attempt());
      }
    }
    assertThat(expected)
        .allSatisfy(
            start ->
                assertThat(tried).filteredOn(text -> text.startsWith(start + ": ")).hasSize(1));
  }

  @Test
  void guestWhenLimitsAreTriedThenEveryOneOfThemIs() {
    List<String> tried = results().stream().map(Result::text).toList();

    assertThat(List.of("limits: memory.max: ", "limits: pids.max: ", "limits: cpu.max: "))
        .allSatisfy(start -> assertThat(tried).anyMatch(text -> text.startsWith(start)));
  }

  private static List<Result> results() {
    List<Result> results = new ArrayList<>();
    for (String line : console) {
      Matcher matcher = RESULT.matcher(line);
      if (matcher.matches()) {
        results.add(
            new Result(
                matcher.group(1).equals("ok"),
                Integer.parseInt(matcher.group(2)),
                matcher.group(3)));
      }
    }
    return results;
  }

  /** The firmware clears the screen and may leave its codes in front of a line. */
  private static List<String> lines(Path log) throws IOException {
    return Files.readString(log, java.nio.charset.StandardCharsets.ISO_8859_1)
        .lines()
        .map(line -> line.replaceAll("\\e\\[[0-9;?=]*[a-zA-Z]|\\ec|\r", ""))
        .toList();
  }
}
