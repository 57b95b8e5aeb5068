// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.util.Set;
import java.util.TreeSet;

/**
 * The fields of one object that an operation touches. Immutable.
 *
 * @param read fields that the answer will show
 * @param filtered fields that select or order rows; a filter discloses yes or no, so it counts as
 *     read wherever a read is ruled
 * @param written fields that are set
 * @param readsAll the answer shows every field (no list of fields was given)
 */
public record FieldUse(
    Set<String> read, Set<String> filtered, Set<String> written, boolean readsAll) {
  private static final FieldUse NONE = new FieldUse(Set.of(), Set.of(), Set.of(), false);
  private static final FieldUse ALL = new FieldUse(Set.of(), Set.of(), Set.of(), true);

  public FieldUse {
    read = Set.copyOf(read);
    filtered = Set.copyOf(filtered);
    written = Set.copyOf(written);
  }

  /** No field at all: the operation touches the object as a whole. */
  public static FieldUse none() {
    return NONE;
  }

  /** Every field is shown and none is named. */
  public static FieldUse all() {
    return ALL;
  }

  /** Every field that is named anywhere, sorted. */
  public Set<String> named() {
    Set<String> names = new TreeSet<>(read);
    names.addAll(filtered);
    names.addAll(written);
    return names;
  }
}
