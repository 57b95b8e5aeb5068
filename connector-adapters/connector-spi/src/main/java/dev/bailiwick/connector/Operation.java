// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.util.Objects;

/**
 * One thing that a request will really do upstream.
 *
 * @param family the part of the vendor's API, such as {@code table}
 * @param object the object inside that family, in the vendor's normal form (ServiceNow tables are
 *     lower case)
 * @param action what is done to it
 * @param fields the fields that are touched, for field rules
 * @param rows how many rows its answer can show, for limits on rows; without meaning unless it
 *     reads
 * @param where where in a compound request this operation stands, such as {@code rest_requests[2]};
 *     empty for the request itself
 */
public record Operation(
    String family, String object, Action action, FieldUse fields, RowBound rows, String where) {
  /** What a name in a scope can hold: printable ASCII but separators, quotes and the wildcard. */
  private static final boolean[] WORD = new boolean[0x7f];

  static {
    for (char c = '!'; c < WORD.length; c++) {
      WORD[c] = ":/*,\"\\".indexOf(c) < 0;
    }
  }

  public Operation {
    family = requireWord("family", family);
    object = requireWord("object", object);
    Objects.requireNonNull(action, "action");
    Objects.requireNonNull(fields, "fields");
    Objects.requireNonNull(rows, "rows");
    Objects.requireNonNull(where, "where");
  }

  /** An operation that stands for the request itself, which does not say how many rows it shows. */
  public static Operation of(String family, String object, Action action, FieldUse fields) {
    return new Operation(family, object, action, fields, RowBound.unknown(), "");
  }

  /** The same with a limit of rows. */
  public Operation withRows(RowBound bound) {
    return new Operation(family, object, action, fields, bound, where);
  }

  /** The same as part of a compound request. */
  public Operation at(String part) {
    return new Operation(family, object, action, fields, rows, part);
  }

  /** The scope that this operation needs: {@code <connector>:<family>/<object>:<action>}. */
  public String scope(String connector) {
    return connector + ":" + family + "/" + object + ":" + action.word();
  }

  /** Separators and the wildcard can never be smuggled into a scope through a name. */
  private static String requireWord(String part, String word) {
    if (word.isEmpty()) {
      throw new IllegalArgumentException(part + " must not be empty");
    }
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c >= WORD.length || !WORD[c]) {
        throw new IllegalArgumentException(
            String.format("%s holds a character that a scope cannot hold: U+%04X", part, (int) c));
      }
    }
    return word;
  }
}
