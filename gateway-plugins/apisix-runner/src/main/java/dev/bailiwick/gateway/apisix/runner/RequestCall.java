// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * A request as APISIX shows it.
 *
 * @param id echoed, and of no other use: it is counted per worker
 * @param token which configuration the route has
 * @param method the protocol's name for it; {@code UNKNOWN} for a number that has none
 * @param path what would go upstream: decoded, unless the route keeps the raw target
 * @param arguments decoded; equal names in order
 * @param headers lower-case names
 */
record RequestCall(
    long id,
    long token,
    String method,
    String path,
    List<WireEntry> arguments,
    List<WireEntry> headers,
    InetAddress source) {

  /** The value of a header that the route sets; empty unless it is there exactly once. */
  Optional<String> routeHeader(String name) {
    String found = null;
    for (WireEntry entry : headers) {
      if (entry.name().equals(name)) {
        if (found != null || entry.value() == null) {
          return Optional.empty();
        }
        found = entry.value();
      }
    }
    return Optional.ofNullable(found);
  }

  /** Addresses only: the rest may hold secrets. */
  @Override
  public String toString() {
    return "RequestCall[" + method + " from " + source.getHostAddress() + "]";
  }
}
