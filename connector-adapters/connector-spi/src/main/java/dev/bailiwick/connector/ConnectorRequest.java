// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.util.Objects;

/**
 * An agent's request as a connector sees it: canonical, and below the connector's mount point.
 *
 * @param method upper-case HTTP method
 * @param target path and query in canonical form, without the mount point
 * @param headers the agent's headers; whatever authenticates the agent to the gateway is gone
 * @param body the whole body when it is there and {@link BodyUse#READ} asks for it, else empty.
 *     Callers do not change the array.
 */
public record ConnectorRequest(String method, RequestTarget target, Headers headers, byte[] body) {
  private static final byte[] NO_BODY = {};

  public ConnectorRequest {
    Objects.requireNonNull(method, "method");
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(headers, "headers");
    Objects.requireNonNull(body, "body");
  }

  /** A request whose body is not there, or not read yet. */
  public static ConnectorRequest head(String method, RequestTarget target, Headers headers) {
    return new ConnectorRequest(method, target, headers, NO_BODY);
  }

  public ConnectorRequest withTarget(RequestTarget other) {
    return new ConnectorRequest(method, other, headers, body);
  }

  public ConnectorRequest withBody(byte[] bytes) {
    return new ConnectorRequest(method, target, headers, bytes);
  }
}
