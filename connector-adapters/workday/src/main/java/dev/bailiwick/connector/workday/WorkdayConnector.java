// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.AgentHeaders;
import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.LogIn;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.VendorError;
import java.util.List;
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
  public BodyUse bodyUse(ConnectorRequest head) {
    return endpoint(head).bodyUse(head.headers());
  }

  @Override
  public List<Operation> operations(ConnectorRequest request) {
    Endpoint endpoint = endpoint(request);
    if (endpoint.bodyUse(request.headers()) == BodyUse.NONE && request.body().length > 0) {
      throw Denials.body(request.method() + " takes no body here: send none");
    }
    return endpoint.operations(request);
  }

  private Endpoint endpoint(ConnectorRequest request) {
    AgentHeaders.denyOverrides(request.headers());
    boolean carriesCredential =
        request.target().parameters().stream()
            .map(parameter -> parameter.name().toLowerCase(Locale.ROOT))
            .anyMatch(CREDENTIAL_PARAMETERS::contains);
    if (carriesCredential) {
      throw Denials.forbidden("the query carries a credential: the gateway puts the stored one on");
    }
    return routes.of(request);
  }

  @Override
  public OutboundRequest outbound(ConnectorRequest request, Credential credential) {
    if (credential instanceof Credential.ApiKey) {
      throw new IllegalArgumentException("credential: Workday takes a bearer token or a user");
    }
    // Answers are rewritten as they stream, so they must come plain.
    Headers headers =
        AgentHeaders.toUpstream(request.headers(), Set.of()).with("accept-encoding", "identity");
    return endpoint(request).outbound(request, headers, credential);
  }

  @Override
  public Inbound inbound(ConnectorRequest request, int status, Headers headers) {
    return answers.inbound(endpoint(request), status, headers);
  }

  @Override
  public Inbound inspect(ConnectorRequest request, int status, Headers headers, byte[] body) {
    return answers.inspect(endpoint(request), status, headers, body);
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
