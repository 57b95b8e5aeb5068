// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.bailiwick.connector.Secret;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientAssertionsTest {
  private static final Instant ISSUED = Instant.parse("2026-11-23T08:00:00Z");
  private static final ClientAssertions.Claims CLAIMS =
      new ClientAssertions.Claims(
          "client-1", "svc@acme.example", "https://login.example", ISSUED, ISSUED.plusSeconds(180));

  @Test
  void signWhenRsaThenRs256WithEveryClaim() throws Exception {
    KeyPair keys = keys("RSA", 2048);

    SignedJWT assertion =
        SignedJWT.parse(ClientAssertions.sign(pem(keys), "kid-1", CLAIMS).reveal());

    assertThat(assertion.verify(new RSASSAVerifier((RSAPublicKey) keys.getPublic()))).isTrue();
    assertThat(assertion.getHeader().getAlgorithm()).isEqualTo(JWSAlgorithm.RS256);
    assertThat(assertion.getHeader().getKeyID()).isEqualTo("kid-1");
    JWTClaimsSet claims = assertion.getJWTClaimsSet();
    assertThat(claims.getIssuer()).isEqualTo("client-1");
    assertThat(claims.getSubject()).isEqualTo("svc@acme.example");
    assertThat(claims.getAudience()).containsExactly("https://login.example");
    assertThat(claims.getIssueTime()).isEqualTo(Date.from(ISSUED));
    assertThat(claims.getExpirationTime()).isEqualTo(Date.from(ISSUED.plusSeconds(180)));
  }

  @Test
  void signWhenEcThenEs256WithoutKeyId() throws Exception {
    KeyPair keys = keys("EC", 256);

    SignedJWT assertion = SignedJWT.parse(ClientAssertions.sign(pem(keys), null, CLAIMS).reveal());

    assertThat(assertion.verify(new ECDSAVerifier((ECPublicKey) keys.getPublic()))).isTrue();
    assertThat(assertion.getHeader().getAlgorithm()).isEqualTo(JWSAlgorithm.ES256);
    assertThat(assertion.getHeader().getKeyID()).isNull();
  }

  @Test
  void signWhenTwiceThenAnotherIdentifier() throws Exception {
    Secret pem = pem(keys("EC", 256));

    String first = SignedJWT.parse(sign(pem)).getJWTClaimsSet().getJWTID();
    String second = SignedJWT.parse(sign(pem)).getJWTClaimsSet().getJWTID();

    assertThat(first).isNotBlank().isNotEqualTo(second);
  }

  @Test
  void requireUsableWhenLinesAreWrappedThenUsable() throws Exception {
    String wrapped =
        "-----BEGIN PRIVATE KEY-----\r\n"
            + Base64.getMimeEncoder().encodeToString(keys("RSA", 2048).getPrivate().getEncoded())
            + "\r\n-----END PRIVATE KEY-----\r\n";

    assertThatCode(() -> ClientAssertions.requireUsable(Secret.of(wrapped)))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({"RSA,1024", "EC,384", "Ed25519,255", "DSA,1024"})
  void requireUsableWhenTheKeyIsOfAnotherKindThenSaysWhatIsExpected(String kind, int bits)
      throws Exception {
    assertUnusable(pem(keys(kind, bits)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hunter2",
        "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\naHVudGVyMg==\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\naHVudGVyMg==\n-----END ENCRYPTED PRIVATE KEY-----"
      })
  void requireUsableWhenNoKeyThenSaysWhatIsExpected(String text) {
    assertUnusable(Secret.of(text));
  }

  private static void assertUnusable(Secret pem) {
    assertThatThrownBy(() -> ClientAssertions.requireUsable(pem))
        .isInstanceOf(IllegalArgumentException.class)
        .hasNoCause()
        .message()
        .startsWith("expected an unencrypted PKCS#8 private key")
        .doesNotContain("hunter2");
  }

  private static String sign(Secret pem) {
    return ClientAssertions.sign(pem, null, CLAIMS).reveal();
  }

  private static KeyPair keys(String kind, int bits) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
    if (!kind.startsWith("Ed")) {
      generator.initialize(bits);
    }
    return generator.generateKeyPair();
  }

  private static Secret pem(KeyPair keys) {
    return Secret.of(
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getEncoder().encodeToString(keys.getPrivate().getEncoded())
            + "\n-----END PRIVATE KEY-----\n");
  }
}
