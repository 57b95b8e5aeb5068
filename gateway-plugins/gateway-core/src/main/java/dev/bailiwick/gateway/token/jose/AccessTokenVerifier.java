// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.bailiwick.gateway.Denial;
import dev.bailiwick.gateway.DenyReason;
import dev.bailiwick.gateway.token.AgentToken;
import dev.bailiwick.gateway.token.TokenGrant;
import dev.bailiwick.gateway.token.TokenVerdict;
import dev.bailiwick.gateway.token.TokenVerifier;
import dev.bailiwick.gateway.token.jose.JwksKeys.KeyName;
import dev.bailiwick.gateway.token.jose.JwksKeys.Lookup;
import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.ScopeIndex;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies delegated access tokens (RFC 9068, RFC 8693 §4.1). In this order, cheap checks first,
 * each with a denial of its own:
 *
 * <ol>
 *   <li>size, and three segments
 *   <li>each segment is canonical base64url
 *   <li>the JOSE header holds {@code alg}, {@code typ} and {@code kid}, nothing else, and the
 *       algorithm is an accepted one
 *   <li>the issuer is one of the bundle's; nothing is fetched for any other
 *   <li>the key, by issuer, key id and algorithm; never from the header
 *   <li>the signature
 *   <li>{@code typ} is {@code at+jwt} (RFC 9068 §4)
 *   <li>the times: {@code exp} and {@code iat}, {@code nbf} if present, the lifetime
 *   <li>the audience is this gateway and nobody else; the other required claims are there
 *   <li>{@code cnf} is present and known, as the bundle demands
 *   <li>possession of the key: {@link PossessionVerifier}
 *   <li>replay: {@link dev.bailiwick.gateway.token.ReplayGuard}
 *   <li>revocation: {@link dev.bailiwick.gateway.token.Revocations}
 *   <li>the actor chain, and what the token grants
 * </ol>
 *
 * <p>A token whose signature was verified is remembered under the hash of all of it, so a forged
 * one that copies its {@code iss} and {@code jti} is never taken for it. On every hit the times and
 * the key are checked again; steps 11 to 13 are never remembered.
 */
public final class AccessTokenVerifier implements TokenVerifier {
  private static final Logger log = LoggerFactory.getLogger(AccessTokenVerifier.class);

  private static final int MAX_CACHED_TOKENS = 10_000;
  private static final Duration MAX_CLOCK_SKEW = Duration.ofSeconds(60);
  private static final int MAX_KEY_ID_CHARACTERS = 256;

  private static final CompactJws.Kind TOKEN =
      new CompactJws.Kind(
          "token",
          DenyReason.TOKEN_MALFORMED,
          DenyReason.TOKEN_HEADER,
          Set.of("alg", "typ", "kid"));
  private static final Set<String> TYPES = Set.of("at+jwt", "application/at+jwt");

  private final Map<String, TrustedIssuer> issuers;
  private final int maxTokenBytes;
  private final Clock clock;
  private final JwksHttp http;
  private final Cache<TokenHash, VerifiedToken> verified;

  private record TrustedIssuer(Bundle.Issuer rules, JwksKeys keys) {}

  /** A token after steps 1 to 4: well-formed, and nothing more. */
  private record Unverified(
      CompactJws jws, Claims claims, TrustedIssuer issuer, KeyName keyName, TokenHash hash) {}

  /** A remembered token, with what is looked at again on every hit. */
  private record VerifiedToken(
      AgentToken token, TrustedIssuer issuer, KeyName keyName, VerificationKey key) {}

  private AccessTokenVerifier(
      Map<String, TrustedIssuer> issuers,
      int maxTokenBytes,
      Clock clock,
      JwksHttp http,
      int cached) {
    this.issuers = Map.copyOf(issuers);
    this.maxTokenBytes = maxTokenBytes;
    this.clock = clock;
    this.http = http;
    this.verified =
        Caffeine.newBuilder()
            .maximumSize(cached)
            .expireAfterWrite(longestLife(issuers))
            // Housekeeping takes less time than to wake another thread for it.
            .executor(Runnable::run)
            .build();
  }

  /**
   * A verifier for these issuers. Keys are fetched when the first token of an issuer arrives.
   *
   * @param maxTokenBytes longest token
   * @throws IllegalArgumentException when two issuers share an {@code iss}, or one tolerates more
   *     than 60 s of clock skew
   */
  public static TokenVerifier create(
      Collection<Bundle.Issuer> issuers, int maxTokenBytes, Clock clock) {
    return create(issuers, maxTokenBytes, clock, KeyFetching.defaults(), MAX_CACHED_TOKENS);
  }

