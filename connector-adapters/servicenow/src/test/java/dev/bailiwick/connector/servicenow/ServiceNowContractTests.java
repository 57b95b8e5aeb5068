// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.ConnectorAdapter;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.contract.connector.ConnectorContract;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

class ServiceNowContractTests extends ConnectorContract {
  @Override
  protected ConnectorAdapter adapter() {
    return new ServiceNowAdapter();
  }

  @Override
  protected Map<String, String> options() {
    return Map.of("apiKeyHeader", "X-Acme-Key");
  }

  @Override
  protected ConnectorRequest readRequest() {
    return ConnectorRequest.head(
        "GET",
        RequestTarget.parse("/api/now/table/incident", "sysparm_fields=number&sysparm_limit=1"),
        Headers.none());
  }

  @Override
  protected ConnectorRequest writeRequest() {
    return ConnectorRequest.head(
            "PATCH",
            RequestTarget.parse("/api/now/table/incident/c1000000000000000000000000000001", null),
            Headers.none().with("Content-Type", "application/json"))
        .withBody("{\"state\":\"2\"}".getBytes(StandardCharsets.UTF_8));
  }

  @Override
  protected Set<String> vendorCredentialHeaders() {
    return Set.of(
        "x-sn-apikey", "X-Acme-Key", "X-UserToken", "Authentication", "SM_USER", "DE_USER");
  }

  @Override
  protected Set<String> vendorCredentialParameters() {
    return Set.of("x-sn-apikey", "X-ACME-KEY", "oauth_token", "sid", "access_token");
  }

  @Override
  protected List<Credential> credentials() {
    List<Credential> credentials = new ArrayList<>(super.credentials());
    credentials.add(new Credential.ApiKey("X-Acme-Key", Secret.of("stored-secret-9b1d")));
    return credentials;
  }
}
