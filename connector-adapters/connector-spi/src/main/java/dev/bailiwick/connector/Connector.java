// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Knows one vendor's API: what a request does, how a credential is put on it, and how an answer is
 * made fit for an agent. This is the extension point of Bailiwick.
 *
 * <p>A request is taken apart once. {@link #classify} reads its head, the body is added where it
 * says anything, and the {@link VendorCall} that results answers every later question.
 *
 * <p>Implementations are immutable, thread-safe and never block: every method is called on a
 * gateway's event loop.
 */
public interface Connector {

  /**
   * Reads the head of a request, whose body is not there yet.
   *
   * @throws MalformedRequestException when the head is enough to deny the request
   */
  Classification<? extends VendorCall> classify(ConnectorRequest head);

  /**
   * Understands a request whose body is there.
   *
   * @throws MalformedRequestException when anything in the request cannot be accounted for
   */
  default VendorCall call(ConnectorRequest request) {
    return classify(request).call(request.body());
  }

  /**
   * Query parameters of the request whose values may hold tabs and line breaks, because the
   * connector itself parses their grammar. Everywhere else they are denied: they start a new line
   * in logs, and in whatever joins a value into a text.
   */
  default Set<String> mayBreakLines(RequestTarget target) {
    return Set.of();
  }

  /**
   * The vendor's token endpoint, if the request is for it. Pages that log out, revoke or tell about
   * a token are no log-in: they are denied like whatever else must not go upstream.
   *
   * @throws MalformedRequestException when it is the token endpoint of somebody else, or a page
   *     that is denied whoever asks; that comes before a token is looked for, since a 401 would
   *     make some clients log in again while they log out
   */
  default Optional<LogIn> logIn(ConnectorRequest head) {
    return Optional.empty();
  }

  /**
   * What an answer says about the vendor's own limits, for metrics. Whatever it holds, no error.
   */
  default List<Usage> usage(Headers answer) {
    return Usage.ofRateLimit(answer);
  }

  /**
   * A denial in the vendor's error shape.
   *
   * @param code the stable denial code
   * @param sentence what was denied and what to do next
   */
  VendorError error(int status, String code, String sentence);
}
