// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RowBound;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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

  /** One operation for each chain of references that is read or filtered through, or written. */
  List<Operation> walks() {
    if (noneWalks(read) && noneWalks(filtered) && noneWalks(written)) {
      return List.of();
    }
    Map<String, Operation> walks = new TreeMap<>();
    for (String chain : chains(Stream.concat(read.stream(), filtered.stream()))) {
      walks.put(
          chain + " read",
          walk(
              chain,
              Action.READ,
              new FieldUse(lasts(read, chain), lasts(filtered, chain), Set.of(), false)));
    }
    for (String chain : chains(written.stream())) {
      walks.put(
          chain + " update",
          walk(
              chain,
              Action.UPDATE,
              new FieldUse(Set.of(), Set.of(), lasts(written, chain), false)));
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

  private static Set<String> chains(Stream<FieldName> fields) {
    return fields
        .filter(FieldName::walks)
        .map(FieldName::references)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> lasts(Set<FieldName> fields, String chain) {
    Predicate<FieldName> onChain = field -> field.walks() && field.references().equals(chain);
    return fields.stream().filter(onChain).map(FieldName::last).collect(Collectors.toSet());
  }
}
