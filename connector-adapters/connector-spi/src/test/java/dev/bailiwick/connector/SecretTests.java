// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.Serializable;
import org.junit.jupiter.api.Test;

class SecretTests {
  @Test
  void toStringWhenCalledThenHides() {
    assertThat(Secret.of("hush")).hasToString("Secret[hidden]");
    assertThat(new Credential.BasicPair("user", Secret.of("hush")).toString())
        .doesNotContain("hush");
  }

  @Test
  void equalsWhenValuesAreEqualThenEqualAndTheHashSaysNothing() {
    assertThat(Secret.of("hush")).isEqualTo(Secret.of("hush")).isNotEqualTo(Secret.of("hush!"));
    assertThat(Secret.of("hush")).hasSameHashCodeAs(Secret.of("other"));
  }

  @Test
  void ofWhenEmptyThenThrows() {
    assertThatIllegalArgumentException().isThrownBy(() -> Secret.of(""));
  }

  @Test
  void secretWhenAskedThenCannotBeSerialized() {
    assertThat(Secret.of("hush")).isNotInstanceOf(Serializable.class);
  }
}
