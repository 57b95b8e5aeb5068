// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.RequestTarget;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tenant {@code acme}, and requests to it. */
final class TestTenant {
  static final String ID = "0123456789abcdef0123456789abcdef";
  static final String SOAP_PATH = "/ccx/service/acme/Human_Resources/v42.0";
  static final Headers JSON = Headers.none().with("Content-Type", "application/json");
  static final Headers XML = Headers.none().with("Content-Type", "text/xml");

  private TestTenant() {}

  static Connector connector() {
    return connector(Map.of("tenant", "acme"));
  }

  static Connector connector(Map<String, String> options) {
    return new WorkdayAdapter()
        .connect(
            new ConnectorSettings(
                "workday",
                URI.create("https://wd2-impl.workday.example"),
                URI.create("https://gateway.acme.example/workday"),
                options));
  }

  static ConnectorRequest get(String path) {
    return request("GET", path, null, Headers.none(), "");
  }

  static ConnectorRequest soap(String body) {
    return request("POST", SOAP_PATH, null, XML, body);
  }

  static ConnectorRequest request(
      String method, String path, @Nullable String query, Headers headers, String body) {
    return ConnectorRequest.head(method, RequestTarget.parse(path, query), headers)
        .withBody(body.getBytes(StandardCharsets.UTF_8));
  }
}
