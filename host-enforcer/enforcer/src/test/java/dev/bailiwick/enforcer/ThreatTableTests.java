// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code THREATS.md} claims nothing that the tests do not show, and leaves out nothing of it. */
class ThreatTableTests {
  private static final Path PAGE = Path.of("../THREATS.md");
  private static final Path TESTS = Path.of("src/test/java");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  record Row(String threat, Set<String> layers, List<String> shownBy) {
    @Override
    public String toString() {
      return threat;
    }
  }

  static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(PAGE)) {
      String[] cells = line.split("\\|", -1);
      if (line.startsWith("|") && cells.length == 5 && isLayers(cells[2].strip())) {
        List<String> shownBy =
            CODE.matcher(cells[3]).results().map((MatchResult found) -> found.group(1)).toList();
        rows.add(
            new Row(
                cells[1].strip(),
                new TreeSet<>(Arrays.asList(cells[2].strip().split(" ", -1))),
                shownBy));
      }
    }
    return rows;
  }

  private static boolean isLayers(String cell) {
    return cell.matches("((identity|landlock|seccomp|cgroup|lsm)( |$))+");
  }

  @ParameterizedTest
  @MethodSource("rows")
  void rowWhenItNamesAttemptsThenTheyAreStoppedByItsLayers(Row row) throws IOException {
    Map<String, AttemptSuite.Line> suite =
        AttemptSuite.all().stream()
            .collect(Collectors.toMap(AttemptSuite.Line::attempt, Function.identity()));

    assertThat(row.shownBy()).isNotEmpty();
    for (String shown : row.shownBy()) {
      if (shown.endsWith("Tests")) {
        assertThat(classes()).contains(shown + ".java");
      } else {
        assertThat(suite).containsKey(shown);
        assertThat(new TreeSet<>(suite.get(shown).layers())).as(shown).isEqualTo(row.layers());
      }
    }
  }

  @Test
  void pageWhenComparedWithTheSuiteThenNamesEveryAttemptOnce() throws IOException {
    List<String> named =
        rows().stream()
            .flatMap(row -> row.shownBy().stream())
            .filter(shown -> !shown.endsWith("Tests"))
            .toList();

    assertThat(named)
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(
            AttemptSuite.all().stream().map(AttemptSuite.Line::attempt).toList());
  }

  private static Set<String> classes() throws IOException {
    try (Stream<Path> files = Files.walk(TESTS)) {
      return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
    }
  }
}
