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
 */
record Call(List<Operation> operations, RequestTarget sent, Optional<byte[]> body) {
  Call {
    operations = List.copyOf(operations);
  }

  /** A call that sends the agent's own body, or none. */
  static Call of(List<Operation> operations, RequestTarget sent) {
    return new Call(operations, sent, Optional.empty());
  }
}
