// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {

  @ParameterizedTest
  @CsvSource({"0s, PT0S", "30s, PT30S", "10m, PT10M", "1h, PT1H", "90m, PT1H30M"})
  void durationWhenWellFormedThenRead(String text, Duration duration) {
    assertThat(Units.duration(text)).contains(duration);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "10", "m", "-1s", "1.5h", "1d", "10 s", "10S", "1h30m", "9999999999s"})
  void durationWhenAnythingElseThenEmpty(String text) {
    assertThat(Units.duration(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "1KiB, 1024",
    "64MiB, 67108864",
    "1GiB, 1073741824",
    "999999999GiB, 1073741822926258176"
  })
  void sizeWhenWellFormedThenBytes(String text, long bytes) {
    assertThat(Units.size(text)).hasValue(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "1", "0KiB", "1KB", "1MB", "1 MiB", "1mib", "-1MiB", "1.5GiB", "1TiB"})
  void sizeWhenAnythingElseThenEmpty(String text) {
    assertThat(Units.size(text)).isEmpty();
  }

  @Test
  void writeWhenReadAgainThenTheSame() {
    for (String text : new String[] {"0s", "30s", "90s", "10m", "1h", "25h"}) {
      assertThat(Units.write(Units.duration(text).orElseThrow())).isEqualTo(text);
    }
  }
}
