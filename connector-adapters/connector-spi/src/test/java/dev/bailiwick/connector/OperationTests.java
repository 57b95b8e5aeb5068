// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OperationTests {
  @Test
  void scopeWhenCalledThenJoinsConnectorFamilyObjectAndAction() {
    Operation operation = Operation.of("table", "incident", Action.READ, FieldUse.all());

    assertThat(operation.scope("servicenow")).isEqualTo("servicenow:table/incident:read");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a:b", "a/b", "*", "a*", "a,b", "a\"b", "a\\b", "a\nb", "é"})
  void operationWhenAWordCouldBreakAScopeThenThrows(String word) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Operation.of(word, "incident", Action.READ, FieldUse.none()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Operation.of("table", word, Action.READ, FieldUse.none()));
  }
}
