// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import dev.bailiwick.gateway.DenyReason;
import java.security.Provider;
import java.security.Security;
import java.text.ParseException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A key verifies the same, whichever provider does the arithmetic. */
class VerificationKeyTest {
  private static final CompactJws.Kind ANY =
      new CompactJws.Kind("token", DenyReason.INTERNAL, DenyReason.INTERNAL, Set.of("alg"));

  static Stream<Arguments> providers() {
    return Stream.of(
        Arguments.of(SignatureAlgorithm.ES256, provider("SunEC")),
        Arguments.of(SignatureAlgorithm.EDDSA, provider("SunEC")),
        Arguments.of(SignatureAlgorithm.RS256, provider("SunRsaSign")),
        Arguments.of(SignatureAlgorithm.PS256, provider("SunRsaSign")),
        Arguments.of(SignatureAlgorithm.ES256, Optional.empty()),
        Arguments.of(SignatureAlgorithm.EDDSA, Optional.empty()),
        Arguments.of(SignatureAlgorithm.RS256, Optional.empty()),
        Arguments.of(SignatureAlgorithm.PS256, Optional.empty()));
  }

  @ParameterizedTest
  @MethodSource("providers")
  void verifiesWhenSignedWithItsPrivateKeyThenTrue(
      SignatureAlgorithm algorithm, Optional<Provider> provider) throws ParseException {
    SigningKey key = SigningKey.generate(algorithm);

    assertThat(verificationKey(key, provider).verifies(signed(key, "good"))).isTrue();
  }

  @ParameterizedTest
  @MethodSource("providers")
  void verifiesWhenSignatureIsOfSomethingElseThenFalse(
      SignatureAlgorithm algorithm, Optional<Provider> provider) throws ParseException {
    SigningKey key = SigningKey.generate(algorithm);
    CompactJws good = signed(key, "good");
    CompactJws other = signed(key, "other");
    CompactJws mixed =
        new CompactJws(good.header(), good.payload(), good.signingInput(), other.signature());

    assertThat(verificationKey(key, provider).verifies(mixed)).isFalse();
  }

  @ParameterizedTest
  @MethodSource("providers")
  void verifiesWhenSignatureHasAnotherLengthThenFalse(
      SignatureAlgorithm algorithm, Optional<Provider> provider) throws ParseException {
    SigningKey key = SigningKey.generate(algorithm);
    CompactJws good = signed(key, "good");
    CompactJws cut =
        new CompactJws(
            good.header(),
            good.payload(),
            good.signingInput(),
            Base64Url.encode(new byte[] {1, 2, 3}));

    assertThat(verificationKey(key, provider).verifies(cut)).isFalse();
  }

  private static VerificationKey verificationKey(SigningKey key, Optional<Provider> provider)
      throws ParseException {
    return VerificationKey.of(JWK.parse(key.publicJwk()), key.algorithm(), provider).orElseThrow();
  }

  private static CompactJws signed(SigningKey key, String text) {
    return CompactJws.parse(
        key.signCompact(Map.of("alg", key.algorithm().headerValue()), Map.of("text", text)),
        10_000,
        ANY);
  }

  private static Optional<Provider> provider(String name) {
    return Optional.of(Security.getProvider(name));
  }
}
