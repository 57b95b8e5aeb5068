// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.time.Duration;
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

  /**
   * The status and headers do not say enough: read the body up to the limit, then ask again.
   *
   * @param longer how a body over the limit is relayed; empty means that it must not reach the
   *     agent
   */
  record Inspect(int maxBytes, Optional<Relay> longer) implements Inbound {
    public Inspect {
      Objects.requireNonNull(longer, "longer");
    }

    /** A body over the limit must not reach the agent. */
    public Inspect(int maxBytes) {
      this(maxBytes, Optional.empty());
    }
  }

  /**
   * The vendor takes no more calls for now and says so in its own way, with neither 429 nor {@code
   * Retry-After}: the answer is relayed, and until the pause is over no call is made.
   */
  record Limited(Relay answer, Duration pause) implements Inbound {
    public Limited {
      Objects.requireNonNull(answer, "answer");
      Objects.requireNonNull(pause, "pause");
    }
  }

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
