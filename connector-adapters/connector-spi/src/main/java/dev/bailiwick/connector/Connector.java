// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.util.List;
import java.util.Optional;

/**
 * Knows one vendor's API: what a request does, how a credential is put on it, and how an answer is
 * made fit for an agent. This is the extension point of Bailiwick.
 *
 * <p>Implementations are immutable, thread-safe and never block: every method is called on a
 * gateway's event loop.
 */
public interface Connector {

  /**
   * Whether {@link #operations} needs the body. Called with a request whose body is not read yet.
   *
   * @throws MalformedRequestException when the head alone is enough to deny the request
   */
  BodyUse bodyUse(ConnectorRequest head);

  /**
   * Every operation that the request will perform upstream, at least one. The request is permitted
   * only if all of them are.
   *
   * @throws MalformedRequestException when anything in the request cannot be accounted for
   */
  List<Operation> operations(ConnectorRequest request);

  /**
   * The request to send: everything of the agent's that could authenticate removed, the credential
   * applied. Called with the request that {@link #operations} was asked about, body included;
   * called again with a renewed credential.
   *
   * @throws IllegalArgumentException when this kind of credential cannot be applied
   */
  OutboundRequest outbound(ConnectorRequest request, Credential credential);

  /** What the answer's status and headers mean. */
  Inbound inbound(ConnectorRequest request, int status, Headers headers);

  /**
   * What the answer means, once its body is read; called only after {@link Inbound.Inspect}. A
   * {@link Inbound.Relay} from here applies to the body that was read.
   */
  default Inbound inspect(ConnectorRequest request, int status, Headers headers, byte[] body) {
    return inbound(request, status, headers);
  }

  /**
   * The vendor's token endpoint, if the request is for it. Pages that log out, revoke or tell about
   * a token are no log-in: they are denied like whatever else must not go upstream.
   *
   * @throws MalformedRequestException when it is the token endpoint of somebody else
   */
  default Optional<LogIn> logIn(ConnectorRequest head) {
    return Optional.empty();
  }

  /**
   * A denial in the vendor's error shape.
   *
   * @param code the stable denial code
   * @param sentence what was denied and what to do next
   */
  VendorError error(int status, String code, String sentence);
}
