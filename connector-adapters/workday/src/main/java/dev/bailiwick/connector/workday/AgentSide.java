// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.AgentHeaders;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Headers;
import java.util.Set;

/** The agent's part of what is sent. */
final class AgentSide {
  private AgentSide() {}

  /**
   * The agent's headers that may pass beside a credential.
   *
   * @throws IllegalArgumentException when Workday takes no credential of this kind
   */
  static Headers headers(ConnectorRequest head, Credential credential) {
    if (credential instanceof Credential.ApiKey
        || credential instanceof Credential.ClientCertificate) {
      throw new IllegalArgumentException("credential: Workday takes a bearer token or a user");
    }
    // Answers are rewritten as they stream, so they must come plain.
    return AgentHeaders.toUpstream(head.headers(), Set.of()).with("accept-encoding", "identity");
  }
}
