// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.gateway;

import dev.bailiwick.connector.Secret;
import dev.bailiwick.gateway.credential.StoredCredential;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Makes a client certificate that nobody trusts, with the JDK's own tool. */
final class ClientKeyPair {
  private static final String ALIAS = "caller";
  private static final String STORE_PASSWORD = "changeit";

  private static @Nullable StoredCredential made;

  private ClientKeyPair() {}

  /** The same one for every test bed of this process: to make it takes a process of its own. */
  static synchronized StoredCredential generate(Path directory) throws IOException {
    if (made == null) {
      made = make(directory);
    }
    return made;
  }

  private static StoredCredential make(Path directory) throws IOException {
    Path file = directory.resolve("caller.p12");
    ProcessBuilder keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                ALIAS,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=" + ALIAS,
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass:env",
                "STORE_PASSWORD")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("keytool.log").toFile());
    keytool.environment().put("STORE_PASSWORD", STORE_PASSWORD);
    try {
      if (keytool.start().waitFor() != 0) {
        throw new IOException("keytool made no key pair: see keytool.log in " + directory);
      }
      KeyStore keys = KeyStore.getInstance("PKCS12");
      try (InputStream in = Files.newInputStream(file)) {
        keys.load(in, STORE_PASSWORD.toCharArray());
      }
      return new StoredCredential.MutualTls(
          pem("CERTIFICATE", keys.getCertificate(ALIAS).getEncoded()),
          Secret.of(
              pem("PRIVATE KEY", keys.getKey(ALIAS, STORE_PASSWORD.toCharArray()).getEncoded())));
    } catch (GeneralSecurityException e) {
      throw new IOException("the key pair cannot be read", e);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while a key pair was made", e);
    }
  }

  private static String pem(String what, byte[] der) {
    String lines =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
    return "-----BEGIN " + what + "-----\n" + lines + "\n-----END " + what + "-----\n";
  }
}
