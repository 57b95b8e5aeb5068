// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Conditions of a search, which are SOQL of one clause each. */
final class ParameterizedSearchTests {

  private static List<Operation> search(String member, String text) {
    return TestConnectors.mounted()
        .call(
            TestConnectors.post(
                "/services/data/v66.0/parameterizedSearch",
                "{\"q\":\"x\",\"sobjects\":[{\"name\":\"Account\",\"limit\":5,\""
                    + member
                    + "\":\""
                    + text
                    + "\"}]}"))
        .operations();
  }

  @Test
  void callWhenConditionsAreOneClauseThenTheirFieldsAreFilters() {
    assertThat(Shown.of(search("where", "Name != null AND Owner.Name = 'x'")))
        .containsExactly(
            "sobject/account:read id ?name ?owner *", "relationship/account.owner:read ?name");
    assertThat(Shown.of(search("orderBy", "Name DESC NULLS LAST, Site")))
        .containsExactly("sobject/account:read id ?name ?site *");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Name != null LIMIT 2000",
        "Name != null OFFSET 5",
        "Name != null ORDER BY Name",
        "Name != null GROUP BY Name",
        "Name != null WITH SECURITY_ENFORCED",
        "Name != null ALL ROWS",
        "Name != null FOR UPDATE",
        "Name != null FOR VIEW",
        "Name != null UPDATE TRACKING",
      })
  void callWhenWhereHoldsAnotherClauseThenDenied(String where) {
    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> search("where", where))
        .withMessageContaining("where holds another clause of SOQL");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Name LIMIT 2000", "Name OFFSET 5", "Name ALL ROWS", "Name FOR UPDATE"})
  void callWhenOrderByHoldsAnotherClauseThenDenied(String order) {
    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> search("orderBy", order))
        .withMessageContaining("orderBy holds another clause of SOQL");
  }
}
