// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RowBound;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What one request, or one part of a compound request, does to each object; gathered while it is
 * read. Not thread-safe.
 */
final class Footprint {
  /** Families of this connector's scopes. */
  static final String API = "api";

  static final String SOBJECT = "sobject";
  static final String RELATIONSHIP = "relationship";
  static final String DELETED = "deleted";
  static final String DESCRIBE = "describe";
  static final String LIST_VIEW = "listview";
  static final String FILE = "file";
  static final String ACTION = "action";
  static final String APEX_REST = "apexrest";
  static final String PROCESS = "process";
  static final String UI_API = "ui-api";

  private record Target(String family, String object, Action action) {}

  private final String where;
  private final Map<Target, Touched> targets = new LinkedHashMap<>();
  private final Set<String> children = new HashSet<>();

  /**
   * @param where where in a compound request this part stands; empty for the request itself
   */
  Footprint(String where) {
    this.where = where;
  }

  /** What is done to one object; the operation exists from now on. */
  Touched on(String family, String object, Action action) {
    return targets.computeIfAbsent(new Target(family, object, action), target -> new Touched());
  }

  Touched onObject(String object, Action action) {
    return on(SOBJECT, object, action);
  }

  /** Several rows of a relationship are read: {@code account.contacts}. */
  void children(String path) {
    children.add(path);
  }

  /**
   * Rows in the recycle bin may be shown too: every object that is read is read there as well, and
   * so are children.
   */
  void includeDeleted() {
    List.copyOf(targets.keySet()).stream()
        .filter(target -> target.action == Action.READ)
        .filter(target -> target.family.equals(SOBJECT) || children.contains(target.object))
        .forEach(
            target ->
                on(DELETED, target.object, Action.READ)
                    .showsAs(on(target.family, target.object, target.action)));
  }

  List<Operation> operations() {
    return targets.entrySet().stream()
        .map(
            entry ->
                new Operation(
                    entry.getKey().family,
                    entry.getKey().object,
                    entry.getKey().action,
                    entry.getValue().fields(),
                    entry.getValue().rows(),
                    where))
        .toList();
  }

  /** How a field is touched. */
  enum Use {
    READ,
    FILTERED
  }

  /** The fields of one operation. */
  static final class Touched {
    private final Set<String> read = new TreeSet<>();
    private final Set<String> filtered = new TreeSet<>();
    private final Set<String> written = new TreeSet<>();
    private final Set<RowSet> sets = new LinkedHashSet<>(2);
    private boolean all;

    Touched uses(String field, Use use) {
      switch (use) {
        case READ -> read.add(field);
        case FILTERED -> filtered.add(field);
      }
      return this;
    }

    Touched reads(String field) {
      return uses(field, Use.READ);
    }

    Touched filters(String field) {
      return uses(field, Use.FILTERED);
    }

    Touched writes(String field) {
      written.add(field);
      return this;
    }

    /** Every field is read or, where a file brings the fields later, written. */
    Touched all() {
      all = true;
      return this;
    }

    /** Rows of this set are shown. */
    Touched shows(RowSet set) {
      sets.add(set);
      return this;
    }

    Touched shows(RowBound bound) {
      return shows(new RowSet(bound));
    }

    /** The same rows are shown. */
    void showsAs(Touched other) {
      other.sets.forEach(this::shows);
    }

    private RowBound rows() {
      return sets.stream().map(RowSet::bound).reduce(RowBound::plus).orElse(RowBound.unknown());
    }

    private FieldUse fields() {
      return new FieldUse(read, filtered, written, all);
    }
  }
}
