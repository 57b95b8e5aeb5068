// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CgroupTreeTests {
  private static final String MEMORY =
      "39 31 0:36 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory";

  @Test
  void parseWhenHybridThenBothHierarchiesAreFound() {
    CgroupTree tree =
        CgroupTree.parse(
                List.of(
                    MEMORY, "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw"))
            .orElseThrow();

    assertThat(tree.unified()).isEqualTo(Path.of("/sys/fs/cgroup/unified"));
    assertThat(tree.legacyMemory()).contains(Path.of("/sys/fs/cgroup/memory"));
    assertThat(tree.cgroup(1900000001))
        .isEqualTo(Path.of("/sys/fs/cgroup/unified/bailiwick/1900000001"));
  }

  @ParameterizedTest
  @CsvSource({"/, 2", "/docker/0123, 4", "/../.., 2", "/system.slice, 3"})
  void parseWhenPartIsMountedThenLevelCountsWhatIsAbove(String root, int level) {
    CgroupTree tree =
        CgroupTree.parse(
                List.of("30 1 0:26 " + root + " /sys/fs/cgroup rw shared:4 - cgroup2 cgroup rw"))
            .orElseThrow();

    assertThat(tree.level()).isEqualTo(level);
    assertThat(tree.legacyMemory()).isEmpty();
  }

  @Test
  void parseWhenOnlyVersionOneIsMountedThenNothingIsFound() {
    assertThat(CgroupTree.parse(List.of(MEMORY))).isEmpty();
  }
}
