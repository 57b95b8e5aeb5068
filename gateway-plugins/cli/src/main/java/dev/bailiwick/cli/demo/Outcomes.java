// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.demo;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Prints what was expected beside what happened, and counts. */
final class Outcomes {
  private final PrintWriter out;
  private final List<Boolean> met = new ArrayList<>();

  Outcomes(PrintWriter out) {
    this.out = out;
  }

  void section(String title) {
    out.println();
    out.println(title);
  }

  /**
   * One outcome.
   *
   * @param expected the outcome in words
   * @param happened whether it came out so
   * @param seen what was really observed
   */
  void expect(String expected, boolean happened, String seen) {
    met.add(happened);
    out.printf("  %2d %s  %s%n", met.size(), happened ? "as expected" : "UNEXPECTED ", expected);
    seen.lines().forEach(line -> out.println("        " + line));
    out.flush();
  }

  /** Prints the closing line; true when every outcome was as expected. */
  boolean close() {
    long good = met.stream().filter(Boolean::booleanValue).count();
    out.println();
    out.println("demo: " + good + " of " + met.size() + " outcomes as expected");
    out.flush();
    return good == met.size();
  }
}
