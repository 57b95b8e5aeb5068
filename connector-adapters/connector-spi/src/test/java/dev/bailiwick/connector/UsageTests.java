// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class UsageTests {

  @Test
  void ofRateLimitWhenBothAreThereThenBothAreTold() {
    Headers answer =
        Headers.none().with("X-RateLimit-Limit", "1000").with("X-RateLimit-Remaining", " 7 ");

    assertThat(Usage.ofRateLimit(answer))
        .containsExactly(
            new Usage(
                "rate-limit", OptionalLong.empty(), OptionalLong.of(1000), OptionalLong.of(7)));
  }

  @Test
  void ofRateLimitWhenNoneIsThereThenNothingIsTold() {
    assertThat(Usage.ofRateLimit(Headers.none())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "many", "-1", "1.5", "99999999999999999999"})
  void ofRateLimitWhenItIsNoNumberThenNothingIsTold(String value) {
    assertThat(Usage.ofRateLimit(Headers.none().with("X-RateLimit-Limit", value))).isEmpty();
  }
}
