// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/**
 * The Ed25519 key (RFC 8032) that signs the heads of one writer. The key file holds the private and
 * the public key in PEM; the public key is exported beside the trail.
 */
final class SigningKey {

  private static final String ALGORITHM = "Ed25519";
  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.complementOf(
          EnumSet.of(
              PosixFilePermission.OWNER_READ,
              PosixFilePermission.OWNER_WRITE,
              PosixFilePermission.OWNER_EXECUTE));

  private final PrivateKey privateKey;
  private final PublicKey publicKey;

  private SigningKey(PrivateKey privateKey, PublicKey publicKey) {
    this.privateKey = privateKey;
    this.publicKey = publicKey;
  }

  /**
   * Reads the key, or makes one.
   *
   * @param mayCreate false once something was signed: a new key would disown it
   */
  static SigningKey open(Path keyFile, Path publicFile, boolean mayCreate) throws IOException {
    if (Files.notExists(keyFile)) {
      if (!mayCreate) {
        throw new AuditException(
            "The signing key "
                + keyFile
                + " is missing, but the trail was signed with it: restore it, or begin a new trail"
                + " under another writer name.");
      }
      create(keyFile);
    }
    SigningKey key = read(keyFile);
    String exported = pem("PUBLIC KEY", key.publicKey.getEncoded());
    if (Files.notExists(publicFile)) {
      WriterFiles.replace(publicFile, exported);
    } else if (!Files.readString(publicFile, StandardCharsets.ISO_8859_1).equals(exported)) {
      throw new AuditException(
          "The public key "
              + publicFile
              + " does not belong to the signing key "
              + keyFile
              + ": restore the one that was replaced.");
    }
    return key;
  }

  private static SigningKey read(Path file) throws IOException {
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")
        && Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
      throw new AuditException(
          "The signing key "
              + file
              + " can be used by other users: set its mode to 0600, and replace it if somebody may"
              + " have read it.");
    }
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    try {
      KeyFactory keys = KeyFactory.getInstance(ALGORITHM);
      return new SigningKey(
          keys.generatePrivate(new PKCS8EncodedKeySpec(unpem("PRIVATE KEY", text))),
          keys.generatePublic(new X509EncodedKeySpec(unpem("PUBLIC KEY", text))));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      // The cause may quote the file, so it goes no further.
      throw new AuditException(
          "The signing key "
              + file
              + " is not an Ed25519 key as this log writes it: restore it, or remove it if nothing"
              + " was signed with it yet.");
    }
  }

  private static void create(Path file) throws IOException {
    try {
      KeyPair pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
      WriterFiles.replace(
          file,
          pem("PRIVATE KEY", pair.getPrivate().getEncoded())
              + pem("PUBLIC KEY", pair.getPublic().getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java platform since 15 has Ed25519.", e);
    }
  }

  /** Signature over the bytes, in lower-case hex. */
  String sign(byte[] bytes) {
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initSign(privateKey);
      signature.update(bytes);
      return HexFormat.of().formatHex(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("An Ed25519 key signs anything.", e);
    }
  }

  PublicKey publicKey() {
    return publicKey;
  }

  static boolean verifies(PublicKey key, byte[] bytes, String signatureHex) {
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initVerify(key);
      signature.update(bytes);
      return signature.verify(HexFormat.of().parseHex(signatureHex));
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** The exported key; empty unless the file is byte for byte what the log exports. */
  static Optional<PublicKey> readPublic(Path file) throws IOException {
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    try {
      PublicKey key =
          KeyFactory.getInstance(ALGORITHM)
              .generatePublic(new X509EncodedKeySpec(unpem("PUBLIC KEY", text)));
      return pem("PUBLIC KEY", key.getEncoded()).equals(text) ? Optional.of(key) : Optional.empty();
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** SHA-256 over the key's DER form, in lower-case hex. */
  static String fingerprint(PublicKey key) {
    return SealedLine.hash(key.getEncoded());
  }

  private static String pem(String label, byte[] der) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
  }

  private static byte[] unpem(String label, String text) {
    String begin = "-----BEGIN " + label + "-----";
    int from = text.indexOf(begin);
    int to = text.indexOf("-----END " + label + "-----");
    if (from < 0 || to < from) {
      throw new IllegalArgumentException("no " + label);
    }
    return Base64.getDecoder().decode(text.substring(from + begin.length(), to).replace("\n", ""));
  }
}
