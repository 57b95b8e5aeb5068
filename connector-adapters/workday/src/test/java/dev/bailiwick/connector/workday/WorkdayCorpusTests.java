// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.Connector;
import dev.bailiwick.contract.connector.RequestCase;
import dev.bailiwick.contract.connector.RequestCorpus;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WorkdayCorpusTests {
  private final Connector connector = TestTenant.connector();

  static Stream<RequestCase> corpus() {
    return RequestCorpus.load(
        WorkdayCorpusTests.class,
        "rest.http",
        "target.http",
        "wql.http",
        "report.http",
        "soap.http",
        "rows.http");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("corpus")
  void operationsWhenRequestIsOfTheCorpusThenAsWritten(RequestCase request) {
    request.check(connector);
  }

  @Test
  void corpusWhenCountedThenIsNotEmptyByMistake() {
    assertThat(corpus()).hasSizeGreaterThan(130);
  }
}
