// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.bailiwick.connector.Action;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OperationTableTests {
  /** Families that are not functional areas; an area of the same name would share their scopes. */
  private static final Set<String> OTHER_FAMILIES = Set.of("wql", "wql-related", "raas", "soap");

  @Test
  void servedWhenReadThenEveryOperationIsWellFormed() {
    assertThat(OperationTable.served().entries())
        .hasSizeGreaterThan(120)
        .allSatisfy(
            entry -> {
              assertThat(entry.method()).isIn("GET", "POST", "PUT", "PATCH", "DELETE");
              assertThat(entry.versions()).isNotEmpty().allMatch(v -> v.matches("v[1-9][0-9]?"));
              assertThat(entry.area()).matches("[a-z]+(-[a-z]+)*").isNotIn(OTHER_FAMILIES);
              assertThat(entry.template().getFirst()).matches("[a-z]\\w+");
              assertThat(entry.action()).isNotEqualTo(Action.ADMIN);
            });
  }

  @Test
  void servedWhenMethodReadsOrWritesThenSoDoesTheAction() {
    assertThat(OperationTable.served().entries())
        .allSatisfy(
            entry -> assertThat(entry.action().writes()).isEqualTo(!entry.method().equals("GET")));
  }

  @Test
  void servedWhenAnOperationTakesABodyThenItTakesNoParameters() {
    assertThat(OperationTable.served().entries())
        .filteredOn(OperationTable.Entry::hasBody)
        .allSatisfy(entry -> assertThat(entry.parameters()).isEmpty());
  }

  @Test
  void findWhenIdIsOfEitherFormThenFinds() {
    for (String id : List.of(TestTenant.ID, "Employee_ID=21001", "Email=a b.c@d")) {
      OperationTable.Entry entry =
          OperationTable.served().find("GET", "common", "v1", List.of("workers", id), false);

      assertThat(entry.object()).isEqualTo("workers");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /a b read",
        "service s v1\nGET /a b",
        "service s v1\nGET a b read",
        "service s v1\nGET /a/{x} b read",
        "service s v1\nGET /a b reads",
        "service s v1\nGET /a b read\nGET /a c read",
        "service s"
      })
  void parseWhenALineIsIncompleteThenThrows(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> OperationTable.parse(text));
  }
}
