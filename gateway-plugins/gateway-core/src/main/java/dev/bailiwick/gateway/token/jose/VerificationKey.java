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
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.Optional;

/** A public key that may verify signatures of one algorithm. Immutable and thread-safe. */
final class VerificationKey {
  private static final int MIN_RSA_BITS = 2048;
  private static final int MAX_RSA_BITS = 8192;

  private static final int ED25519_KEY_BYTES = 32;
  private static final byte[] ED25519_DER_PREFIX =
      HexFormat.of().parseHex("302a300506032b6570032100");

  /** Says whether the signature is this key's; may throw on one that is not even well-formed. */
  private interface Check {
    boolean verifies(CompactJws jws) throws JOSEException, GeneralSecurityException;
  }

  private final JWK jwk;
  private final Check check;

  private VerificationKey(JWK jwk, Check check) {
    this.jwk = jwk;
    this.check = check;
  }

  /**
   * The key, if it may verify this algorithm: {@code alg}, {@code use}, {@code key_ops}, type,
   * curve and size permit it, its point is on the curve, and it is public. A key whose private part
   * was published is no key.
   */
  static Optional<VerificationKey> of(JWK jwk, SignatureAlgorithm algorithm) {
    return of(jwk, algorithm, NativeCrypto.provider());
  }

  /** As above, with the provider that does the arithmetic; empty means the library's own choice. */
  static Optional<VerificationKey> of(
      JWK jwk, SignatureAlgorithm algorithm, Optional<Provider> provider) {
    if (!permits(jwk, algorithm)) {
      return Optional.empty();
    }
    try {
      return check(jwk, algorithm, provider).map(check -> new VerificationKey(jwk, check));
    } catch (JOSEException
        | GeneralSecurityException
        | IllegalArgumentException
        | IllegalStateException e) {
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

  private static Optional<Check> check(
      JWK jwk, SignatureAlgorithm algorithm, Optional<Provider> provider)
      throws JOSEException, GeneralSecurityException {
    return switch (algorithm) {
      case ES256 ->
          jwk instanceof ECKey ec && ec.getCurve().equals(Curve.P_256)
              ? Optional.of(byLibrary(new ECDSAVerifier(ec), algorithm, provider))
              : Optional.empty();
      case RS256, PS256 ->
          jwk instanceof RSAKey rsa && rsa.size() >= MIN_RSA_BITS && rsa.size() <= MAX_RSA_BITS
              ? Optional.of(byLibrary(new RSASSAVerifier(rsa), algorithm, provider))
              : Optional.empty();
      case EDDSA ->
          jwk instanceof OctetKeyPair okp && okp.getCurve().equals(Curve.Ed25519)
              ? Optional.of(ed25519(okp, provider))
              : Optional.empty();
    };
  }

  private static Check byLibrary(
      JWSVerifier verifier, SignatureAlgorithm algorithm, Optional<Provider> provider) {
    provider.ifPresent(p -> verifier.getJCAContext().setProvider(p));
    JWSHeader header = new JWSHeader(algorithm.jws());
    return jws -> verifier.verify(header, jws.signingInput(), new Base64URL(jws.signature()));
  }

  /**
   * The library knows only its own Ed25519, so another provider is asked directly. The key is the
   * platform's: the native provider verifies with it but makes none itself.
   */
  private static Check ed25519(OctetKeyPair okp, Optional<Provider> provider)
      throws JOSEException, GeneralSecurityException {
    byte[] raw = okp.getDecodedX();
    if (raw.length != ED25519_KEY_BYTES) {
      throw new IllegalArgumentException("an Ed25519 key has 32 bytes");
    }
    if (provider.isEmpty()) {
      return byLibrary(new Ed25519Verifier(okp), SignatureAlgorithm.EDDSA, provider);
    }
    byte[] der = new byte[ED25519_DER_PREFIX.length + raw.length];
    System.arraycopy(ED25519_DER_PREFIX, 0, der, 0, ED25519_DER_PREFIX.length);
    System.arraycopy(raw, 0, der, ED25519_DER_PREFIX.length, raw.length);
    PublicKey key = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der));
    return jws -> {
      Signature signature = Signature.getInstance("Ed25519", provider.get());
      signature.initVerify(key);
      signature.update(jws.signingInput());
      return signature.verify(Base64Url.decodeCanonical(jws.signature()));
    };
  }

  boolean verifies(CompactJws jws) {
    try {
      return check.verifies(jws);
    } catch (JOSEException | GeneralSecurityException e) {
      return false;
    }
  }

  /** True when this was made from the same public key with the same restrictions. */
  boolean isOf(JWK other) {
    return jwk.equals(other);
  }

  @Override
  public String toString() {
    return "VerificationKey[" + jwk.getKeyType() + "]";
  }
}
