// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.tickets;

import dev.bailiwick.connector.AgentHeaders;
import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.RequestTarget.Parameter;
import dev.bailiwick.connector.VendorCall;
import dev.bailiwick.connector.VendorError;
import java.util.Locale;
import java.util.Set;

/** The ticket API of one site. */
final class TicketsConnector implements Connector {
  /** A key in the query, and the way in which web frameworks let a query change the method. */
  private static final Set<String> FORBIDDEN = Set.of("api_key", "access_token", "_method");

  private final Answers answers;

  TicketsConnector(ConnectorSettings settings) {
    answers = new Answers(settings);
  }

  @Override
  public Classification<VendorCall> classify(ConnectorRequest head) {
    AgentHeaders.denyOverrides(head.headers());
    Endpoint endpoint = Endpoint.of(head.method(), head.target());
    requireKnownParameters(head, endpoint);
    return switch (endpoint) {
      case LIST -> Classification.withoutBody(TicketCall.list(head, answers));
      case READ -> Classification.withoutBody(TicketCall.read(head, answers));
      case CREATE ->
          Classification.readingJson(
              head.headers(), body -> TicketCall.create(head, body, answers));
      case COMMENT ->
          Classification.readingJson(
              head.headers(), body -> TicketCall.comment(head, body, answers));
    };
  }

  private static void requireKnownParameters(ConnectorRequest head, Endpoint endpoint) {
    for (Parameter parameter : head.target().parameters()) {
      if (FORBIDDEN.contains(parameter.name().toLowerCase(Locale.ROOT))) {
        throw MalformedRequestException.forbidden(
            "the query carries a key or changes the method: the gateway puts the stored key on, and"
                + " the method is the one of the request line");
      }
      if (!endpoint.takes(parameter.name())) {
        throw MalformedRequestException.unknown(
            "the query holds a parameter that this call does not take");
      }
    }
  }

  @Override
  public VendorError error(int status, String code, String sentence) {
    return Answers.error(status, code, sentence);
  }
}
