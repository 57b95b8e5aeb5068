// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.gateway.GatewayPipeline;
import dev.bailiwick.policy.Bundle;
import java.util.Optional;

/** The core behind this gateway, as its wiring needs it. Thread-safe. */
interface Core extends AutoCloseable {
  GatewayPipeline pipeline();

  /** The bundle in force. */
  Bundle bundle();

  /** Why evidence cannot be kept at the moment, if it cannot. */
  Optional<String> auditFailure();

  /** Why the last change of the bundle file is not in force, if it is not. */
  Optional<String> reloadFailure();

  @Override
  void close();
}
