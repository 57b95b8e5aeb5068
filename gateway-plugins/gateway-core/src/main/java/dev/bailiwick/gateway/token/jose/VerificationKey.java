// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.Ed25519Verifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.util.Optional;

/** A public key that may verify signatures of one algorithm. Immutable and thread-safe. */
final class VerificationKey {
  private static final int MIN_RSA_BITS = 2048;
  private static final int MAX_RSA_BITS = 8192;

  private final JWK jwk;
  private final JWSHeader header;
  private final JWSVerifier verifier;

  private VerificationKey(JWK jwk, SignatureAlgorithm algorithm, JWSVerifier verifier) {
    this.jwk = jwk;
    this.header = new JWSHeader(algorithm.jws());
    this.verifier = verifier;
  }

  /**
   * The key, if it may verify this algorithm: {@code alg}, {@code use}, {@code key_ops}, type,
   * curve and size permit it, its point is on the curve, and it is public. A key whose private part
   * was published is no key.
   */
  static Optional<VerificationKey> of(JWK jwk, SignatureAlgorithm algorithm) {
    if (!permits(jwk, algorithm)) {
      return Optional.empty();
    }
    try {
      return verifier(jwk, algorithm).map(v -> new VerificationKey(jwk, algorithm, v));
    } catch (JOSEException | IllegalArgumentException | IllegalStateException e) {
      return Optional.empty();
    }
  }

  private static boolean permits(JWK jwk, SignatureAlgorithm algorithm) {
    return !jwk.isPrivate()
        && jwk.getKeyRevocation() == null
        && (jwk.getAlgorithm() == null || jwk.getAlgorithm().equals(algorithm.jws()))
        && (jwk.getKeyUse() == null || jwk.getKeyUse().equals(KeyUse.SIGNATURE))
        && (jwk.getKeyOperations() == null || jwk.getKeyOperations().contains(KeyOperation.VERIFY));
  }

  private static Optional<JWSVerifier> verifier(JWK jwk, SignatureAlgorithm algorithm)
      throws JOSEException {
    return switch (algorithm) {
      case ES256 ->
          jwk instanceof ECKey ec && ec.getCurve().equals(Curve.P_256)
              ? Optional.of(new ECDSAVerifier(ec))
              : Optional.empty();
      case RS256, PS256 ->
          jwk instanceof RSAKey rsa && rsa.size() >= MIN_RSA_BITS && rsa.size() <= MAX_RSA_BITS
              ? Optional.of(new RSASSAVerifier(rsa))
              : Optional.empty();
      case EDDSA ->
          jwk instanceof OctetKeyPair okp && okp.getCurve().equals(Curve.Ed25519)
              ? Optional.of(new Ed25519Verifier(okp))
              : Optional.empty();
    };
  }

  boolean verifies(CompactJws jws) {
    try {
      return verifier.verify(header, jws.signingInput(), new Base64URL(jws.signature()));
    } catch (JOSEException e) {
      return false;
    }
  }

  /** True when this was made from the same public key with the same restrictions. */
  boolean isOf(JWK other) {
    return jwk.equals(other);
  }

  @Override
  public String toString() {
    return "VerificationKey[" + header.getAlgorithm() + "]";
  }
}
