// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.util.Objects;

/**
 * One operation that an agent attempts, in plain words: no wildcard has a meaning here. Immutable.
 *
 * @param connector the connector's name in the bundle
 * @param family the part of the vendor's API, such as {@code table}
 * @param object the object inside that family, in the vendor's normal form
 * @param action the word as it stands in a scope, such as {@code read}
 * @param fields the fields that it touches
 * @param rows the rows that it asks for; without meaning unless it reads
 */
public record Attempt(
    String connector,
    String family,
    String object,
    String action,
    TouchedFields fields,
    AskedRows rows) {
  private static final String READ = "read";

  public Attempt {
    requireConcrete("connector", connector);
    requireConcrete("family", family);
    requireConcrete("object", object);
    requireConcrete("action", action);
    Objects.requireNonNull(fields, "fields");
    Objects.requireNonNull(rows, "rows");
  }

  /** The scope that would permit exactly this: {@code <connector>:<family>/<object>:<action>}. */
  public String scope() {
    return connector + ":" + family + "/" + object + ":" + action;
  }

  /** Whether it is a read: the one action that {@code limits.rows} is about. */
  public boolean reads() {
    return action.equals(READ);
  }

  private static void requireConcrete(String part, String word) {
    if (word.isEmpty() || word.equals(Scope.ANY)) {
      throw new IllegalArgumentException(
          part + ": expected a name, found \"" + word + "\": only a scope holds a wildcard");
    }
  }
}
