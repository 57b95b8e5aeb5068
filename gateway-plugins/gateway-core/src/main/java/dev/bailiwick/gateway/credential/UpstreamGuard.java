// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import java.time.Duration;
import java.util.Optional;

/**
 * The circuit breaker of one upstream (connector and tenant). Ask before a call, report after it.
 * Thread-safe and never blocks.
 */
public interface UpstreamGuard {

  /** Empty when the call may go; otherwise how long to wait before it may. */
  Optional<Duration> enter(String connector);

  /** The upstream answered; 5xx counts as a failure, everything else as a success. */
  void answered(String connector, int status, Duration took);

  /** The upstream did not answer. */
  void failed(String connector, Duration took, Throwable cause);

  /** The call was let in but never made, so it says nothing about the upstream. */
  default void abandoned(String connector) {}
}
