// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;

/** Key pairs with a certificate of their own, made by the JDK's tool. */
final class TestKeys {
  static final char[] PASSWORD = "changeit".toCharArray();

  private TestKeys() {}

  /** A key pair, which is also in {@code <name>.p12} of the directory. */
  static KeyStore keys(Path directory, String name) throws Exception {
    Path file = directory.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                "changeit")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve(name + ".log").toFile())
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, PASSWORD);
    }
    return keys;
  }

  /** A trust store with the certificates of others. */
  static KeyStore trusting(KeyStore... others) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    for (int i = 0; i < others.length; i++) {
      trusted.setCertificateEntry("other" + i, certificate(others[i]));
    }
    return trusted;
  }

  static Certificate certificate(KeyStore keys) throws Exception {
    return keys.getCertificate(keys.aliases().nextElement());
  }

  static String certificatePem(KeyStore keys) throws Exception {
    return pem("CERTIFICATE", certificate(keys).getEncoded());
  }

  static String keyPem(KeyStore keys) throws Exception {
    return pem("PRIVATE KEY", keys.getKey(keys.aliases().nextElement(), PASSWORD).getEncoded());
  }

  private static String pem(String what, byte[] der) {
    String lines =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
    return "-----BEGIN " + what + "-----\n" + lines + "\n-----END " + what + "-----\n";
  }
}
