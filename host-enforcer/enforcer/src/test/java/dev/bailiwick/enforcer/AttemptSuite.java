// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Every way out that is tried, as {@code suite.txt} of the native part lists them. */
public final class AttemptSuite {
  private static final Path FILE = Path.of("../enforcer-native/tests/suite.txt");

  /**
   * One way out.
   *
   * @param layers which of them stop it alone
   * @param unproven whether a kernel may lack what it takes to get out
   */
  public record Line(String section, String attempt, Set<String> layers, boolean unproven) {
    @Override
    public String toString() {
      return attempt;
    }
  }

  private AttemptSuite() {}

  public static List<Line> all() throws IOException {
    List<Line> lines = new ArrayList<>();
    String section = "";
    for (String line : Files.readAllLines(FILE)) {
      if (line.startsWith("[")) {
        section = line.substring(1, line.length() - 1);
      } else if (!line.isBlank() && !line.startsWith("#")) {
        String[] columns = line.split("\\|", -1);
        lines.add(
            new Line(
                section,
                columns[0].strip(),
                Set.copyOf(Arrays.asList(columns[1].strip().split(" ", -1))),
                columns.length > 2 && columns[2].contains("unproven")));
      }
    }
    return List.copyOf(lines);
  }

  public static Stream<Line> section(String name) throws IOException {
    return all().stream().filter(line -> line.section().equals(name));
  }

  public static Stream<Line> stoppedBy(String layer) throws IOException {
    return all().stream().filter(line -> line.layers().contains(layer));
  }
}
