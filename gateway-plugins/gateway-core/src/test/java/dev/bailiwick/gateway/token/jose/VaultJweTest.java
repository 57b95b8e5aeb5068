// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEEncrypter;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.AESEncrypter;
import com.nimbusds.jose.crypto.DirectEncrypter;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VaultJweTest {
  private static final byte[] KEY = key(7);
  private static final byte[] CONTENT = "{\"entries\":{}}".getBytes(StandardCharsets.UTF_8);
  private static final byte[] PASSPHRASE = "correct horse".getBytes(StandardCharsets.UTF_8);

  @Test
  void openWithKeyThenTheContent() {
    String sealed = VaultJwe.sealWithKey(KEY, CONTENT);

    assertThat(VaultJwe.lock(sealed)).contains(VaultJwe.Lock.KEY);
    assertThat(VaultJwe.openWithKey(KEY, sealed)).contains(CONTENT);
    assertThat(VaultJwe.openWithKey(key(8), sealed)).isEmpty();
  }

  @Test
  void sealWhenTwiceThenDifferentText() {
    assertThat(VaultJwe.sealWithKey(KEY, CONTENT)).isNotEqualTo(VaultJwe.sealWithKey(KEY, CONTENT));
  }

  @Test
  void openWithPassphraseThenTheContentAndAtLeast600000Rounds() throws ParseException {
    String sealed = VaultJwe.sealWithPassphrase(PASSPHRASE, CONTENT);

    assertThat(VaultJwe.lock(sealed)).contains(VaultJwe.Lock.PASSPHRASE);
    assertThat(VaultJwe.openWithPassphrase(PASSPHRASE, sealed)).contains(CONTENT);
    assertThat(JWEObject.parse(sealed).getHeader().getPBES2Count()).isGreaterThanOrEqualTo(600_000);
  }

  @Test
  void openWithKeyWhenSealedWithPassphraseThenEmpty() {
    String sealed = VaultJwe.sealWithPassphrase(PASSPHRASE, CONTENT);

    assertThat(VaultJwe.openWithKey(KEY, sealed)).isEmpty();
  }

  @Test
  void openWhenAnotherAlgorithmThenEmpty() throws JOSEException {
    String wrapped = seal(JWEAlgorithm.A256KW, EncryptionMethod.A256GCM, new AESEncrypter(KEY));
    String other = seal(JWEAlgorithm.DIR, EncryptionMethod.A128CBC_HS256, new DirectEncrypter(KEY));

    assertThat(VaultJwe.lock(wrapped)).isEmpty();
    assertThat(VaultJwe.openWithKey(KEY, wrapped)).isEmpty();
    assertThat(VaultJwe.lock(other)).isEmpty();
    assertThat(VaultJwe.openWithKey(KEY, other)).isEmpty();
  }

  @Test
  void openWhenAnyCharacterIsChangedThenNeverAnotherContent() {
    String sealed = VaultJwe.sealWithKey(KEY, CONTENT);

    for (int i = 0; i < sealed.length(); i++) {
      char other = sealed.charAt(i) == 'A' ? 'B' : 'A';
      String changed = sealed.substring(0, i) + other + sealed.substring(i + 1);
      Optional<byte[]> opened = VaultJwe.openWithKey(KEY, changed);

      // The last character of a part may carry bits that stand for nothing.
      assertThat(opened.map(content -> Arrays.equals(content, CONTENT)).orElse(true)).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "....", "a.b.c.d.e", "eyJhbGciOiJub25lIn0.e30.", "{}"})
  void lockWhenNotOursThenEmpty(String text) {
    assertThat(VaultJwe.lock(text)).isEmpty();
    assertThat(VaultJwe.openWithKey(KEY, text)).isEmpty();
  }

  @Test
  void sealWhenKeyIsShortThenIllegal() {
    assertThatThrownBy(() -> VaultJwe.sealWithKey(new byte[16], CONTENT))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static String seal(
      JWEAlgorithm algorithm, EncryptionMethod method, JWEEncrypter encrypter)
      throws JOSEException {
    JWEObject jwe = new JWEObject(new JWEHeader(algorithm, method), new Payload(CONTENT));
    jwe.encrypt(encrypter);
    return jwe.serialize();
  }

  private static byte[] key(int value) {
    byte[] key = new byte[VaultJwe.KEY_BYTES];
    Arrays.fill(key, (byte) value);
    return key;
  }
}
