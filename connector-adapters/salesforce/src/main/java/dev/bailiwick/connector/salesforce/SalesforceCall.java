// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.AgentHeaders;
import dev.bailiwick.connector.AppliedCredential;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Handle;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.VendorCall;
import dev.bailiwick.connector.salesforce.Resource.Answer;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A request that is understood whole.
 *
 * @param head with its target in canonical form
 * @param answer how an answer has to be treated
 */
record SalesforceCall(ConnectorRequest head, Reading reading, Answer answer, Answers answers)
    implements VendorCall {
  /** What authenticates at Salesforce besides the headers that no vendor gets to see. */
  private static final Set<String> CREDENTIAL_HEADERS = Set.of("x-sfdc-session");

  @Override
  public List<Operation> operations() {
    return reading.operations();
  }

  @Override
  public List<Handle> uses() {
    return reading.uses();
  }

  @Override
  public List<Operation> handedOn() {
    return reading.handedOn();
  }

  @Override
  public boolean needsHandle() {
    return answer == Answer.JOB;
  }

  @Override
  public OutboundRequest outbound(Credential credential) {
    if (!(credential instanceof Credential.BearerToken)) {
      throw new IllegalArgumentException("Salesforce takes a bearer token");
    }
    // Answers are rewritten as they stream, so they must come as plain JSON.
    Headers kept =
        AgentHeaders.toUpstream(head.headers(), CREDENTIAL_HEADERS)
            .with("accept-encoding", "identity");
    Headers sent = answer == Answer.OPAQUE ? kept : kept.with("accept", "application/json");
    AppliedCredential applied = AppliedCredential.to(sent, credential);
    return new OutboundRequest(
        head.method(),
        head.target().withoutParameters(Parameters.CREDENTIALS),
        applied.headers(),
        applied.names(),
        Optional.empty());
  }

  @Override
  public Inbound inbound(int status, Headers headers) {
    return answers.head(head.method(), answer, status, headers);
  }

  @Override
  public Inbound inspect(int status, Headers headers, byte[] body) {
    return answers.body(answer, status, headers, body);
  }
}
