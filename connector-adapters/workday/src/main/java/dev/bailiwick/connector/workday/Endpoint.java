// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.VendorCall;

/** What a method and a path lead to: one of the four APIs, with everything that the head tells. */
sealed interface Endpoint permits RestEndpoint, WqlEndpoint, ReportEndpoint, SoapEndpoint {

  /**
   * The call that a request with this head is.
   *
   * @param answers what the call asks about its answer
   * @throws dev.bailiwick.connector.MalformedRequestException when this is no head for the endpoint
   */
  Classification<VendorCall> classify(ConnectorRequest head, Answers answers);
}
