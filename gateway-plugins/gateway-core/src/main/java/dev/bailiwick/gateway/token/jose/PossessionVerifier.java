// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import dev.bailiwick.gateway.Denial;
import dev.bailiwick.gateway.DenyReason;
import dev.bailiwick.gateway.token.AgentToken;
import dev.bailiwick.gateway.token.Confirmation;
import dev.bailiwick.gateway.token.DpopNonces;
import dev.bailiwick.gateway.token.ProofOfPossession;
import dev.bailiwick.gateway.token.ProofOptions;
import dev.bailiwick.gateway.token.ReplayGuard;
import dev.bailiwick.gateway.token.TokenVerdict;
import dev.bailiwick.policy.Bundle;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies that the caller holds the key of its token: a DPoP proof (RFC 9449 §4.3) or a client
 * certificate (RFC 8705 §3). For a proof, in this order, the signature last because it is the price
 * of the call:
 *
 * <ol>
 *   <li>the scheme fits the binding: a bound token never passes as {@code Bearer} (§7.2)
 *   <li>there is a proof; size, three segments, canonical base64url
 *   <li>the header is {@code typ: dpop+jwt}, an accepted asymmetric algorithm and {@code jwk}
 *   <li>the key is public, and its thumbprint is the token's {@code jkt}
 *   <li>{@code jti}, {@code htm}, {@code htu}, {@code iat} and {@code ath} are there
 *   <li>{@code htm} and {@code htu} are those of this request, {@code ath} that of this token
 *   <li>{@code iat} is in the window
 *   <li>{@code nonce}, when nonces are asked for (§9)
 *   <li>this node has not seen the proof
 *   <li>the signature
 *   <li>nobody has seen the proof (§11.1)
 * </ol>
 */
public final class PossessionVerifier implements ProofOfPossession {
  private static final Logger log = LoggerFactory.getLogger(PossessionVerifier.class);

  private static final CompactJws.Kind PROOF =
      new CompactJws.Kind(
          "proof",
          DenyReason.PROOF_MALFORMED,
          DenyReason.PROOF_MALFORMED,
          Set.of("typ", "alg", "jwk"));

  private final ProofOptions options;
  private final ReplayGuard replay;
  private final @Nullable DpopNonces nonces;
  private final Clock clock;
  private final ProofKeys keys = new ProofKeys();

  private PossessionVerifier(
      ProofOptions options, ReplayGuard replay, @Nullable DpopNonces nonces, Clock clock) {
    this.options = Objects.requireNonNull(options, "options");
    this.replay = Objects.requireNonNull(replay, "replay");
    this.nonces = nonces;
    this.clock = Objects.requireNonNull(clock, "clock");
  }

  /** Proofs without nonces. */
  public static ProofOfPossession create(ProofOptions options, ReplayGuard replay, Clock clock) {
    return new PossessionVerifier(options, replay, null, clock);
  }

  /** Proofs must carry one of these nonces. */
  public static ProofOfPossession create(
      ProofOptions options, ReplayGuard replay, DpopNonces nonces, Clock clock) {
    return new PossessionVerifier(options, replay, Objects.requireNonNull(nonces, "nonces"), clock);
  }

  @Override
  public Optional<String> nonce() {
    return Optional.ofNullable(nonces).map(DpopNonces::current);
  }

  @Override
  public CompletionStage<TokenVerdict> prove(AgentToken token, Presented presented) {
    try {
      requireScheme(token, presented);
      return switch (token.confirmation()) {
        case Confirmation.DpopKey key -> {
          ReplayGuard.Use use = verifyProof(key, presented);
          yield replay.remember(use).handle((outcome, failure) -> verdict(token, outcome, failure));
        }
        case Confirmation.ClientCertificate bound -> {
          requireCertificate(bound, presented.clientCertificate());
          yield verified(token);
        }
        case Confirmation.None none -> verified(token);
      };
    } catch (DeniedException e) {
      return CompletableFuture.completedFuture(new TokenVerdict.Denied(e.denial()));
    } catch (RuntimeException e) {
      // Only its kind: a message might quote the proof.
      log.error("verifying a proof failed with {}", e.getClass().getName());
      return CompletableFuture.completedFuture(
          deny(DenyReason.INTERNAL, "the proof could not be verified; report this"));
    }
  }

  private static CompletionStage<TokenVerdict> verified(AgentToken token) {
    return CompletableFuture.completedFuture(new TokenVerdict.Verified(token));
  }

  private static TokenVerdict deny(DenyReason reason, String sentence) {
    return new TokenVerdict.Denied(new Denial(reason, sentence));
  }

  // Step 1

  private static void requireScheme(AgentToken token, Presented presented) {
    String scheme = presented.scheme().toLowerCase(Locale.ROOT);
    switch (token.confirmation()) {
      case Confirmation.DpopKey key -> {
        if (!scheme.equals("dpop")) {
          throw scheme("the token is bound to a key: send it as Authorization: DPoP with a proof");
        }
      }
      case Confirmation.ClientCertificate bound -> {
        if (!scheme.equals("bearer")) {
          throw scheme("the token is bound to a certificate: send it as Authorization: Bearer");
        }
      }
      case Confirmation.None none -> {
        if (token.issuer().proof() != Bundle.Proof.BEARER) {
          throw new DeniedException(
              DenyReason.TOKEN_UNBOUND, "issuers.proof demands a bound token; request one");
        }
        if (!scheme.equals("bearer")) {
          throw scheme("the token is bound to no key, so a proof says nothing: send it as Bearer");
        }
      }
    }
  }

