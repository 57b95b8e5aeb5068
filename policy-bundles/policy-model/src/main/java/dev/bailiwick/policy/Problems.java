// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Collects what is wrong with one document. Reading goes in steps (text, schema, meaning): where an
 * earlier step has already complained about a path, a later one is silent, so that one mistake
 * yields one sentence.
 */
final class Problems {
  private final String file;
  private final Set<PolicyProblem> found = new LinkedHashSet<>();
  private final Set<String> settled = new HashSet<>();
  private final Set<String> current = new HashSet<>();
  private List<String> lines = List.of();

  Problems(String file) {
    this.file = file;
  }

  /** The text of the document, for places inside of values. */
  void source(String text) {
    lines = text.lines().toList();
  }

  /** Ends a step: from now on, the paths that it complained about are settled. */
  void nextStep() {
    settled.addAll(current);
    current.clear();
  }

  /** Says what is wrong with a value. */
  void at(Located value, String sentence) {
    at(value.place(), value.path(), sentence);
  }

  /**
   * Says what is wrong at a place inside of a text. The place is exact when the text stands in one
   * line as it is read; otherwise it is where the text begins.
   */
  void inside(Located value, String text, Place within, String sentence) {
    int index = value.place().line() - 1;
    String line = index < lines.size() ? lines.get(index) : "";
    int start = line.indexOf(text, Math.min(line.length(), value.place().column() - 1));
    at(
        start < 0
            ? value.place()
            : new Place(value.place().line(), line.codePointCount(0, start) + within.column()),
        value.path(),
        sentence);
  }

  /** Says what is wrong with a key of a mapping. */
  void atKey(Located mapping, String key, String sentence) {
    at(mapping.keyPlace(key), Located.below(mapping.path(), key), sentence);
  }

  void at(Place place, String path, String sentence) {
    if (settled.contains(path)) {
      return;
    }
    current.add(path);
    found.add(new PolicyProblem(file, place.line(), place.column(), path, sentence));
  }

  /** Keeps later steps silent about a path that another sentence covers. */
  void settle(String path) {
    current.add(path);
  }

  /** Throws when there is anything to say, in the order of the document. */
  void throwIfAny() throws PolicyException {
    if (!found.isEmpty()) {
      throw new PolicyException(
          found.stream()
              .sorted(
                  Comparator.comparingInt(PolicyProblem::line)
                      .thenComparingInt(PolicyProblem::column)
                      .thenComparing(PolicyProblem::path))
              .toList());
    }
  }
}
