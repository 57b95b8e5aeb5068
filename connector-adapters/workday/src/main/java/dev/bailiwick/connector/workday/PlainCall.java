// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.AppliedCredential;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.VendorCall;
import java.util.List;
import java.util.Optional;

/**
 * A call whose method, target and body are sent as they came.
 *
 * @param form the form in which its answer is due
 */
record PlainCall(
    ConnectorRequest head, List<Operation> operations, AnswerForm form, Answers answers)
    implements VendorCall {
  PlainCall {
    operations = List.copyOf(operations);
  }

  @Override
  public OutboundRequest outbound(Credential credential) {
    Headers headers = AgentSide.headers(head, credential);
    AppliedCredential applied =
        AppliedCredential.to(
            form == AnswerForm.JSON ? headers.with("accept", "application/json") : headers,
            credential);
    return new OutboundRequest(
        head.method(), head.target(), applied.headers(), applied.names(), Optional.empty());
  }

  @Override
  public Inbound inbound(int status, Headers headers) {
    return answers.inbound(form, status, headers);
  }
}
