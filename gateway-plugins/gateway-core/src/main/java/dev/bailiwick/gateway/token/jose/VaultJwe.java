// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEDecrypter;
import com.nimbusds.jose.JWEEncrypter;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.DirectDecrypter;
import com.nimbusds.jose.crypto.DirectEncrypter;
import com.nimbusds.jose.crypto.PasswordBasedDecrypter;
import com.nimbusds.jose.crypto.PasswordBasedEncrypter;
import java.text.ParseException;
import java.util.Optional;

/**
 * Seals bytes into a compact JWE (RFC 7516 §7.1) and opens it again. The content is always A256GCM;
 * the key is either 32 random bytes used directly, or derived from a passphrase with
 * PBES2-HS512+A256KW (RFC 7518 §4.8). Stateless and thread-safe.
 */
public final class VaultJwe {

  /** What a sealed text asks for before it opens. */
  public enum Lock {
    KEY,
    PASSPHRASE
  }

  /** Length of a key in bytes. */
  public static final int KEY_BYTES = 32;

  /** PBKDF2 rounds per sealing; the library opens nothing above one million. */
  static final int ITERATIONS = 600_000;

  private static final int SALT_BYTES = 16;
  private static final EncryptionMethod CONTENT = EncryptionMethod.A256GCM;

  private VaultJwe() {}

  public static String sealWithKey(byte[] key, byte[] content) {
    try {
      return seal(JWEAlgorithm.DIR, new DirectEncrypter(key), content);
    } catch (JOSEException e) {
      throw new IllegalArgumentException("key: expected " + KEY_BYTES + " bytes", e);
    }
  }

  /** Costs about half a second of one core, by design. */
  public static String sealWithPassphrase(byte[] passphrase, byte[] content) {
    try {
      return seal(
          JWEAlgorithm.PBES2_HS512_A256KW,
          new PasswordBasedEncrypter(passphrase, SALT_BYTES, ITERATIONS),
          content);
    } catch (JOSEException e) {
      throw new IllegalStateException("this Java runtime lacks PBKDF2 or AES", e);
    }
  }

  /** How a text was sealed; empty when it is not one of ours. */
  public static Optional<Lock> lock(String sealed) {
    return parse(sealed).flatMap(jwe -> lock(jwe.getHeader()));
  }

  /** The content; empty when the key is another one or the text was changed. */
  public static Optional<byte[]> openWithKey(byte[] key, String sealed) {
    try {
      return open(Lock.KEY, new DirectDecrypter(key), sealed);
    } catch (JOSEException e) {
      throw new IllegalArgumentException("key: expected " + KEY_BYTES + " bytes", e);
    }
  }

  /** The content; empty when the passphrase is another one or the text was changed. */
  public static Optional<byte[]> openWithPassphrase(byte[] passphrase, String sealed) {
    return open(Lock.PASSPHRASE, new PasswordBasedDecrypter(passphrase), sealed);
  }

  private static String seal(JWEAlgorithm algorithm, JWEEncrypter encrypter, byte[] content)
      throws JOSEException {
    JWEObject jwe = new JWEObject(new JWEHeader(algorithm, CONTENT), new Payload(content));
    jwe.encrypt(encrypter);
    return jwe.serialize();
  }

  private static Optional<byte[]> open(Lock lock, JWEDecrypter decrypter, String sealed) {
    Optional<JWEObject> parsed = parse(sealed);
    // The header chooses the algorithm, so it must name the one that this key is for.
    if (parsed.isEmpty() || !lock(parsed.get().getHeader()).equals(Optional.of(lock))) {
      return Optional.empty();
    }
    JWEObject jwe = parsed.get();
    try {
      jwe.decrypt(decrypter);
    } catch (JOSEException e) {
      return Optional.empty();
    }
    return Optional.of(jwe.getPayload().toBytes());
  }

  private static Optional<JWEObject> parse(String sealed) {
    try {
      return Optional.of(JWEObject.parse(sealed));
    } catch (ParseException | RuntimeException e) {
      // The library meets a header without an algorithm with a NullPointerException.
      return Optional.empty();
    }
  }

  private static Optional<Lock> lock(JWEHeader header) {
    if (!CONTENT.equals(header.getEncryptionMethod())
        || header.getCompressionAlgorithm() != null
        || header.getCriticalParams() != null) {
      return Optional.empty();
    }
    if (JWEAlgorithm.DIR.equals(header.getAlgorithm())) {
      return Optional.of(Lock.KEY);
    }
    return JWEAlgorithm.PBES2_HS512_A256KW.equals(header.getAlgorithm())
        ? Optional.of(Lock.PASSPHRASE)
        : Optional.empty();
  }
}
