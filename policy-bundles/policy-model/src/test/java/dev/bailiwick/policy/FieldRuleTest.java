// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FieldRuleTest {
  private static final FieldRule DENY = new FieldRule(Set.of(), Set.of("caller_id", "Salary__c"));
  private static final FieldRule ALLOW = new FieldRule(Set.of("state", "caller_id"), Set.of());

  @ParameterizedTest
  @CsvSource({
    "state, true",
    "caller_id, false",
    "CALLER_ID, false",
    "caller_id.email, false",
    "Caller_Id.manager.email, false",
    "caller_ids, true",
    "salary__c, false",
    "x.caller_id, true"
  })
  void permitsWhenDeniedThenCaseAndWhatLiesBelowDoNotMatter(String field, boolean permitted) {
    assertThat(DENY.permits(field)).isEqualTo(permitted);
  }

  @ParameterizedTest
  @CsvSource({
    "state, true",
    "State, false",
    "caller_id, true",
    "caller_id.email, false",
    "number, false"
  })
  void permitsWhenAllowedThenOnlyExactly(String field, boolean permitted) {
    assertThat(ALLOW.permits(field)).isEqualTo(permitted);
  }

  @Test
  void permitsWhenAllowedAndDeniedThenDenyWins() {
    FieldRule both = new FieldRule(Set.of("state", "caller_id"), Set.of("caller_id"));

    assertThat(both.permits("state")).isTrue();
    assertThat(both.permits("caller_id")).isFalse();
  }

  @Test
  void firstDeniedWhenSeveralThenTheFirstInTheAlphabet() {
    TouchedFields fields =
        new TouchedFields(Set.of("state", "zip"), Set.of("age"), Set.of("name"), true);

    assertThat(ALLOW.firstDenied(fields)).contains("age");
  }

  @Test
  void firstDeniedWhenNothingIsTouchedThenNone() {
    assertThat(ALLOW.firstDenied(TouchedFields.none())).isEmpty();
  }

  @Test
  void firstDeniedWhenRuleIsAnyThenNone() {
    TouchedFields fields = new TouchedFields(Set.of("a"), Set.of("b"), Set.of("c"), true);

    assertThat(FieldRule.any().firstDenied(fields)).isEmpty();
  }
}
