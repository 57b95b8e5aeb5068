// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScopeTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "servicenow:table/incident:read",
        "salesforce:sobject/Account:update",
        "workday:staffing/workers:read",
        "*:*/*:*",
        "servicenow:table/*:read",
        "a:b/c.d-e_f~g:h"
      })
  void parseWhenWellFormedThenPrintsAsWritten(String text) {
    assertThat(Scope.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "a",
        "a:b",
        "a:b:c",
        "a:b/c",
        "a/b:c",
        ":b/c:d",
        "a:/c:d",
        "a:b/:d",
        "a:b/c:",
        "a:b/c:d:e",
        "a:b/c/d:e",
        "a:b/c*:d",
        "a:**/c:d",
        "a:b/c d:e",
        " a:b/c:d",
        "a:b/c:d ",
        "a:b/c:d\n",
        "a:b/c,d:e",
        "a:b/\"c\":d",
        "a:b/c\\:d",
        "a:b/\u00e9:d",
        "a:b/c\u0000:d"
      })
  void parseWhenMalformedThenRefused(String text) {
    assertThat(Scope.tryParse(text)).isEmpty();
    assertThatThrownBy(() -> Scope.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("<connector>:<family>/<object>:<action>");
  }

  @ParameterizedTest
  @CsvSource({
    "a:b/c:read, a:b/c:read, true",
    "a:b/*:read, a:b/c:read, true",
    "a:b/*:read, a:b/*:read, true",
    "*:*/*:*, a:b/c:read, true",
    "a:b/c:read, a:b/*:read, false",
    "a:b/c:read, a:b/c:update, false",
    "a:b/c:read, a:b/C:read, false",
    "a:b/*:read, x:b/c:read, false",
    "a:*/c:read, a:b/d:read, false"
  })
  void coversWhenWildcardThenOnlyDownwards(String wide, String narrow, boolean covers) {
    assertThat(Scope.parse(wide).covers(Scope.parse(narrow))).isEqualTo(covers);
  }

  @Test
  void newWhenSegmentHoldsASeparatorThenRefused() {
    assertThatThrownBy(() -> new Scope("a", "b/c", "d", "read"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("family");
  }
}
