// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.connector.Headers;
import java.util.Objects;

/** An answer that the gateway gives by itself, whole. */
public record GatewayResponse(int status, Headers headers, byte[] body) {
  public GatewayResponse {
    Objects.requireNonNull(headers, "headers");
    Objects.requireNonNull(body, "body");
  }
}
