// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.AppliedCredential;
import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.OutboundRequest;
import java.util.List;
import java.util.Optional;

/** What a method and a path lead to: one of the four APIs, with everything that the head tells. */
sealed interface Endpoint permits RestEndpoint, WqlEndpoint, ReportEndpoint, SoapEndpoint {

  /** The form in which a successful answer comes. */
  enum AnswerForm {
    JSON,
    XML,
    /** Anything but a page for people: a report in its format, an attachment. */
    ANY
  }

  /** Whether the body says what the request does; denies a head that is no head for it. */
  BodyUse bodyUse(Headers headers);

  /** Everything that the request does upstream. */
  List<Operation> operations(ConnectorRequest request);

  AnswerForm answerForm();

  /**
   * The request to send.
   *
   * @param headers the agent's headers that may pass
   */
  default OutboundRequest outbound(
      ConnectorRequest request, Headers headers, Credential credential) {
    Headers asking =
        answerForm() == AnswerForm.JSON ? headers.with("accept", "application/json") : headers;
    AppliedCredential applied = AppliedCredential.to(asking, credential);
    return new OutboundRequest(
        request.method(), request.target(), applied.headers(), applied.names(), Optional.empty());
  }
}
