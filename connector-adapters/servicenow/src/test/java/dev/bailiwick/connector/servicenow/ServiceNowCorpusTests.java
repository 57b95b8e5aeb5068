// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.contract.connector.RequestCase;
import dev.bailiwick.contract.connector.RequestCorpus;
import java.net.URI;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ServiceNowCorpusTests {
  private final Connector connector =
      new ServiceNowAdapter()
          .connect(
              new ConnectorSettings(
                  "servicenow",
                  URI.create("https://acme.service-now.com"),
                  URI.create("https://gateway.acme.example/servicenow"),
                  Map.of("scriptedRest", "/api/x_acme_app/v1/orders, /api/123456/tidy")));

  static Stream<RequestCase> corpus() {
    return RequestCorpus.load(
        ServiceNowCorpusTests.class,
        "table.http",
        "target.http",
        "parameters.http",
        "fields.http",
        "encoded-query.http",
        "body.http",
        "aggregate.http",
        "batch.http",
        "attachment.http",
        "import.http",
        "cmdb.http",
        "catalog.http",
        "change.http",
        "scripted.http",
        "families.http",
        "rows.http");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("corpus")
  void operationsWhenRequestIsOfTheCorpusThenAsWritten(RequestCase request) {
    request.check(connector);
  }

  @Test
  void corpusWhenCountedThenIsNotEmptyByMistake() {
    assertThat(corpus()).hasSizeGreaterThan(270);
  }
}
