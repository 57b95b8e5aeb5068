// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.tickets;

import dev.bailiwick.connector.ConnectorAdapter;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.contract.connector.ConnectorContract;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

class TicketsContractTests extends ConnectorContract {
  @Override
  protected ConnectorAdapter adapter() {
    return new TicketsAdapter();
  }

  @Override
  protected ConnectorRequest readRequest() {
    return ConnectorRequest.head(
        "GET", RequestTarget.parse("/v1/tickets", "status=open&fields=id,title"), Headers.none());
  }

  @Override
  protected ConnectorRequest writeRequest() {
    return ConnectorRequest.head(
            "POST",
            RequestTarget.parse("/v1/tickets", null),
            Headers.none().with("Content-Type", "application/json"))
        .withBody("{\"title\":\"The lamp is dark\"}".getBytes(StandardCharsets.UTF_8));
  }

  @Override
  protected Set<String> vendorCredentialHeaders() {
    return Set.of("X-Tickets-Key");
  }

  @Override
  protected Set<String> vendorCredentialParameters() {
    return Set.of("api_key", "API_KEY", "access_token");
  }

  @Override
  protected List<Credential> credentials() {
    Secret secret = Secret.of("stored-secret-9b1d");
    return List.of(
        new Credential.BearerToken(secret), new Credential.ApiKey("X-Tickets-Key", secret));
  }
}
