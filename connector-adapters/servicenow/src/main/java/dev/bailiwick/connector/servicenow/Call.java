// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RequestTarget;
import java.util.List;
import java.util.Optional;

/**
 * A request of any family, understood whole.
 *
 * @param operations everything that it does upstream, at least one
 * @param sent path and query as they are sent: what was authorized, and no more
 * @param body a body that replaces the agent's; empty means the agent's own bytes
 * @param reply what the answer looks like and where links stand in it
 */
record Call(List<Operation> operations, RequestTarget sent, Optional<byte[]> body, Reply reply) {
  Call {
    operations = List.copyOf(operations);
  }

  /** A call that sends the agent's own body, or none, and is answered with records. */
  static Call of(List<Operation> operations, RequestTarget sent) {
    return new Call(operations, sent, Optional.empty(), Reply.RECORDS);
  }

  Call answeredBy(Reply other) {
    return new Call(operations, sent, body, other);
  }
}
