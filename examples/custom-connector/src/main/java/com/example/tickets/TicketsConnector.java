// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.tickets;

import dev.bailiwick.connector.AgentHeaders;
import dev.bailiwick.connector.AppliedCredential;
import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.JsonBody;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.MalformedRequestException.Kind;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.RequestTarget.Parameter;
import dev.bailiwick.connector.VendorError;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The ticket API of one site. */
final class TicketsConnector implements Connector {
  /** Where the vendor takes its API key, beside {@code Authorization}. */
  private static final List<String> CREDENTIAL_HEADERS = List.of("x-tickets-key");

  /** A key in the query, and the way in which web frameworks let a query change the method. */
  private static final Set<String> FORBIDDEN = Set.of("api_key", "access_token", "_method");

  private final Answers answers;

  TicketsConnector(ConnectorSettings settings) {
    answers = new Answers(settings);
  }

  @Override
  public BodyUse bodyUse(ConnectorRequest head) {
    if (!checked(head).hasBody()) {
      return BodyUse.NONE;
    }
    JsonBody.requireJson(head.headers());
    return BodyUse.READ;
  }

  @Override
  public List<Operation> operations(ConnectorRequest request) {
    var unused = checked(request);
    return TicketCall.operations(request);
  }

  private static Endpoint checked(ConnectorRequest request) {
    AgentHeaders.denyOverrides(request.headers());
    Endpoint endpoint = Endpoint.of(request.method(), request.target());
    for (Parameter parameter : request.target().parameters()) {
      if (FORBIDDEN.contains(parameter.name().toLowerCase(Locale.ROOT))) {
        throw new MalformedRequestException(
            Kind.FORBIDDEN,
            "the query carries a key or changes the method: the gateway puts the stored key on, and"
                + " the method is the one of the request line");
      }
      if (!endpoint.takes(parameter.name())) {
        throw new MalformedRequestException(
            Kind.UNKNOWN_OPERATION, "the query holds a parameter that this call does not take");
      }
    }
    return endpoint;
  }

  @Override
  public OutboundRequest outbound(ConnectorRequest request, Credential credential) {
    // Answers are rewritten as they stream, so they must come as plain JSON.
    Headers headers =
        AgentHeaders.toUpstream(request.headers(), CREDENTIAL_HEADERS)
            .with("accept", "application/json")
            .with("accept-encoding", "identity");
    if (checked(request).hasBody()) {
      // Otherwise the answer shows the whole ticket, and a grant to create is no grant to read.
      headers = headers.with("prefer", "return=minimal");
    }
    AppliedCredential applied = AppliedCredential.to(headers, credential);
    return new OutboundRequest(
        request.method(), request.target(), applied.headers(), applied.names(), Optional.empty());
  }

  @Override
  public Inbound inbound(ConnectorRequest request, int status, Headers headers) {
    return answers.inbound(status, headers);
  }

  @Override
  public VendorError error(int status, String code, String sentence) {
    return Answers.error(status, code, sentence);
  }
}
