// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * Writes the members that differ from one record to the next, and remembers on demand where in the
 * line their values stand. Not thread-safe.
 */
final class Cuts {

  /** What such a member says. */
  enum Fact {
    TIME,
    UID,
    SEQUENCE,
    REQUEST,
    STATUS,
    PATH,
    SOURCE,
    PREVIOUS
  }

  /** Where a value stands, quotation marks included. */
  record Cut(Fact fact, int from, int to) {}

  private final LineBytes line;
  private @Nullable List<Cut> cuts;

  Cuts(LineBytes line) {
    this.line = line;
  }

  void begin() {
    cuts = new ArrayList<>();
  }

  /** The cuts since {@link #begin}, in the order of the line. */
  List<Cut> end() {
    List<Cut> found = cuts == null ? List.of() : List.copyOf(cuts);
    cuts = null;
    return found;
  }

  void text(JsonGenerator json, Fact fact, String name, String value) {
    json.writeName(name);
    int from = place(json);
    json.writeString(value);
    cut(json, fact, from);
  }

  void number(JsonGenerator json, Fact fact, String name, long value) {
    json.writeName(name);
    int from = place(json);
    json.writeNumber(value);
    cut(json, fact, from);
  }

  private int place(JsonGenerator json) {
    if (cuts == null) {
      return 0;
    }
    json.flush();
    return line.size();
  }

  private void cut(JsonGenerator json, Fact fact, int from) {
    if (cuts != null) {
      cuts.add(new Cut(fact, from, place(json)));
    }
  }
}
