// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.util.Set;

/**
 * The fields that an attempted operation touches. Immutable.
 *
 * @param read fields that the answer will show
 * @param filtered fields that select or order rows; they count as read, because a filter discloses
 *     its answer one yes or no at a time
 * @param written fields that are set
 * @param readsAll the answer shows every field and none is named
 */
public record TouchedFields(
    Set<String> read, Set<String> filtered, Set<String> written, boolean readsAll) {
  private static final TouchedFields NONE = new TouchedFields(Set.of(), Set.of(), Set.of(), false);

  public TouchedFields {
    read = Set.copyOf(read);
    filtered = Set.copyOf(filtered);
    written = Set.copyOf(written);
  }

  /** No field at all: the operation touches the object as a whole. */
  public static TouchedFields none() {
    return NONE;
  }
}
