// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.ConnectorAdapter;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.contract.connector.ConnectorContract;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;

class SalesforceContractTests extends ConnectorContract {
  @Override
  protected ConnectorAdapter adapter() {
    return new SalesforceAdapter();
  }

  @Override
  protected Map<String, String> options() {
    return Map.of("keyPrefixes", "001=Account", "apexRestPaths", "/orders/*");
  }

  @Override
  protected ConnectorRequest readRequest() {
    return ConnectorRequest.head(
        "GET",
        RequestTarget.parse("/services/data/v66.0/query", "q=SELECT+Id+FROM+Account"),
        Headers.none());
  }

  @Override
  protected ConnectorRequest writeRequest() {
    return ConnectorRequest.head(
            "PATCH",
            RequestTarget.parse("/services/data/v66.0/sobjects/Account/001000000000001AAA", null),
            Headers.none().with("Content-Type", "application/json"))
        .withBody("{\"Name\":\"Acme\"}".getBytes(StandardCharsets.UTF_8));
  }

  @Override
  protected Set<String> vendorCredentialHeaders() {
    return Set.of("X-SFDC-Session");
  }

  @Override
  protected Set<String> vendorCredentialParameters() {
    return Set.of("sid", "oauth_token", "access_token");
  }

  @Override
  protected List<Credential> credentials() {
    return List.of(new Credential.BearerToken(Secret.of("stored-secret-9b1d")));
  }
}
