// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token;

import dev.bailiwick.audit.AuditRecord.Actor;
import dev.bailiwick.gateway.Denial;
import dev.bailiwick.gateway.DenyReason;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Revocations of one process, lost when it ends. Thread-safe; a kill is seen by every check that
 * begins after it returns.
 */
public final class InMemoryRevocations implements Revocations {

  /** What is killed. Issuers are given by their exact {@code iss}. */
  public sealed interface Kill {
    /** One token, and the tokens that were exchanged for it. */
    record Token(String issuer, String tokenId) implements Kill {}

    /** Every token of a task, whoever issued it. */
    record Task(String task) implements Kill {}

    /** Every token of a session. */
    record Session(String issuer, String session) implements Kill {}

    /** Every token that names this actor anywhere in its chain. */
    record AnyActor(String issuer, String subject) implements Kill {}

    /** Every token on behalf of this principal. */
    record Principal(String issuer, String subject) implements Kill {}
  }

  private final Set<Kill> kills = ConcurrentHashMap.newKeySet();

  /** Kills; doing it twice is doing it once. */
  public void revoke(Kill kill) {
    kills.add(kill);
  }

  /** Takes a kill back; false when there was none. */
  public boolean restore(Kill kill) {
    return kills.remove(kill);
  }

  @Override
  public Optional<Denial> check(AgentToken token) {
    if (kills.isEmpty()) {
      return Optional.empty();
    }
    String issuer = token.issuer().issuer();
    if (kills.contains(new Kill.Token(issuer, token.tokenId())) || parentKilled(token)) {
      return revoked("the token was revoked; request a new one");
    }
    if (kills.contains(new Kill.Task(token.task()))) {
      return revoked("the task was stopped; a new task is needed");
    }
    if (token.session().isPresent()
        && kills.contains(new Kill.Session(issuer, token.session().get()))) {
      return revoked("the session ended; sign in again");
    }
    if (kills.contains(new Kill.Principal(issuer, token.principal()))) {
      return revoked("the principal was revoked; ask its administrator");
    }
    for (Actor actor : token.actors()) {
      if (kills.contains(new Kill.AnyActor(actor.issuer(), actor.subject()))) {
        return revoked("an agent of the actor chain was revoked; ask its administrator");
      }
    }
    return Optional.empty();
  }

  /** The parent may be of another issuer, so its issuer is read from the parent claim. */
  private boolean parentKilled(AgentToken token) {
    return token.parentTokenId().isPresent()
        && token.claims().get(AgentToken.PARENT_CLAIM) instanceof Map<?, ?> parent
        && parent.get("iss") instanceof String issuer
        && kills.contains(new Kill.Token(issuer, token.parentTokenId().get()));
  }

  private static Optional<Denial> revoked(String sentence) {
    return Optional.of(new Denial(DenyReason.TOKEN_REVOKED, sentence));
  }
}
