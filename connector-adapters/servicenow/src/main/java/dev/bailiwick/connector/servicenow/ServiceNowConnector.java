// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.AgentHeaders;
import dev.bailiwick.connector.AppliedCredential;
import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.VendorError;
import java.util.List;
import java.util.Locale;

/** The REST APIs of one ServiceNow instance. */
final class ServiceNowConnector implements Connector {
  private final List<String> credentialHeaders;
  private final List<String> credentialParameters;
  private final Families families;
  private final Answers answers;

  ServiceNowConnector(ConnectorSettings settings, String apiKeyHeader) {
    String key = apiKeyHeader.toLowerCase(Locale.ROOT);
    credentialHeaders = List.of(key, ServiceNowAdapter.DEFAULT_API_KEY_HEADER, "x-usertoken");
    credentialParameters =
        List.of(
            key, ServiceNowAdapter.DEFAULT_API_KEY_HEADER, "oauth_token", "sid", "access_token");
    families = new Families();
    answers = new Answers(settings);
  }

  @Override
  public BodyUse bodyUse(ConnectorRequest head) {
    checkHead(head);
    return families.of(head).bodyUse(head);
  }

  @Override
  public List<Operation> operations(ConnectorRequest request) {
    checkHead(request);
    return families.call(request).operations();
  }

  private void checkHead(ConnectorRequest request) {
    AgentHeaders.denyOverrides(request.headers());
    request.target().parameters().stream()
        .filter(
            parameter -> credentialParameters.contains(parameter.name().toLowerCase(Locale.ROOT)))
        .findFirst()
        .ifPresent(
            parameter -> {
              throw Denials.forbidden(
                  "the query carries a credential: the gateway puts the stored one on");
            });
  }

  @Override
  public OutboundRequest outbound(ConnectorRequest request, Credential credential) {
    // Answers are rewritten as they stream, so they must come as plain JSON.
    Headers headers =
        AgentHeaders.toUpstream(request.headers(), credentialHeaders)
            .with("accept", "application/json")
            .with("accept-encoding", "identity");
    AppliedCredential applied = AppliedCredential.to(headers, credential);
    Call call = families.call(request);
    return new OutboundRequest(
        request.method(), call.sent(), applied.headers(), applied.names(), call.body());
  }

  @Override
  public Inbound inbound(ConnectorRequest request, int status, Headers headers) {
    return answers.inbound(families.of(request).reply(request), status, headers);
  }

  @Override
  public VendorError error(int status, String code, String sentence) {
    return Answers.error(code, sentence);
  }
}
