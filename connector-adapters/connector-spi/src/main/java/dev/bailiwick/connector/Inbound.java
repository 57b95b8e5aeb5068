// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/** What a connector makes of an upstream answer. */
public sealed interface Inbound {

  /**
   * The answer goes to the agent with these headers.
   *
   * @param rewriter makes a fresh rewriter for the body, when links in it must be rewritten; empty
   *     means that the body streams through untouched
   */
  record Relay(int status, Headers headers, Optional<Supplier<BodyRewriter>> rewriter)
      implements Inbound {
    public Relay {
      Objects.requireNonNull(headers, "headers");
      Objects.requireNonNull(rewriter, "rewriter");
    }
  }

  /** The status and headers do not say enough: read the body up to the limit, then ask again. */
  record Inspect(int maxBytes) implements Inbound {}

  /** The stored credential has expired: renew it, and retry once if that is safe. */
  record CredentialExpired() implements Inbound {}

  /**
   * The answer must not reach the agent, for example a login page under status 200.
   *
   * @param sentence what was wrong, for the agent and the evidence; holds no secret
   */
  record Unusable(String sentence) implements Inbound {
    public Unusable {
      Objects.requireNonNull(sentence, "sentence");
    }
  }
}
