// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.LongBinaryOperator;

/**
 * How many rows of its object a read can show in its answer, as far as the request itself says so.
 * A default of the vendor's is none of its words: vendors change them, and administrators set them.
 * Immutable.
 *
 * @param most at most so many; empty when the request does not say
 * @param way how such a request would say it, with {@code #} where the number stands, such as
 *     {@code LIMIT #}; empty when it cannot
 */
public record RowBound(OptionalLong most, String way) {
  private static final int MOST_DIGITS = 18;
  private static final String TOGETHER = " (all parts added up)";
  private static final RowBound UNKNOWN = new RowBound(OptionalLong.empty(), "");
  private static final RowBound NONE = of(0);
  private static final RowBound ONE = of(1);

  public RowBound {
    Objects.requireNonNull(most, "most");
    Objects.requireNonNull(way, "way");
    if (most.isPresent() && most.getAsLong() < 0) {
      throw new IllegalArgumentException("most must not be negative");
    }
  }

  /** Nothing in such a request can say how many: what a limit of rows always denies. */
  public static RowBound unknown() {
    return UNKNOWN;
  }

  /** The answer shows no rows, but what describes or counts them. */
  public static RowBound none() {
    return NONE;
  }

  /** The answer shows one record: the one that the request names. */
  public static RowBound one() {
    return ONE;
  }

  /** The answer shows at most the records that the request names one by one. */
  public static RowBound of(long records) {
    return new RowBound(OptionalLong.of(records), "");
  }

  /** A request that sets no limit, although it could. */
  public static RowBound unlimited(String way) {
    return new RowBound(OptionalLong.empty(), way);
  }

  /** A request that sets a limit. */
  public static RowBound limited(long most, String way) {
    return new RowBound(OptionalLong.of(most), way);
  }

  /**
   * A limit as it is written in decimal digits. Anything else sets none, and neither does zero:
   * some systems take it for "as many as usual".
   *
   * @param digits a number of at most 18 digits
   */
  public static RowBound written(String digits, String way) {
    boolean number =
        !digits.isEmpty()
            && digits.length() <= MOST_DIGITS
            && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    long most = number ? Long.parseLong(digits) : 0;
    return most > 0 ? limited(most, way) : unlimited(way);
  }

  /** The limit that a query parameter sets, if it is there. */
  public static RowBound parameter(RequestTarget target, String name) {
    return written(target.single(name).orElse(""), name + "=#");
  }

  /** The stricter of two limits on the same rows. */
  public RowBound and(RowBound other) {
    if (most.isEmpty() || other.most.isEmpty()) {
      return most.isEmpty() ? other : this;
    }
    return most.getAsLong() <= other.most.getAsLong() ? this : other;
  }

  /** Rows of both at once; a sum that does not fit is the largest number there is. */
  public RowBound plus(RowBound other) {
    if (other.showsNone()) {
      return this;
    }
    return showsNone() ? other : combined(other, together(other), Math::addExact);
  }

  private boolean showsNone() {
    return most.isPresent() && most.getAsLong() == 0;
  }

  /** The way of the one that has to be limited; nothing is, when one of those cannot be. */
  private String together(RowBound other) {
    String one;
    if (most.isEmpty() != other.most.isEmpty()) {
      one = most.isEmpty() ? way : other.way;
    } else if (way.isEmpty() == other.way.isEmpty()) {
      one = way;
    } else {
      one = most.isEmpty() ? "" : way + other.way;
    }
    return one.isEmpty() || one.endsWith(TOGETHER) ? one : one + TOGETHER;
  }

  /**
   * So many rows of another kind for each of these, which takes a limit on both. A product that
   * does not fit is the largest number there is.
   */
  public RowBound times(RowBound each, String wayOfBoth) {
    return combined(
        each, way.isEmpty() || each.way.isEmpty() ? "" : wayOfBoth, Math::multiplyExact);
  }

  private RowBound combined(RowBound other, String together, LongBinaryOperator sum) {
    if (most.isEmpty() || other.most.isEmpty()) {
      return unlimited(together);
    }
    try {
      return limited(sum.applyAsLong(most.getAsLong(), other.most.getAsLong()), together);
    } catch (ArithmeticException e) {
      return limited(Long.MAX_VALUE, together);
    }
  }
}
