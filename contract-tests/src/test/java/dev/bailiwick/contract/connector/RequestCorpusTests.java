// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.bailiwick.connector.MalformedRequestException.Kind;
import dev.bailiwick.contract.connector.RequestCase.Expected;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestCorpusTests {
  @Test
  void parseWhenTwoCasesThenReadsEveryPart() {
    String text =
        """
        Words before the first case are for people.

        ### Write a field
        # One reason
        # on two lines.
        POST /table/x?a=b
        Content-Type: application/json

        {"a":
          1}
        > table/x:create writes a
        > table/x:read

        ### Do what is never allowed
        # It is not.
        GET /admin
        > denied FORBIDDEN "never"
        """;

    var cases = RequestCorpus.parse("x.http", text);

    assertThat(cases).hasSize(2);
    RequestCase first = cases.getFirst();
    assertThat(first.place()).isEqualTo("x.http:3");
    assertThat(first.trap()).isEqualTo("Write a field");
    assertThat(first.reason()).isEqualTo("One reason on two lines.");
    assertThat(first.method()).isEqualTo("POST");
    assertThat(first.target()).isEqualTo("/table/x?a=b");
    assertThat(first.headers().first("content-type")).contains("application/json");
    assertThat(first.body()).isEqualTo("{\"a\":\n  1}");
    assertThat(first.expected())
        .isEqualTo(
            new Expected.Needs(java.util.List.of("table/x:create writes a", "table/x:read")));
    assertThat(cases.getLast().expected()).isEqualTo(new Expected.Denied(Kind.FORBIDDEN, "never"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "### No reason\nGET /x\n> table/x:read",
        "### No request\n# Reason.\n",
        "### No target\n# Reason.\nGET\n> table/x:read",
        "### No expectation\n# Reason.\nGET /x\n",
        "### Unknown expectation\n# Reason.\nGET /x\n> denied",
        "### Unknown kind\n# Reason.\nGET /x\n> denied SOMEHOW",
        "### Two verdicts\n# Reason.\nGET /x\n> denied FORBIDDEN\n> table/x:read"
      })
  void parseWhenACaseIsIncompleteThenThrows(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> RequestCorpus.parse("x.http", text));
  }
}
