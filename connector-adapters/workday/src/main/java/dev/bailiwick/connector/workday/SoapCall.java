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
import java.util.Set;

/**
 * A SOAP call. Its message is written anew; a user's credential goes into it, a token into a
 * header.
 */
record SoapCall(
    ConnectorRequest head,
    List<Operation> operations,
    SoapEnvelope envelope,
    String tenant,
    Answers answers)
    implements VendorCall {
  /** A fault is a few lines; one that is not is not looked at. */
  private static final int LONGEST_FAULT = 64 * 1024;

  SoapCall {
    operations = List.copyOf(operations);
  }

  @Override
  public OutboundRequest outbound(Credential credential) {
    Headers asking =
        AgentSide.headers(head, credential)
            .with("accept", "text/xml")
            .with("content-type", "text/xml; charset=utf-8")
            .with("soapaction", "\"\"");
    if (credential instanceof Credential.BasicPair user) {
      return sent(asking, Set.of(), Optional.of(user));
    }
    AppliedCredential applied = AppliedCredential.to(asking, credential);
    return sent(applied.headers(), applied.names(), Optional.empty());
  }

  private OutboundRequest sent(
      Headers headers, Set<String> credentialHeaders, Optional<Credential.BasicPair> user) {
    return new OutboundRequest(
        head.method(),
        head.target(),
        headers,
        credentialHeaders,
        Optional.of(envelope.written(user, tenant)));
  }

  @Override
  public Inbound inbound(int status, Headers headers) {
    // A bad credential is answered with a fault, and every fault with 500.
    return status == 500
        ? new Inbound.Inspect(LONGEST_FAULT)
        : answers.inbound(AnswerForm.XML, status, headers);
  }

  @Override
  public Inbound inspect(int status, Headers headers, byte[] body) {
    return SoapFault.saysBadCredential(body)
        ? new Inbound.CredentialExpired()
        : answers.inbound(AnswerForm.XML, status, headers);
  }
}