  private static DeniedException scheme(String sentence) {
    return new DeniedException(DenyReason.PROOF_SCHEME, sentence);
  }

  // Steps 2 to 10

  private ReplayGuard.Use verifyProof(Confirmation.DpopKey bound, Presented presented) {
    String compact =
        presented
            .proof()
            .orElseThrow(
                () ->
                    new DeniedException(
                        DenyReason.PROOF_MISSING, "the DPoP header is missing; send one proof"));
    CompactJws jws = CompactJws.parse(compact, options.maxProofBytes(), PROOF);
    SignatureAlgorithm algorithm = algorithm(jws);
    VerificationKey key =
        keys.require(
            Objects.requireNonNull(jws.header().get("jwk")), algorithm, bound.thumbprint());

    Claims claims = new Claims(jws.claims(PROOF), DenyReason.PROOF_MALFORMED);
    String jti = claims.text("jti");
    String htm = claims.text("htm");
    String target = requireTarget(claims, presented);
    String ath = claims.text("ath");
    Instant issuedAt = claims.time("iat");
    if (!htm.equals(presented.method())) {
      throw mismatch("htm is not the method of this request; it is compared with case");
    }
    if (!ath.equals(tokenHash(presented.compactToken()))) {
      throw mismatch("ath is not the hash of this token");
    }
    requireFresh(issuedAt);
    requireNonce(claims);

    ReplayGuard.Use use =
        ReplayGuard.Use.of(
            bound.thumbprint(), jti, target, issuedAt, issuedAt.plus(options.maxAge()));
    if (replay.seenHere(use)) {
      throw replayed();
    }
    if (!key.verifies(jws)) {
      throw new DeniedException(
          DenyReason.PROOF_SIGNATURE, "the proof is not signed with the key in its header");
    }
    return use;
  }

  private static SignatureAlgorithm algorithm(CompactJws jws) {
    if (!"dpop+jwt".equals(jws.header().get("typ"))) {
      throw new DeniedException(DenyReason.PROOF_MALFORMED, "typ of the proof is not dpop+jwt");
    }
    return SignatureAlgorithm.of(jws.header().get("alg"))
        .orElseThrow(
            () ->
                new DeniedException(
                    DenyReason.PROOF_MALFORMED,
                    "the proof is not signed with ES256, EdDSA, PS256 or RS256"));
  }

  /** {@code htu} in its normal form. */
  private static String requireTarget(Claims claims, Presented presented) {
    String expected =
        HttpTarget.normalize(presented.target())
            .orElseThrow(() -> new IllegalArgumentException("target is no http address"));
    if (!(claims.get("htu") instanceof String htu)) {
      throw new DeniedException(DenyReason.PROOF_MALFORMED, "the claim htu is missing or no text");
    }
    if (!HttpTarget.normalize(htu).equals(Optional.of(expected))) {
      throw mismatch("htu is not the address of this request at gateway.externalUrl");
    }
    return expected;
  }

  private static String tokenHash(String compactToken) {
    return Base64Url.encode(TokenHash.sha256(compactToken.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private void requireFresh(Instant issuedAt) {
    Instant now = clock.instant();
    if (!now.isBefore(issuedAt.plus(options.maxAge()))
        || issuedAt.isAfter(now.plus(options.maxAhead()))) {
      throw new DeniedException(
          DenyReason.PROOF_STALE,
          "iat of the proof is not within "
              + options.maxAge()
              + " before and "
              + options.maxAhead()
              + " after now; make a new one and compare the clocks");
    }
  }

  private void requireNonce(Claims claims) {
    if (nonces == null) {
      return;
    }
    boolean accepted = claims.get("nonce") instanceof String nonce && nonces.accepts(nonce);
    if (!accepted) {
      throw new DeniedException(
          DenyReason.PROOF_NONCE,
          "the proof must carry the nonce of the DPoP-Nonce header that comes with this answer");
    }
  }

  private static DeniedException mismatch(String sentence) {
    return new DeniedException(DenyReason.PROOF_MISMATCH, sentence);
  }

  private static DeniedException replayed() {
    return new DeniedException(
        DenyReason.PROOF_REPLAYED, "the proof was used before; make a new one for every request");
  }

  // Step 11

  private static TokenVerdict verdict(
      AgentToken token, ReplayGuard.@Nullable Outcome outcome, @Nullable Throwable failure) {
    if (failure != null || outcome == null) {
      return deny(DenyReason.REPLAY_CAPACITY, "the replay store failed; try again");
    }
    return switch (outcome) {
      case FRESH -> new TokenVerdict.Verified(token);
      case SEEN -> new TokenVerdict.Denied(replayed().denial());
      case FULL ->
          deny(
              DenyReason.REPLAY_CAPACITY,
              "more proofs are alive than the gateway remembers; send fewer requests");
      case UNAVAILABLE ->
          deny(DenyReason.REPLAY_CAPACITY, "the replay store did not answer; try again");
    };
  }

  // Certificates

  private static void requireCertificate(
      Confirmation.ClientCertificate bound, Optional<X509Certificate> presented) {
    if (presented.isEmpty() || !thumbprint(presented.get()).equals(bound.thumbprint())) {
      throw new DeniedException(
          DenyReason.PROOF_CERTIFICATE,
          "the connection has not the client certificate that the token is bound to");
    }
  }

  private static String thumbprint(X509Certificate certificate) {
    try {
      return Base64Url.encode(TokenHash.sha256(certificate.getEncoded()));
    } catch (CertificateEncodingException e) {
      throw new IllegalArgumentException("a certificate without a DER form", e);
    }
  }
}
