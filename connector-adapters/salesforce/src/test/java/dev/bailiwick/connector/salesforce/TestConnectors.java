// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.RequestTarget;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Connectors to an org that does not exist, and requests to them. */
final class TestConnectors {
  static final Map<String, String> OPTIONS =
      Map.of(
          "keyPrefixes", "001=Account 003=Contact a0B=Invoice__c",
          "apexRestPaths", "/cases/escalate /orders/*");

  private TestConnectors() {}

  /** Mounted at {@code /salesforce}. */
  static Connector mounted() {
    return at("https://gateway.acme.example/salesforce", OPTIONS);
  }

  static Connector at(String external, Map<String, String> options) {
    return new SalesforceAdapter()
        .connect(
            new ConnectorSettings(
                "salesforce",
                URI.create("https://acme.my.salesforce.com"),
                URI.create(external),
                options));
  }

  static ConnectorRequest get(String target) {
    return request("GET", target, "");
  }

  static ConnectorRequest post(String target, String body) {
    return request("POST", target, body);
  }

  static ConnectorRequest request(String method, String target, String body) {
    int query = target.indexOf('?');
    RequestTarget parsed =
        query < 0
            ? RequestTarget.parse(target, null)
            : RequestTarget.parse(target.substring(0, query), target.substring(query + 1));
    Headers headers =
        body.isEmpty()
            ? Headers.none()
            : Headers.none().with("Content-Type", "application/json; charset=UTF-8");
    return ConnectorRequest.head(method, parsed, headers)
        .withBody(body.getBytes(StandardCharsets.UTF_8));
  }
}
