// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.MalformedRequestException;

/** One family of the vendor's API. Immutable and thread-safe. */
interface Family {

  /** Whether a path belongs here, well formed or not. */
  boolean owns(ApiPath path);

  /**
   * Understands a request, as far as its head goes.
   *
   * @param path the head's path, taken apart
   * @throws MalformedRequestException when anything in the head cannot be accounted for
   */
  Classification<Call> classify(ConnectorRequest head, ApiPath path);
}
