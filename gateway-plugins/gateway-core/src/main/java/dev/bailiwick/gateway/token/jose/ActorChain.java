// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import dev.bailiwick.audit.AuditRecord.Actor;
import dev.bailiwick.gateway.DenyReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@code act} chain (RFC 8693 §4.1). Each actor is an object with {@code iss} and {@code
 * sub}, which together name it; everything else inside, {@code cnf}, {@code exp} and {@code aud}
 * included, means nothing there. A chain that is too long is denied, never cut.
 */
final class ActorChain {
  private ActorChain() {}

  /** The actors, outermost first; empty when there is no {@code act}. */
  static List<Actor> read(@Nullable Object act, int maxDepth) {
    List<Actor> actors = new ArrayList<>();
    for (Object next = act; next != null; ) {
      if (actors.size() == maxDepth) {
        throw new DeniedException(
            DenyReason.TOKEN_ACTOR_CHAIN,
            "the actor chain is longer than the "
                + maxDepth
                + " that issuers.maxDepth allows; delegate over fewer hops");
      }
      if (!(next instanceof Map<?, ?> actor)) {
        throw malformed();
      }
      actors.add(new Actor(name(actor.get("iss")), name(actor.get("sub"))));
      next = actor.get("act");
    }
    return List.copyOf(actors);
  }

  private static String name(@Nullable Object value) {
    if (value instanceof String text && Claims.isIdentifier(text)) {
      return text;
    }
    throw malformed();
  }

  private static DeniedException malformed() {
    return new DeniedException(
        DenyReason.TOKEN_ACTOR_CHAIN,
        "every act must be an object that names its actor by iss and sub; the issuer must send both");
  }
}
