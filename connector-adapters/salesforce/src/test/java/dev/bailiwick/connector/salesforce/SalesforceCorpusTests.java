// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.Connector;
import dev.bailiwick.contract.connector.RequestCase;
import dev.bailiwick.contract.connector.RequestCorpus;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SalesforceCorpusTests {
  private final Connector connector = TestConnectors.mounted();

  static Stream<RequestCase> corpus() {
    return RequestCorpus.load(
        SalesforceCorpusTests.class,
        "records.http",
        "queries.http",
        "composite.http",
        "collections.http",
        "graphql.http",
        "families.http",
        "target.http",
        "rows.http");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("corpus")
  void operationsWhenRequestIsOfTheCorpusThenAsWritten(RequestCase request) {
    request.check(connector);
  }

  @Test
  void corpusWhenCountedThenIsNotEmptyByMistake() {
    assertThat(corpus()).hasSizeGreaterThan(170);
  }
}
