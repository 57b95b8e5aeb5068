// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowBoundTests {
  private static final String WAY = "LIMIT #";
  private static final String SUM = WAY + " (all parts added up)";
  private static final RowBound UNLIMITED = RowBound.unlimited(WAY);

  @ParameterizedTest
  @CsvSource({"1, 1", "200, 200", "007, 7", "999999999999999999, 999999999999999999"})
  void writtenWhenDigitsThenThatMany(String digits, long most) {
    assertThat(RowBound.written(digits, WAY)).isEqualTo(RowBound.limited(most, WAY));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "0", "000", "-1", "+1", " 1", "1e3", "1.0", "0x10", "\uff11", "\u0661"})
  void writtenWhenAnythingElseThenNoLimit(String text) {
    assertThat(RowBound.written(text, WAY)).isEqualTo(UNLIMITED);
  }

  @Test
  void writtenWhenNumberIsLongerThanCanBeCountedThenNoLimit() {
    assertThat(RowBound.written("1".repeat(19), WAY)).isEqualTo(UNLIMITED);
  }

  @Test
  void parameterWhenItIsThereThenItsValue() {
    RequestTarget with = RequestTarget.parse("/rows", "limit=5");
    RequestTarget without = RequestTarget.parse("/rows", null);

    assertThat(RowBound.parameter(with, "limit")).isEqualTo(RowBound.limited(5, "limit=#"));
    assertThat(RowBound.parameter(without, "limit")).isEqualTo(RowBound.unlimited("limit=#"));
  }

  @Test
  void andWhenBothHoldThenTheStricterOne() {
    RowBound few = RowBound.limited(3, WAY);
    RowBound many = RowBound.limited(9, WAY);

    assertThat(few.and(many)).isEqualTo(few);
    assertThat(many.and(few)).isEqualTo(few);
    assertThat(UNLIMITED.and(many)).isEqualTo(many);
    assertThat(many.and(UNLIMITED)).isEqualTo(many);
  }

  @Test
  void plusWhenOneIsUnlimitedThenTheSumIs() {
    assertThat(RowBound.limited(3, WAY).plus(RowBound.limited(4, WAY)))
        .isEqualTo(RowBound.limited(7, SUM));
    assertThat(RowBound.limited(3, WAY).plus(UNLIMITED)).isEqualTo(RowBound.unlimited(SUM));
    assertThat(UNLIMITED.plus(RowBound.limited(3, WAY))).isEqualTo(RowBound.unlimited(SUM));
    assertThat(UNLIMITED.plus(UNLIMITED).plus(UNLIMITED)).isEqualTo(RowBound.unlimited(SUM));
  }

  @Test
  void plusWhenOneShowsNothingThenTheOther() {
    assertThat(UNLIMITED.plus(RowBound.none())).isEqualTo(UNLIMITED);
    assertThat(RowBound.none().plus(UNLIMITED)).isEqualTo(UNLIMITED);
  }

  @Test
  void plusWhenOnlyOneCanBeLimitedThenItsWayUnlessTheOtherShowsWhatItLikes() {
    RowBound few = RowBound.limited(3, WAY);

    assertThat(few.plus(RowBound.one())).isEqualTo(RowBound.limited(4, SUM));
    assertThat(RowBound.one().plus(few)).isEqualTo(RowBound.limited(4, SUM));
    assertThat(RowBound.one().plus(UNLIMITED)).isEqualTo(RowBound.unlimited(SUM));
    assertThat(RowBound.unknown().plus(few)).isEqualTo(RowBound.unknown());
    assertThat(few.plus(RowBound.unknown())).isEqualTo(RowBound.unknown());
    assertThat(UNLIMITED.plus(RowBound.unknown())).isEqualTo(RowBound.unknown());
    assertThat(RowBound.unknown().plus(UNLIMITED)).isEqualTo(RowBound.unknown());
  }

  @Test
  void timesWhenRowsHaveRowsOfTheirOwnThenMultiplied() {
    RowBound outer = RowBound.limited(10, WAY);

    assertThat(outer.times(RowBound.limited(5, WAY), "both #"))
        .isEqualTo(RowBound.limited(50, "both #"));
    assertThat(outer.times(UNLIMITED, "both #")).isEqualTo(RowBound.unlimited("both #"));
    assertThat(outer.times(RowBound.unknown(), "both #")).isEqualTo(RowBound.unknown());
  }

  @Test
  void timesOrPlusWhenItOverflowsThenTheLargestNumber() {
    RowBound huge = RowBound.limited(Long.MAX_VALUE / 2, WAY);

    assertThat(huge.times(huge, "both #")).isEqualTo(RowBound.limited(Long.MAX_VALUE, "both #"));
    assertThat(huge.plus(huge).plus(huge)).isEqualTo(RowBound.limited(Long.MAX_VALUE, SUM));
  }

  @Test
  void limitedWhenNegativeThenRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> RowBound.limited(-1, WAY));
  }
}
