// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.AppliedCredential;
import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.LinkRewriter;
import dev.bailiwick.connector.LogIn;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.VendorError;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The REST APIs of one ServiceNow instance. */
final class ServiceNowConnector implements Connector {
  private static final String TOKEN_PAGE = "/oauth_token.do";

  /** What a client gets that has a token for everything that its user may do. */
  private static final LogIn TOKEN = holder -> Map.of("scope", "useraccount");

  private final AgentCredentials credentials;
  private final Families families;
  private final Answers answers;

  ServiceNowConnector(ConnectorSettings settings, String apiKeyHeader, ScriptedFamily scripted) {
    credentials = new AgentCredentials(apiKeyHeader);
    families = Families.of(credentials, scripted);
    answers = new Answers(settings);
  }

  @Override
  public BodyUse bodyUse(ConnectorRequest head) {
    credentials.check(head);
    return families.of(head).bodyUse(head);
  }

  @Override
  public List<Operation> operations(ConnectorRequest request) {
    credentials.check(request);
    return families.call(request).operations();
  }

  @Override
  public OutboundRequest outbound(ConnectorRequest request, Credential credential) {
    boolean file = families.of(request).reply(request) instanceof Reply.File;
    // Answers are rewritten as they stream, so they must come as plain JSON.
    Headers headers =
        credentials
            .strip(request.headers())
            .with("accept", file ? "*/*" : "application/json")
            .with("accept-encoding", "identity");
    Call call = families.call(request);
    if (call.body().isPresent()) {
      headers = headers.without(LinkRewriter.bodyHeaders());
    }
    AppliedCredential applied = AppliedCredential.to(headers, credential);
    return new OutboundRequest(
        request.method(), call.sent(), applied.headers(), applied.names(), call.body());
  }

  @Override
  public Inbound inbound(ConnectorRequest request, int status, Headers headers) {
    return answers.inbound(families.of(request).reply(request), status, headers);
  }

  @Override
  public Inbound inspect(ConnectorRequest request, int status, Headers headers, byte[] body) {
    return answers.inspect(families.replies(request), status, headers, body);
  }

  @Override
  public Optional<LogIn> logIn(ConnectorRequest head) {
    return head.target().path().equals(TOKEN_PAGE) ? Optional.of(TOKEN) : Optional.empty();
  }

  @Override
  public VendorError error(int status, String code, String sentence) {
    return Answers.error(code, sentence);
  }
}
