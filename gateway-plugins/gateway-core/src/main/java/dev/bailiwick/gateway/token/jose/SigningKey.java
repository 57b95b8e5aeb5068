// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.Ed25519Signer;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetKeyPairGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import dev.bailiwick.connector.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.text.ParseException;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;

/**
 * A private key that signs tokens or proofs, with the algorithm that it signs with. It prints
 * nothing of itself; its private form leaves only as a {@link Secret}. Immutable and thread-safe.
 */
public final class SigningKey {
  private static final int RSA_BITS = 2048;

  private final JWK jwk;
  private final SignatureAlgorithm algorithm;
  private final JWSSigner signer;

  private SigningKey(JWK jwk, SignatureAlgorithm algorithm) throws JOSEException {
    this.jwk = jwk;
    this.algorithm = algorithm;
    this.signer =
        switch (algorithm) {
          case ES256 -> new ECDSASigner(jwk.toECKey());
          case RS256, PS256 -> new RSASSASigner(jwk.toRSAKey());
          case EDDSA -> new Ed25519Signer(jwk.toOctetKeyPair());
        };
  }

  /** A new random key. Its id is its thumbprint (RFC 7638). */
  public static SigningKey generate(SignatureAlgorithm algorithm) {
    try {
      JWK jwk =
          switch (algorithm) {
            case ES256 ->
                new ECKeyGenerator(Curve.P_256)
                    .algorithm(algorithm.jws())
                    .keyIDFromThumbprint(true)
                    .generate();
            case RS256, PS256 ->
                new RSAKeyGenerator(RSA_BITS)
                    .algorithm(algorithm.jws())
                    .keyIDFromThumbprint(true)
                    .generate();
            case EDDSA ->
                new OctetKeyPairGenerator(Curve.Ed25519)
                    .algorithm(algorithm.jws())
                    .keyIDFromThumbprint(true)
                    .generate();
          };
      return new SigningKey(jwk, algorithm);
    } catch (JOSEException e) {
      throw new IllegalStateException("this platform cannot make keys for " + algorithm, e);
    }
  }

  /**
   * Reads the private JWK (RFC 7517) that {@link #privateJwk} wrote.
   *
   * @throws IllegalArgumentException when it is no private key with {@code kid} and an accepted
   *     {@code alg}; the message shows nothing of it
   */
  public static SigningKey fromJwk(Secret json) {
    JWK jwk = parse(json);
    SignatureAlgorithm algorithm =
        jwk.getAlgorithm() == null
            ? null
            : SignatureAlgorithm.of(jwk.getAlgorithm().getName()).orElse(null);
    if (algorithm == null || jwk.getKeyID() == null || !jwk.isPrivate()) {
      throw notAKey();
    }
    try {
      return new SigningKey(jwk, algorithm);
    } catch (JOSEException | ClassCastException e) {
      throw notAKey();
    }
  }

  private static JWK parse(Secret json) {
    try {
      return JWK.parse(json.reveal());
    } catch (ParseException | IllegalArgumentException e) {
      // The cause may quote the text.
      throw notAKey();
    }
  }

  private static IllegalArgumentException notAKey() {
    return new IllegalArgumentException(
        "expected a private JWK with kid and alg ES256, EdDSA, PS256 or RS256");
  }

  public SignatureAlgorithm algorithm() {
    return algorithm;
  }

  /** {@code kid}. */
  public String keyId() {
    return jwk.getKeyID();
  }

  /** Base64url SHA-256 thumbprint of the public key (RFC 7638), as in {@code cnf.jkt}. */
  public String thumbprint() {
    try {
      return jwk.computeThumbprint().toString();
    } catch (JOSEException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The public key as a JWK. */
  public String publicJwk() {
    return jwk.toPublicJWK().toJSONString();
  }

  /** The public keys as a JWK set (RFC 7517 §5), as an issuer publishes it. */
  public static String publicJwks(Collection<SigningKey> keys) {
    return new JWKSet(keys.stream().map(key -> key.jwk.toPublicJWK()).toList()).toString(true);
  }

  /** The private key as a JWK, for {@link #fromJwk}. */
  public Secret privateJwk() {
    return Secret.of(jwk.toJSONString());
  }

  /**
   * The private key as PKCS#8 in PEM, for {@code openssl pkeyutl -sign -rawin} in a shell. It holds
   * no key id.
   */
  public Secret privatePem() {
    try {
      PrivateKey key =
          switch (jwk) {
            case ECKey ec -> ec.toECPrivateKey();
            case RSAKey rsa -> rsa.toRSAPrivateKey();
            case OctetKeyPair okp ->
                KeyFactory.getInstance("Ed25519")
                    .generatePrivate(
                        new EdECPrivateKeySpec(NamedParameterSpec.ED25519, okp.getDecodedD()));
            default -> throw new IllegalStateException("unexpected key type");
          };
      String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded());
      return Secret.of("-----BEGIN PRIVATE KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n");
    } catch (JOSEException | GeneralSecurityException e) {
      throw new IllegalStateException("this platform cannot encode the key", e);
    }
  }

  /**
   * Signs claims as a compact JWS (RFC 7515 §3.1) under this JOSE header, which it does not judge.
   */
  public String signCompact(Map<String, ?> header, Map<String, ?> claims) {
    return signCompact(Json.write(header), Json.write(claims));
  }

  /**
   * Signs texts as they stand, well-formed or not: a test needs tokens that no honest issuer would
   * sign.
   */
  public String signCompact(String header, String payload) {
    String signingInput =
        Base64Url.encode(header.getBytes(StandardCharsets.UTF_8))
            + "."
            + Base64Url.encode(payload.getBytes(StandardCharsets.UTF_8));
    try {
      byte[] input = signingInput.getBytes(StandardCharsets.US_ASCII);
      return signingInput + "." + signer.sign(new JWSHeader(algorithm.jws()), input);
    } catch (JOSEException e) {
      throw new IllegalStateException("the key cannot sign", e);
    }
  }

  /** The public key's members, for the header of a proof. */
  Map<String, ?> publicMembers() {
    return switch (jwk) {
      case ECKey ec -> ec.getRequiredParams();
      case RSAKey rsa -> rsa.getRequiredParams();
      case OctetKeyPair okp -> okp.getRequiredParams();
      default -> throw new IllegalStateException("unexpected key type");
    };
  }

  /** Hides everything. */
  @Override
  public String toString() {
    return "SigningKey[hidden]";
  }
}