  /**
   * A verifier with its own settings.
   *
   * @param maxCachedTokens verified tokens to remember; one takes a few kilobytes
   */
  public static TokenVerifier create(
      Collection<Bundle.Issuer> issuers,
      int maxTokenBytes,
      Clock clock,
      KeyFetching fetching,
      int maxCachedTokens) {
    Objects.requireNonNull(clock, "clock");
    JwksHttp http = new JwksHttp(fetching);
    Map<String, TrustedIssuer> byIssuer = new HashMap<>();
    for (Bundle.Issuer issuer : issuers) {
      if (issuer.clockSkew().compareTo(MAX_CLOCK_SKEW) > 0) {
        throw new IllegalArgumentException(
            "issuer " + issuer.name() + ": clockSkew exceeds " + MAX_CLOCK_SKEW);
      }
      JwksKeys keys = new JwksKeys(issuer, http, fetching, clock);
      if (byIssuer.put(issuer.issuer(), new TrustedIssuer(issuer, keys)) != null) {
        throw new IllegalArgumentException(
            "issuer " + issuer.name() + ": another one has the same iss");
      }
    }
    return new AccessTokenVerifier(byIssuer, maxTokenBytes, clock, http, maxCachedTokens);
  }

  private static Duration longestLife(Map<String, TrustedIssuer> issuers) {
    return issuers.values().stream()
        .map(issuer -> issuer.rules.maxLifetime().plus(MAX_CLOCK_SKEW))
        .max(Duration::compareTo)
        .orElse(MAX_CLOCK_SKEW);
  }

  @Override
  public CompletionStage<TokenVerdict> verify(String compactToken) {
    try {
      if (compactToken.length() <= maxTokenBytes) {
        TokenHash hash = TokenHash.of(compactToken);
        AgentToken remembered = remembered(hash);
        if (remembered != null) {
          return CompletableFuture.completedFuture(new TokenVerdict.Verified(remembered));
        }
      }
      Unverified unverified = read(compactToken);
      return unverified
          .issuer
          .keys
          .find(unverified.keyName)
          .thenApply(key -> verdict(() -> verify(unverified, key)));
    } catch (RuntimeException e) {
      return CompletableFuture.completedFuture(denied(e));
    }
  }

  private TokenVerdict verdict(Supplier<AgentToken> steps) {
    try {
      return new TokenVerdict.Verified(steps.get());
    } catch (RuntimeException e) {
      return denied(e);
    }
  }

  private static TokenVerdict denied(RuntimeException e) {
    if (e instanceof DeniedException denied) {
      return new TokenVerdict.Denied(denied.denial());
    }
    // Only its kind: a message might quote the token.
    log.error("verifying a token failed with {}", e.getClass().getName());
    return new TokenVerdict.Denied(
        new Denial(DenyReason.INTERNAL, "the token could not be verified; report this"));
  }

  private @Nullable AgentToken remembered(TokenHash hash) {
    VerifiedToken hit = verified.getIfPresent(hash);
    if (hit == null) {
      return null;
    }
    Instant now = clock.instant();
    if (!hit.issuer.keys.vouchesFor(hit.keyName, hit.key, now)) {
      verified.invalidate(hash);
      return null;
    }
    requireInTime(hit.token.notBefore(), hit.token.expiresAt(), hit.issuer.rules, now);
    return hit.token;
  }

  /** Steps 1 to 4. */
  private Unverified read(String compactToken) {
    CompactJws jws = CompactJws.parse(compactToken, maxTokenBytes, TOKEN);
    SignatureAlgorithm algorithm =
        SignatureAlgorithm.of(jws.header().get("alg"))
            .orElseThrow(
                () ->
                    new DeniedException(
                        DenyReason.TOKEN_HEADER,
                        "the token is not signed with ES256, EdDSA, PS256 or RS256"));
    if (!(jws.header().get("kid") instanceof String keyId)
        || keyId.isEmpty()
        || keyId.length() > MAX_KEY_ID_CHARACTERS) {
      throw new DeniedException(
          DenyReason.TOKEN_HEADER,
          "kid is not a text of 1 to " + MAX_KEY_ID_CHARACTERS + " characters");
    }
    Claims claims = new Claims(jws.claims(TOKEN), DenyReason.TOKEN_CLAIMS);
    TrustedIssuer issuer = claims.get("iss") instanceof String iss ? issuers.get(iss) : null;
    if (issuer == null) {
      throw new DeniedException(
          DenyReason.TOKEN_ISSUER, "the token is of no issuer that the bundle trusts");
    }
    return new Unverified(
        jws, claims, issuer, new KeyName(keyId, algorithm), TokenHash.of(compactToken));
  }

  /** Steps 5 to 10 and 14. */
  private AgentToken verify(Unverified unverified, Lookup lookup) {
    VerificationKey key =
        switch (lookup) {
          case Lookup.Found found -> found.key();
          case Lookup.Unknown unknown ->
              throw new DeniedException(
                  DenyReason.TOKEN_KEY,
                  "the issuer publishes no signing key of this id for this algorithm");
          case Lookup.Unavailable unavailable ->
              throw new DeniedException(
                  DenyReason.KEYS_UNAVAILABLE,
                  "the issuer's keys cannot be fetched at the moment; try again");
        };
    if (!key.verifies(unverified.jws)) {
      throw new DeniedException(
          DenyReason.TOKEN_SIGNATURE, "the signature is not the issuer's over this token");
    }
    requireType(unverified.jws.header().get("typ"));
    AgentToken token = token(unverified.claims, unverified.issuer.rules);
    verified.put(
        unverified.hash, new VerifiedToken(token, unverified.issuer, unverified.keyName, key));
    return token;
  }

