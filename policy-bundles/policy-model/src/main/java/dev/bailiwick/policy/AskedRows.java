// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * How many rows an attempt asks for. Immutable.
 *
 * @param most at most so many; empty when the request sets no limit
 * @param way how such a request sets one, with {@code #} where the number stands: {@code LIMIT #};
 *     empty when none can
 */
public record AskedRows(OptionalLong most, String way) {
  private static final AskedRows UNKNOWN = new AskedRows(OptionalLong.empty(), "");

  public AskedRows {
    Objects.requireNonNull(most, "most");
    Objects.requireNonNull(way, "way");
  }

  /** Nobody can say how many. */
  public static AskedRows unknown() {
    return UNKNOWN;
  }

  /** Whether the request itself says that it wants no more than this. */
  boolean areAtMost(long rows) {
    return most.isPresent() && most.getAsLong() <= rows;
  }

  /** What is wrong with asking for these, and what to do, when no more than {@code rows} may be. */
  String excess(int rows) {
    String asked =
        most.isPresent()
            ? "the request asks for up to " + most.getAsLong()
            : "the request sets no limit";
    if (way.isEmpty() && most.isPresent()) {
      return asked
          + ", all parts added up: ask for at most "
          + rows
          + " in one request, and for the rest in others";
    }
    if (way.isEmpty()) {
      return asked
          + ", which a request of this kind cannot: ask in a way that can, or for fewer records by"
          + " their ids";
    }
    return asked + (most.isPresent() ? ": ask with " : ": add ") + way.replace("#", "" + rows);
  }
}
