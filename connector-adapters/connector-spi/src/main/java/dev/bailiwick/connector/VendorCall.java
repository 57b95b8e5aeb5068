// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.util.List;

/**
 * A request that is understood whole: what it does, what is sent for it, and what its answer means.
 *
 * <p>Implementations are immutable, thread-safe and never block.
 */
public interface VendorCall {

  /**
   * Every operation that the request will perform upstream, at least one unless it {@link #uses} a
   * handle. The request is permitted only if all of them are.
   */
  List<Operation> operations();

  /**
   * Handles that the request uses. It is permitted only if each was handed to the same agent, and
   * does, beside its own operations, what was noted for them then.
   */
  default List<Handle> uses() {
    return List.of();
  }

  /**
   * What goes on under the handles that the answer may hand out, see {@link BodyRewriter#handles}:
   * the operations of the request, or those of its parts that hand any out.
   */
  default List<Operation> handedOn() {
    return operations();
  }

  /** Whether the request is of no use unless the handle in its answer can be kept. */
  default boolean needsHandle() {
    return false;
  }

  /**
   * The request to send: everything of the agent's that could authenticate removed, the credential
   * applied. Called again with a renewed credential.
   *
   * @throws IllegalArgumentException when this kind of credential cannot be applied
   */
  OutboundRequest outbound(Credential credential);

  /** What the answer's status and headers mean. */
  Inbound inbound(int status, Headers headers);

  /**
   * What the answer means, once its body is read; called only after {@link Inbound.Inspect}. A
   * {@link Inbound.Relay} from here applies to the body that was read.
   */
  default Inbound inspect(int status, Headers headers, byte[] body) {
    return inbound(status, headers);
  }
}
