// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.gateway.credential.CredentialJson;
import dev.bailiwick.gateway.credential.StoredCredential;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientKeysTest {
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir private static Path directory;
  private static KeyStore rsa;
  private static KeyStore ec;

  @BeforeAll
  static void makeKeys() throws Exception {
    rsa = keys("rsa", "-keyalg", "RSA", "-keysize", "2048");
    ec = keys("ec", "-keyalg", "EC", "-groupname", "secp256r1");
  }

  private static KeyStore keys(String name, String... algorithm) throws Exception {
    Path file = directory.resolve(name + ".p12");
    java.util.List<String> command =
        new java.util.ArrayList<>(
            java.util.List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-dname",
                "CN=" + name,
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                "changeit"));
    command.addAll(java.util.List.of(algorithm));
    Process keytool =
        new ProcessBuilder(command)
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

  private static String certificate(KeyStore keys) throws Exception {
    String alias = keys.aliases().nextElement();
    return pem("CERTIFICATE", keys.getCertificate(alias).getEncoded());
  }

  private static Secret key(KeyStore keys) throws Exception {
    String alias = keys.aliases().nextElement();
    return Secret.of(pem("PRIVATE KEY", keys.getKey(alias, PASSWORD).getEncoded()));
  }

  private static String pem(String what, byte[] der) {
    String lines =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
    return "-----BEGIN " + what + "-----\n" + lines + "\n-----END " + what + "-----\n";
  }

  @Test
  void requirePairWhenItIsOneThenPasses() throws Exception {
    ClientKeys.requirePair(certificate(rsa), key(rsa));
    ClientKeys.requirePair(certificate(ec) + certificate(rsa), key(ec));
  }

  @Test
  void requirePairWhenTheKeyIsAnothersThenSaysSo() throws Exception {
    String certificates = certificate(rsa) + certificate(ec);
    Secret key = key(ec);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClientKeys.requirePair(certificates, key))
        .withMessageContaining("not the private key of the first certificate");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "none",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"
      })
  void requirePairWhenThereIsNoCertificateThenSaysWhatIsExpected(String certificates)
      throws Exception {
    Secret key = key(rsa);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClientKeys.requirePair(certificates, key))
        .withMessageContaining("member \"certificate\"");
  }

  @Test
  void requirePairWhenTheKeyIsNoKeyThenSaysWhatIsExpectedAndNotWhatWasFound() throws Exception {
    String certificates = certificate(rsa);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClientKeys.requirePair(certificates, Secret.of("hunter2")))
        .withMessageContaining("member \"key\": expected an unencrypted PKCS#8 private key")
        .withMessageNotContaining("hunter2");
  }

  @Test
  void readWhenTheEntryIsMutualTlsThenItIsACertificate() throws Exception {
    String json =
        "{\"type\":\"mutual-tls\",\"certificate\":\""
            + certificate(ec).replace("\n", "\\n")
            + "\",\"key\":\""
            + key(ec).reveal().replace("\n", "\\n")
            + "\"}";

    StoredCredential stored =
        CredentialJson.read("servicenow/acme", json.getBytes(StandardCharsets.UTF_8));

    assertThat(stored)
        .isInstanceOfSatisfying(
            StoredCredential.MutualTls.class,
            tls ->
                assertThat(tls.credential())
                    .isInstanceOf(Credential.ClientCertificate.class)
                    .asString()
                    .doesNotContain("PRIVATE KEY"));
  }
}