  private static void requireType(@Nullable Object typ) {
    if (!(typ instanceof String text) || !TYPES.contains(text.toLowerCase(Locale.ROOT))) {
      throw new DeniedException(
          DenyReason.TOKEN_TYPE,
          "typ is not at+jwt: ID tokens, proofs and other kinds are no access tokens");
    }
  }

  /** Steps 8 to 10 and 14. */
  private AgentToken token(Claims claims, Bundle.Issuer issuer) {
    Instant expiresAt = claims.time("exp");
    Instant issuedAt = claims.time("iat");
    Optional<Instant> notBefore = claims.optionalTime("nbf");
    requireInTime(notBefore, expiresAt, issuer, clock.instant());
    requireLifetime(issuedAt, expiresAt, issuer);

    requireAudience(claims.get("aud"), issuer);
    String principal = claims.text("sub");
    String clientId = claims.text("client_id");
    String tokenId = claims.text("jti");
    String task = claims.text(issuer.claims().getOrDefault("task", "txn"));
    Optional<String> session = claims.optionalText(issuer.claims().getOrDefault("session", "sid"));
    Optional<String> parent = parent(claims.get(AgentToken.PARENT_CLAIM));

    var confirmation = ConfirmationClaim.read(claims.get("cnf"), issuer.proof());
    var actors = ActorChain.read(claims.get("act"), issuer.maxDepth());
    List<TokenGrant> grants = GrantClaims.read(claims, issuer);
    return new AgentToken(
        issuer,
        principal,
        actors,
        task,
        session,
        tokenId,
        parent,
        Optional.of(clientId),
        grants,
        ScopeIndex.of(grants, TokenGrant::scope),
        confirmation,
        claims.members(),
        issuedAt,
        notBefore,
        expiresAt);
  }

  private static void requireInTime(
      Optional<Instant> notBefore, Instant expiresAt, Bundle.Issuer issuer, Instant now) {
    if (!now.isBefore(expiresAt.plus(issuer.clockSkew()))) {
      throw new DeniedException(
          DenyReason.TOKEN_EXPIRED, "the token is expired; request a new one");
    }
    if (notBefore.isPresent() && notBefore.get().isAfter(now.plus(issuer.clockSkew()))) {
      throw new DeniedException(
          DenyReason.TOKEN_NOT_YET_VALID, "the token is not valid yet; compare the clocks");
    }
  }

  private void requireLifetime(Instant issuedAt, Instant expiresAt, Bundle.Issuer issuer) {
    if (issuedAt.isAfter(clock.instant().plus(issuer.clockSkew()))) {
      throw new DeniedException(
          DenyReason.TOKEN_NOT_YET_VALID, "the token was issued in the future; compare the clocks");
    }
    Duration lifetime = Duration.between(issuedAt, expiresAt);
    if (lifetime.isNegative() || lifetime.compareTo(issuer.maxLifetime()) > 0) {
      throw new DeniedException(
          DenyReason.TOKEN_LIFETIME,
          "the token lives longer than the "
              + issuer.maxLifetime()
              + " that issuers.maxLifetime allows, or ends before it begins");
    }
  }

  private static void requireAudience(@Nullable Object aud, Bundle.Issuer issuer) {
    Object only = aud instanceof List<?> list && list.size() == 1 ? list.get(0) : aud;
    if (!issuer.audience().equals(only)) {
      throw new DeniedException(
          DenyReason.TOKEN_AUDIENCE,
          "the audience must be this gateway alone; request the token for the resource "
              + issuer.audience());
    }
  }

  private static Optional<String> parent(@Nullable Object claim) {
    if (claim == null) {
      return Optional.empty();
    }
    if (claim instanceof Map<?, ?> parent
        && parent.get("iss") instanceof String iss
        && Claims.isIdentifier(iss)
        && parent.get("jti") instanceof String jti
        && Claims.isIdentifier(jti)) {
      return Optional.of(jti);
    }
    throw new DeniedException(
        DenyReason.TOKEN_CLAIMS,
        "the claim " + AgentToken.PARENT_CLAIM + " does not name a token by iss and jti");
  }

  @Override
  public void close() {
    issuers.values().forEach(issuer -> issuer.keys.close());
    http.close();
  }

  /** Names the issuers. */
  @Override
  public String toString() {
    return "AccessTokenVerifier"
        + issuers.values().stream().map(issuer -> issuer.rules.name()).sorted().toList();
  }
}
