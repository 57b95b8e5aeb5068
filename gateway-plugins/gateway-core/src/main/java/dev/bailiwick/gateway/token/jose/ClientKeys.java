// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import dev.bailiwick.connector.Secret;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.interfaces.RSAPrivateKey;
import java.util.Collection;
import java.util.regex.Pattern;

/** Client certificates and their keys, checked when they are stored and not at the first call. */
public final class ClientKeys {
  private static final String EXPECTED_CERTIFICATE =
      "member \"certificate\": expected X.509 certificates in PEM form (BEGIN CERTIFICATE), the"
          + " client's own first";
  private static final Pattern PEM =
      Pattern.compile(
          "(\\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\s]+-----END CERTIFICATE-----\\s*)+");
  private static final byte[] SAMPLE = "bailiwick".getBytes(StandardCharsets.US_ASCII);

  private ClientKeys() {}

  /**
   * Throws {@link IllegalArgumentException} with a sentence to show unless the key is the private
   * one of the first certificate.
   */
  public static void requirePair(String certificates, Secret key) {
    PublicKey publicKey = first(certificates).getPublicKey();
    PrivateKey privateKey;
    try {
      privateKey = ClientAssertions.privateKey(key);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("member \"key\": " + e.getMessage());
    }
    if (!pair(privateKey, publicKey)) {
      throw new IllegalArgumentException(
          "member \"key\": is not the private key of the first certificate");
    }
  }

  private static Certificate first(String certificates) {
    if (!PEM.matcher(certificates).matches()) {
      throw new IllegalArgumentException(EXPECTED_CERTIFICATE);
    }
    try {
      Collection<? extends Certificate> chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(certificates.getBytes(StandardCharsets.US_ASCII)));
      return chain.iterator().next();
    } catch (CertificateException e) {
      throw new IllegalArgumentException(EXPECTED_CERTIFICATE);
    }
  }

  private static boolean pair(PrivateKey privateKey, PublicKey publicKey) {
    String algorithm = privateKey instanceof RSAPrivateKey ? "SHA256withRSA" : "SHA256withECDSA";
    try {
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(privateKey);
      signer.update(SAMPLE);
      byte[] signed = signer.sign();
      signer.initVerify(publicKey);
      signer.update(SAMPLE);
      return signer.verify(signed);
    } catch (GeneralSecurityException e) {
      // Keys of two kinds.
      return false;
    }
  }
}
