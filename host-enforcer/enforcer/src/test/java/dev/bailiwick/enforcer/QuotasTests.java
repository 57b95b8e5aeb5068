// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class QuotasTests {
  @Test
  void mostWhenComparedWithTheMapsThenTheyHaveRoomForAsMany() {
    assertThat(Path.of("../enforcer-native/include/bailiwick.h"))
        .content()
        .contains("#define BAILIWICK_MAX_SANDBOXES " + Quotas.MOST + "\n");
  }
}
