// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What goes upstream, below the upstream's origin, which the gateway pins and no connector chooses.
 *
 * @param method upper-case HTTP method
 * @param target path and query
 * @param headers every header that is sent, the credential among them
 * @param credentialHeaders the names that carry the credential, so that the host can assert that
 *     they really left
 * @param body a body that replaces the agent's; empty means the agent's own bytes
 */
public record OutboundRequest(
    String method,
    RequestTarget target,
    Headers headers,
    Set<String> credentialHeaders,
    Optional<byte[]> body) {
  public OutboundRequest {
    Objects.requireNonNull(method, "method");
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(body, "body");
    credentialHeaders = Set.copyOf(credentialHeaders);
    for (String name : credentialHeaders) {
      if (!headers.has(name)) {
        throw new IllegalArgumentException("credential header " + name + " is not set");
      }
    }
  }
}
