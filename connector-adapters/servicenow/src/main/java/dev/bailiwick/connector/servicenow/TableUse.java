// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RowBound;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The fields of one table that a request touches, through references too.
 *
 * @param read fields that the answer shows
 * @param filtered fields that select, order or group
 * @param written fields that are set
 * @param readsAll whether the answer shows every field
 * @param rows how many rows the answer shows; a reference leads to one row of another table each
 */
record TableUse(
    String table,
    Set<FieldName> read,
    Set<FieldName> filtered,
    Set<FieldName> written,
    boolean readsAll,
    RowBound rows) {
  private static final String TABLE = "table";
  private static final String DOTWALK = "dotwalk";
  private static final int MOST_WALKS = 200;

  TableUse {
    read = Set.copyOf(read);
    filtered = Set.copyOf(filtered);
    written = Set.copyOf(written);
  }

  /** Reading the table itself. */
  Operation reading() {
    return on(Action.READ, new FieldUse(firsts(read), firsts(filtered), Set.of(), readsAll));
  }

  /** Writing the table itself. */
  Operation writing(Action verb) {
    return on(verb, new FieldUse(Set.of(), Set.of(), firsts(written), false));
  }

  /** Something that is done to the table as a whole. */
  Operation on(Action verb, FieldUse fields) {
    return Operation.of(TABLE, table, verb, fields).withRows(rows);
  }

  /** References are shown by the name of what they lead to, whichever table that is in. */
  Operation displayValues() {
    return Operation.of(DOTWALK, table + ".display_value", Action.READ, FieldUse.none())
        .withRows(rows);
  }

  /** A view may hold fields of other tables, and which it holds is not known here. */
  Operation view() {
    FieldUse all = new FieldUse(Set.of(), Set.of(), Set.of(), true);
    return Operation.of(DOTWALK, table + ".view", Action.READ, all).withRows(rows);
  }

  /** One operation for each chain of references that is read or filtered through, or written. */
  List<Operation> walks() {
    if (noneWalks(read) && noneWalks(filtered) && noneWalks(written)) {
      return List.of();
    }
    Map<String, Set<String>> reads = byChain(read);
    Map<String, Set<String>> filters = byChain(filtered);
    Map<String, Operation> walks = new TreeMap<>();
    for (String chain : union(reads.keySet(), filters.keySet())) {
      walks.put(
          chain + " read",
          walk(
              chain,
              Action.READ,
              new FieldUse(
                  reads.getOrDefault(chain, Set.of()),
                  filters.getOrDefault(chain, Set.of()),
                  Set.of(),
                  false)));
    }
    byChain(written)
        .forEach(
            (chain, fields) ->
                walks.put(
                    chain + " update",
                    walk(chain, Action.UPDATE, new FieldUse(Set.of(), Set.of(), fields, false))));
    if (walks.size() > MOST_WALKS) {
      throw MalformedRequestException.tooLarge(
          "the request follows more than " + MOST_WALKS + " different chains of references");
    }
    return List.copyOf(walks.values());
  }

  private Operation walk(String chain, Action verb, FieldUse fields) {
    return Operation.of(DOTWALK, table + "." + chain, verb, fields).withRows(rows);
  }

  private static boolean noneWalks(Set<FieldName> fields) {
    for (FieldName field : fields) {
      if (field.walks()) {
        return false;
      }
    }
    return true;
  }

  private static Set<String> firsts(Set<FieldName> fields) {
    if (fields.isEmpty()) {
      return Set.of();
    }
    Set<String> firsts = new HashSet<>();
    for (FieldName field : fields) {
      firsts.add(field.first());
    }
    return firsts;
  }

  /** The fields at the ends of walks, by the references that lead to them. */
  private static Map<String, Set<String>> byChain(Set<FieldName> fields) {
    Map<String, Set<String>> chains = new HashMap<>();
    for (FieldName field : fields) {
      if (field.walks()) {
        chains.computeIfAbsent(field.references(), chain -> new HashSet<>()).add(field.last());
      }
    }
    return chains;
  }

  private static Set<String> union(Set<String> some, Set<String> others) {
    Set<String> all = new HashSet<>(some);
    all.addAll(others);
    return all;
  }
}
