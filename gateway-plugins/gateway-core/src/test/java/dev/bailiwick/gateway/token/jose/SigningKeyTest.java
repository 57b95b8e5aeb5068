// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.bailiwick.connector.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SigningKeyTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final List<String> PRIVATE = List.of("d", "p", "q", "dp", "dq", "qi", "k");

  @ParameterizedTest
  @EnumSource(SignatureAlgorithm.class)
  void fromJwkWhenWrittenByItselfThenIsTheSameKey(SignatureAlgorithm algorithm) {
    SigningKey key = SigningKey.generate(algorithm);

    SigningKey again = SigningKey.fromJwk(key.privateJwk());

    assertThat(again.keyId()).isEqualTo(key.keyId()).isEqualTo(key.thumbprint());
    assertThat(again.algorithm()).isEqualTo(algorithm);
    assertThat(again.publicJwk()).isEqualTo(key.publicJwk());
    assertThat(again.privateJwk()).isEqualTo(key.privateJwk());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nothing",
        "[]",
        "{}",
        "{\"kty\":\"oct\",\"kid\":\"a\",\"alg\":\"HS256\",\"k\":\"c2VjcmV0LXRleHQ\"}",
        "{\"kty\":\"oct\",\"kid\":\"a\",\"alg\":\"ES256\",\"k\":\"c2VjcmV0LXRleHQ\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"a\",\"alg\":\"ES256\","
            + "\"x\":\"c2VjcmV0LXRleHQ\",\"d\":\"c2VjcmV0LXRleHQ\"}",
      })
  void fromJwkWhenNotASigningKeyThenThrowsAndShowsNothing(String json) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SigningKey.fromJwk(Secret.of(json)))
        .withMessageNotContaining("c2VjcmV0")
        .withNoCause();
  }

  @Test
  void fromJwkWhenOnlyPublicThenThrows() {
    String json = SigningKey.generate(SignatureAlgorithm.ES256).publicJwk();

    assertThatIllegalArgumentException().isThrownBy(() -> SigningKey.fromJwk(Secret.of(json)));
  }

  @ParameterizedTest
  @EnumSource(SignatureAlgorithm.class)
  void publicJwksThenHoldsNoPrivateMember(SignatureAlgorithm algorithm) {
    SigningKey key = SigningKey.generate(algorithm);

    JsonNode keys = JSON.readTree(SigningKey.publicJwks(List.of(key, key))).get("keys");

    assertThat(keys).hasSize(2);
    assertThat(keys.get(0).get("kid").asString()).isEqualTo(key.keyId());
    assertThat(keys.get(0).get("alg").asString()).isEqualTo(algorithm.headerValue());
    assertThat(keys.get(0).propertyNames()).doesNotContainAnyElementsOf(PRIVATE);
  }

  @ParameterizedTest
  @EnumSource(SignatureAlgorithm.class)
  void toStringThenHidesEverything(SignatureAlgorithm algorithm) {
    SigningKey key = SigningKey.generate(algorithm);

    assertThat(key).hasToString("SigningKey[hidden]");
    assertThat(key.privateJwk()).hasToString("Secret[hidden]");
    assertThat(key.privatePem()).hasToString("Secret[hidden]");
  }

  /** What {@code openssl pkeyutl -sign -rawin -inkey key.pem} does with the file. */
  @Test
  void privatePemWhenEd25519ThenAnotherToolSignsWithIt() throws GeneralSecurityException {
    SigningKey key = SigningKey.generate(SignatureAlgorithm.EDDSA);
    PrivateKey read =
        KeyFactory.getInstance("Ed25519")
            .generatePrivate(new PKCS8EncodedKeySpec(der(key.privatePem())));
    String compact = key.signCompact("{}", "{}");
    int dot = compact.lastIndexOf('.');
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(read);

    signature.update(compact.substring(0, dot).getBytes(StandardCharsets.US_ASCII));

    // Ed25519 is deterministic, so equal keys make equal signatures.
    assertThat(Base64Url.encode(signature.sign())).isEqualTo(compact.substring(dot + 1));
  }

  @ParameterizedTest
  @EnumSource(
      value = SignatureAlgorithm.class,
      names = {"ES256", "RS256", "PS256"})
  void privatePemWhenOtherAlgorithmThenIsPkcs8(SignatureAlgorithm algorithm)
      throws GeneralSecurityException {
    String type = algorithm == SignatureAlgorithm.ES256 ? "EC" : "RSA";

    byte[] der = der(SigningKey.generate(algorithm).privatePem());

    assertThat(KeyFactory.getInstance(type).generatePrivate(new PKCS8EncodedKeySpec(der)))
        .isNotNull();
  }

  @Test
  void signCompactWhenMapsThenWritesThemAsJson() {
    String compact =
        Lab.AGENT_KEY.signCompact(Map.of("alg", "ES256"), Map.of("sub", "a\"b", "n", List.of(1)));

    String[] segments = compact.split("[.]");
    assertThat(text(segments[0])).isEqualTo("{\"alg\":\"ES256\"}");
    assertThat(JSON.readTree(text(segments[1])).get("sub").asString()).isEqualTo("a\"b");
    assertThat(segments).hasSize(3);
  }

  private static byte[] der(Secret pem) {
    List<String> lines = Arrays.asList(pem.reveal().split("\n"));
    assertThat(lines.get(0)).isEqualTo("-----BEGIN PRIVATE KEY-----");
    assertThat(lines.get(lines.size() - 1)).isEqualTo("-----END PRIVATE KEY-----");
    return Base64.getDecoder().decode(String.join("", lines.subList(1, lines.size() - 1)));
  }

  private static String text(String segment) {
    return new String(Base64Url.decodeCanonical(segment), StandardCharsets.UTF_8);
  }
}
