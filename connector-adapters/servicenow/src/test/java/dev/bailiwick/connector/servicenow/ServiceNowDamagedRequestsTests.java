// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.contract.connector.DamagedRequestsContract;
import dev.bailiwick.contract.connector.RequestCase;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

class ServiceNowDamagedRequestsTests extends DamagedRequestsContract {
  @Override
  protected Connector connector() {
    return new ServiceNowAdapter()
        .connect(
            new ConnectorSettings(
                "servicenow",
                URI.create("https://acme.service-now.com"),
                URI.create("https://gateway.acme.example/servicenow"),
                Map.of("scriptedRest", "/api/x_acme_app/v1/orders")));
  }

  @Override
  protected Stream<RequestCase> corpus() {
    return ServiceNowCorpusTests.corpus();
  }

  @Override
  protected List<String> pieces() {
    return List.of(
        "^",
        "^OR",
        "^NQ",
        "^EQ",
        "ORDERBY",
        "ORDERBYDESC",
        "GROUPBY",
        "RLQUERY",
        "^ENDRLQUERY",
        "INSTANCEOF",
        "123TEXTQUERY321",
        "ISEMPTY",
        "STARTSWITH",
        "NOT IN",
        "LIKE",
        "SAMEAS",
        "BETWEEN",
        "javascript:",
        "DYNAMIC",
        "@",
        "caller_id.",
        "a.b.c",
        ".",
        "=",
        "!=",
        "&",
        "?",
        "%5E",
        "%3D",
        "%00",
        "%",
        "+",
        "/",
        "..",
        "\\",
        "\"",
        "'",
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "null",
        "\n",
        "\u0000",
        "é",
        "А",
        "\uD800",
        "eyJhIjoxfQ==",
        "====",
        "\"url\":\"/api/now\"",
        "\"method\":\"DELETE\"",
        "999999999999999999999",
        "sysparm_query=",
        "sys_user");
  }
}
