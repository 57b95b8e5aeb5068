// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.AgentHeaders;
import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.LogIn;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.VendorCall;
import dev.bailiwick.connector.VendorError;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One Workday tenant. */
final class WorkdayConnector implements Connector {
  /** Never a filter, never a report's prompt; also where a client puts its secret by mistake. */
  private static final Set<String> CREDENTIAL_PARAMETERS =
      Set.of(
          "access_token",
          "oauth_token",
          "refresh_token",
          "id_token",
          "token",
          "assertion",
          "client_assertion",
          "client_id",
          "client_secret",
          "password");

  private static final LogIn TOKEN = holder -> Map.of();

  private final Routes routes;
  private final Answers answers;

  WorkdayConnector(ConnectorSettings settings, String tenant) {
    routes = new Routes(tenant);
    answers = new Answers(settings);
  }

  @Override
  public Classification<VendorCall> classify(ConnectorRequest head) {
    return endpoint(head).classify(head, answers);
  }

  private Endpoint endpoint(ConnectorRequest request) {
    AgentHeaders.denyOverrides(request.headers());
    boolean carriesCredential =
        request.target().parameters().stream()
            .map(parameter -> parameter.name().toLowerCase(Locale.ROOT))
            .anyMatch(CREDENTIAL_PARAMETERS::contains);
    if (carriesCredential) {
      throw MalformedRequestException.forbidden(
          "the query carries a credential: the gateway puts the stored one on");
    }
    return routes.of(request);
  }

  @Override
  public Optional<LogIn> logIn(ConnectorRequest head) {
    return routes.isTokenEndpoint(head.target()) ? Optional.of(TOKEN) : Optional.empty();
  }

  @Override
  public VendorError error(int status, String code, String sentence) {
    return Answers.error(code, sentence);
  }
}
