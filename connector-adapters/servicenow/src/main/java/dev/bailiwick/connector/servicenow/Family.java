// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.JsonBody;
import dev.bailiwick.connector.MalformedRequestException;

/** One family of the vendor's API. Immutable and thread-safe. */
interface Family {

  /** Whether a path belongs here, well formed or not. */
  boolean owns(ApiPath path);

  /**
   * Whether the body must be read; asked with the head alone.
   *
   * @throws MalformedRequestException when the head is enough to deny the request
   */
  BodyUse bodyUse(ConnectorRequest head);

  /**
   * Understands a request whose body is there as far as {@link #bodyUse} asked for it.
   *
   * @throws MalformedRequestException when anything in it cannot be accounted for
   */
  Call call(ConnectorRequest request);

  /** What the answer looks like and where links stand in it. */
  default Reply reply(ConnectorRequest request) {
    return Reply.RECORDS;
  }

  /** For an operation that takes JSON: requires it and asks for the body. */
  static BodyUse json(ConnectorRequest head) {
    JsonBody.requireJson(head.headers());
    return BodyUse.READ;
  }
}
