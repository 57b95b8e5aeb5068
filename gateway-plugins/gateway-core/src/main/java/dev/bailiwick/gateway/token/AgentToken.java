// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token;

import dev.bailiwick.audit.AuditRecord.Actor;
import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.ScopeIndex;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A token whose signature and claims were verified. It holds what the token says, never the token.
 * Immutable.
 *
 * @param issuer the trusted issuer that signed it
 * @param principal {@code sub}
 * @param actors {@code act} chain, outermost (the caller) first; empty when the principal calls
 *     itself
 * @param task {@code txn}, constant over every hop
 * @param session {@code sid}
 * @param tokenId {@code jti}
 * @param parentTokenId {@code jti} of the token that this one was exchanged for
 * @param grants what it grants, for look-up by operation
 * @param claims every verified claim, for conditions
 */
public record AgentToken(
    Bundle.Issuer issuer,
    String principal,
    List<Actor> actors,
    String task,
    Optional<String> session,
    String tokenId,
    Optional<String> parentTokenId,
    Optional<String> clientId,
    List<TokenGrant> grantList,
    ScopeIndex<TokenGrant> grants,
    Confirmation confirmation,
    Map<String, Object> claims,
    Instant issuedAt,
    Optional<Instant> notBefore,
    Instant expiresAt) {
  /**
   * Claim that names the token which this one was exchanged for: an object with its {@code iss} and
   * {@code jti}, and optionally in {@code h} the SHA-256 of its signing input.
   */
  public static final String PARENT_CLAIM = "https://bailiwick.dev/claims/parent";

  public AgentToken {
    actors = List.copyOf(actors);
    grantList = List.copyOf(grantList);
    claims = Map.copyOf(claims);
  }

  /** Identity only: claims may hold personal data. */
  @Override
  public String toString() {
    return "AgentToken[" + issuer.name() + "/" + tokenId + ", task " + task + "]";
  }
}
