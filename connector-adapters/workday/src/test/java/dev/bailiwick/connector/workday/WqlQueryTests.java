// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.MalformedRequestException.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WqlQueryTests {
  @Test
  void parseWhenEveryClauseIsThereThenFindsEveryField() {
    WqlQuery query =
        WqlQuery.parse(
            """
            PARAMETERS p1 = 'x', p2 = ('y', z)
            select distinct a, b AS c, SUM(d), COUNT(), COUNT(DISTINCT e), f{g, h{i}}
            from source(dataSourceFilter = mine, p3 = true)
            where j = 1 and (k in ('x', 2) or not l is not empty)
            where on m between '2026-01-01' and '2026-12-31'
            group by n, o
            having max(q) >= -1.5
            order by r asc, s desc, t
            limit 100""");

    assertThat(query.dataSource()).isEqualTo("source");
    assertThat(query.shown()).containsExactlyInAnyOrder("a", "b", "d", "e", "f.g", "f.h.i");
    assertThat(query.looked())
        .containsExactlyInAnyOrder(
            "p1", "p2", "p3", "z", "j", "k", "l", "m", "n", "o", "q", "r", "s", "t");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x = 1",
        "x != 1",
        "x <> 1",
        "x < 1",
        "x >= 0123456789abcdef0123456789abcdef",
        "x is empty",
        "x IS NOT NULL",
        "x contains 'a'",
        "x not contains 'a'",
        "x startsWith 'a'",
        "x ENDSWITH 'a'",
        "x not in ('a', 'b')",
        "x between 1 and 2",
        "((x = 1))",
        "not (x = 1 or x = 2)",
        "x = null",
        "x = '%_;--/*\"FROM other'",
        "MIN(x) = 1"
      })
  void parseWhenComparisonIsKnownThenTheFieldIsFiltered(String condition) {
    WqlQuery query = WqlQuery.parse("SELECT a FROM b WHERE " + condition);

    assertThat(query.looked()).containsExactly("x");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "SELECT",
        "SELECT a",
        "SELECT FROM b",
        "SELECT a FROM",
        "SELECT a, FROM b",
        "SELECT a b FROM c",
        "SELECT a AS FROM b",
        "SELECT a AS 'b' FROM c",
        "SELECT a FROM b c",
        "SELECT a FROM b AS c",
        "SELECT a FROM 'b'",
        "SELECT a FROM b.c",
        "SELECT a FROM b(",
        "SELECT a FROM b()",
        "SELECT a FROM b(c)",
        "SELECT a FROM b WHERE",
        "SELECT a FROM b WHERE c",
        "SELECT a FROM b WHERE c =",
        "SELECT a FROM b WHERE c NOT = 1",
        "SELECT a FROM b WHERE c LIKE 'x'",
        "SELECT a FROM b WHERE (c = 1",
        "SELECT a FROM b WHERE c = 1)",
        "SELECT a FROM b WHERE c IN ()",
        "SELECT a FROM b WHERE c = 1 WHERE d = 2",
        "SELECT a FROM b WHERE ON c = 1 WHERE d = 2",
        "SELECT a FROM b LIMIT 5 WHERE c = 1",
        "SELECT a FROM b LIMIT c",
        "SELECT a FROM b LIMIT 1.5",
        "SELECT a FROM b LIMIT '5'",
        "SELECT a FROM b ORDER c",
        "SELECT a{} FROM b",
        "SELECT a{b FROM c",
        "SELECT a FROM b WHERE EXISTS (SELECT c FROM d)",
        "SELECT CASE WHEN a FROM b",
        "DELETE FROM b",
        "SELECT a FROM b LIMIT 1 LIMIT 2",
        "SELECT a FROM b EXCEPT SELECT c FROM d",
        "SELECT ａ FROM b",
        "SELECT a FROM b\u0000",
        "SELECT a FROM b\u00a0WHERE c = 1"
      })
  void parseWhenGrammarIsLeftThenDenies(String query) {
    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> WqlQuery.parse(query))
        .satisfies(denial -> assertThat(denial.kind()).isEqualTo(Kind.UNKNOWN_OPERATION));
  }

  @ParameterizedTest
  @CsvSource({"(,)", "a{,}"})
  void parseWhenNestedTooDeeplyThenTooLarge(String open, String close) {
    String nested = open.repeat(40) + "a" + close.repeat(40);
    String query =
        open.startsWith("(") ? "SELECT a FROM b WHERE " + nested : "SELECT " + nested + " FROM b";

    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> WqlQuery.parse(query))
        .satisfies(denial -> assertThat(denial.kind()).isEqualTo(Kind.TOO_LARGE));
  }

  @Test
  void parseWhenQueryIsTooLongThenTooLarge() {
    String query = "SELECT a FROM b WHERE c = '" + "x".repeat(20_000) + "'";

    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> WqlQuery.parse(query))
        .satisfies(denial -> assertThat(denial.kind()).isEqualTo(Kind.TOO_LARGE));
  }

  @Test
  void parseWhenDeniedThenTheSentenceShowsNoLiteral() {
    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> WqlQuery.parse("SELECT 'hunter2' FROM b"))
        .satisfies(denial -> assertThat(denial.sentence()).doesNotContain("hunter2"));
  }
}
