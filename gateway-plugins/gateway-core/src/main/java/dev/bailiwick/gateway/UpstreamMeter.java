// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.connector.Usage;

/**
 * Hears what upstreams say about their own limits; a host makes metrics of it. Called on a host's
 * event loop: implementations are thread-safe and never block.
 */
@FunctionalInterface
public interface UpstreamMeter {

  /** An answer of the connector's upstream said this. */
  void usage(String connector, Usage usage);

  /** Hears nothing. */
  static UpstreamMeter none() {
    return (connector, usage) -> {};
  }
}
