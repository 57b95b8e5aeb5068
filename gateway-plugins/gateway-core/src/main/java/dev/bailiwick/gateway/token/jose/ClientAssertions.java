// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.bailiwick.connector.Secret;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Signs the assertion of a JWT-bearer grant (RFC 7523 §3): RS256 with an RSA key, ES256 with a
 * P-256 key. Every assertion carries a {@code jti} of its own. Stateless and thread-safe.
 */
public final class ClientAssertions {

  /** What the assertion says. */
  public record Claims(
      String issuer, String subject, String audience, Instant issuedAt, Instant expiresAt) {}

  private static final Pattern PEM =
      Pattern.compile(
          "\\s*-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----\\s*");
  private static final int MIN_RSA_BITS = 2048;
  private static final String EXPECTED =
      "expected an unencrypted PKCS#8 private key in PEM form (BEGIN PRIVATE KEY), RSA of at least"
          + " 2048 bits or EC P-256; `openssl pkcs8 -topk8 -nocrypt` converts other forms";

  private ClientAssertions() {}

  /** Throws {@link IllegalArgumentException} with a sentence to show when the key cannot sign. */
  public static void requireUsable(Secret pem) {
    PrivateKey unused = privateKey(pem);
  }

  /**
   * The signed assertion.
   *
   * @param pem private key, PKCS#8 in PEM form
   * @param keyId the {@code kid} header, where the authorization server wants one
   */
  public static Secret sign(Secret pem, @Nullable String keyId, Claims claims) {
    PrivateKey key = privateKey(pem);
    JWSAlgorithm algorithm = key instanceof RSAPrivateKey ? JWSAlgorithm.RS256 : JWSAlgorithm.ES256;
    SignedJWT assertion =
        new SignedJWT(
            new JWSHeader.Builder(algorithm).type(JOSEObjectType.JWT).keyID(keyId).build(),
            new JWTClaimsSet.Builder()
                .issuer(claims.issuer())
                .subject(claims.subject())
                .audience(claims.audience())
                .issueTime(Date.from(claims.issuedAt()))
                .expirationTime(Date.from(claims.expiresAt()))
                .jwtID(UUID.randomUUID().toString())
                .build());
    try {
      assertion.sign(signer(key));
    } catch (JOSEException e) {
      throw new IllegalStateException("the assertion could not be signed", e);
    }
    return Secret.of(assertion.serialize());
  }

  private static JWSSigner signer(PrivateKey key) throws JOSEException {
    return key instanceof ECPrivateKey ec ? new ECDSASigner(ec) : new RSASSASigner(key);
  }

  static PrivateKey privateKey(Secret pem) {
    Matcher matcher = PEM.matcher(pem.reveal());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(EXPECTED);
    }
    byte[] encoded;
    try {
      encoded = Base64.getDecoder().decode(matcher.group(1).replaceAll("\\s", ""));
    } catch (IllegalArgumentException e) {
      // The decoder's message names a character of the key.
      throw new IllegalArgumentException(EXPECTED);
    }
    if (decode("RSA", encoded) instanceof RSAPrivateKey rsa
        && rsa.getModulus().bitLength() >= MIN_RSA_BITS) {
      return rsa;
    }
    if (decode("EC", encoded) instanceof ECPrivateKey ec
        && Curve.P_256.equals(Curve.forECParameterSpec(ec.getParams()))) {
      return ec;
    }
    throw new IllegalArgumentException(EXPECTED);
  }

  private static @Nullable PrivateKey decode(String algorithm, byte[] encoded) {
    try {
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
    } catch (InvalidKeySpecException e) {
      return null;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java runtime lacks " + algorithm, e);
    }
  }
}
