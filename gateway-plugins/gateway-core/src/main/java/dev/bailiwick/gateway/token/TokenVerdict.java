// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token;

import dev.bailiwick.gateway.Denial;

/** Outcome of verifying a token, or of proving its possession. */
public sealed interface TokenVerdict {
  record Verified(AgentToken token) implements TokenVerdict {}

  record Denied(Denial denial) implements TokenVerdict {}
}
