// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token;

import dev.bailiwick.gateway.Denial;
import java.util.Optional;

/** Says whether a verified token is still alive. Thread-safe and never blocks. */
public interface Revocations {

  /**
   * A denial when the token, its task, its session, its principal or one of its actors is revoked.
   */
  Optional<Denial> check(AgentToken token);

  /** Nothing is revoked. */
  static Revocations none() {
    return token -> Optional.empty();
  }
}
