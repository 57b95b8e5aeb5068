// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.LogIn;
import dev.bailiwick.connector.MountPoint;
import dev.bailiwick.connector.VendorCall;
import dev.bailiwick.connector.VendorError;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The REST APIs of one ServiceNow instance. */
final class ServiceNowConnector implements Connector {
  private static final String TOKEN_PAGE = "/oauth_token.do";

  /** What a client gets that has a token for everything that its user may do. */
  private static final LogIn TOKEN = holder -> Map.of("scope", "useraccount");

  private static final Set<String> ROOTS = Set.of("api", "oauth_token.do");

  private final MountPoint mount;
  private final AgentCredentials credentials;
  private final Families families;
  private final Answers answers;

  ServiceNowConnector(ConnectorSettings settings, String apiKeyHeader, ScriptedFamily scripted) {
    mount = MountPoint.of(settings, ROOTS);
    credentials = new AgentCredentials(apiKeyHeader);
    families = Families.of(credentials, scripted);
    answers = new Answers(settings);
  }

  @Override
  public Classification<VendorCall> classify(ConnectorRequest head) {
    credentials.check(head);
    return families
        .classify(head.withTarget(mount.once(head.target())))
        .map(call -> new ServiceNowCall(head.method(), head.headers(), call, credentials, answers));
  }

  @Override
  public Optional<LogIn> logIn(ConnectorRequest head) {
    return mount.once(head.target()).path().equals(TOKEN_PAGE)
        ? Optional.of(TOKEN)
        : Optional.empty();
  }

  @Override
  public VendorError error(int status, String code, String sentence) {
    return Answers.error(code, sentence);
  }
}
