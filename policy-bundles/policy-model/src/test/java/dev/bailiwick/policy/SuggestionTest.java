// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionTest {
  private static final List<String> KEYS = List.of("actor", "ceiling", "delegation");

  @ParameterizedTest
  @CsvSource({"cieling, ceiling", "ceilings, ceiling", "Actor, actor", "delegaton, delegation"})
  void didYouMeanWhenNearThenNamesIt(String found, String meant) {
    assertThat(Suggestion.didYouMean(found, KEYS)).isEqualTo("; did you mean \"" + meant + "\"?");
  }

  @Test
  void didYouMeanWhenFarThenSilent() {
    assertThat(Suggestion.didYouMean("floor", KEYS)).isEmpty();
    assertThat(Suggestion.didYouMean("x", KEYS)).isEmpty();
  }

  @Test
  void didYouMeanWhenTooManyNamesThenSilent() {
    List<String> many = IntStream.range(0, 2_000).mapToObj(i -> "name" + i).toList();

    assertThat(Suggestion.didYouMean("nam1", many)).isEmpty();
  }

  @Test
  void distanceWhenNeighboursAreSwappedThenOne() {
    assertThat(Suggestion.distance("cieling", "ceiling")).isEqualTo(1);
    assertThat(Suggestion.distance("", "abc")).isEqualTo(3);
    assertThat(Suggestion.distance("same", "same")).isZero();
  }
}
