// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.bailiwick.gateway.token.ProofOptions;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Settings that contradict themselves are refused at once, and the defaults do not. */
class OptionsTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration HOUR = Duration.ofHours(1);

  @Test
  void defaultsThenAreSound() {
    assertThat(KeyFetching.defaults().minInterval()).isLessThan(KeyFetching.defaults().keepFor());
    assertThat(ProofOptions.defaults().maxAge()).isEqualTo(MINUTE);
  }

  @Test
  void keyFetchingWhenContradictoryThenThrows() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new KeyFetching(MINUTE, MINUTE, HOUR, MINUTE, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new KeyFetching(HOUR, MINUTE, MINUTE, MINUTE, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new KeyFetching(HOUR, MINUTE, HOUR, Duration.ZERO, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new KeyFetching(HOUR, MINUTE, HOUR, MINUTE, 0));
  }

  @Test
  void proofOptionsWhenContradictoryThenThrows() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ProofOptions(Duration.ZERO, MINUTE, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ProofOptions(MINUTE, Duration.ofSeconds(-1), 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new ProofOptions(HOUR, MINUTE, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new ProofOptions(MINUTE, MINUTE, 0));
  }
}
