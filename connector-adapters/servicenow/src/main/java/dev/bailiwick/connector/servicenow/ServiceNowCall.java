// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.AppliedCredential;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.LinkRewriter;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.VendorCall;
import java.util.List;

/** A call of any family, with what the agent sent beside it. */
record ServiceNowCall(
    String method, Headers headers, Call call, AgentCredentials credentials, Answers answers)
    implements VendorCall {

  @Override
  public List<Operation> operations() {
    return call.operations();
  }

  @Override
  public OutboundRequest outbound(Credential credential) {
    boolean file = call.reply() instanceof Reply.File;
    // Answers are rewritten as they stream, so they must come as plain JSON.
    Headers sent =
        credentials
            .strip(headers)
            .with("accept", file ? "*/*" : "application/json")
            .with("accept-encoding", "identity");
    if (call.body().isPresent()) {
      sent = sent.without(LinkRewriter.bodyHeaders());
    }
    AppliedCredential applied = AppliedCredential.to(sent, credential);
    return new OutboundRequest(
        method, call.sent(), applied.headers(), applied.names(), call.body());
  }

  @Override
  public Inbound inbound(int status, Headers answer) {
    return answers.inbound(call.reply(), status, answer);
  }

  @Override
  public Inbound inspect(int status, Headers answer, byte[] body) {
    return answers.inspect(call.reply(), status, answer, body);
  }
}
