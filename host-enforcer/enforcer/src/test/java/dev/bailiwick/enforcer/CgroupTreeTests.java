// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.policy.Bundle.HostLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
                    MEMORY, "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw"),
                "bailiwick")
            .orElseThrow();

    assertThat(tree.unified()).isEqualTo(Path.of("/sys/fs/cgroup/unified"));
    assertThat(tree.legacy()).isEqualTo(Map.of("memory", Path.of("/sys/fs/cgroup/memory")));
    assertThat(tree.cgroup(1900000001))
        .isEqualTo(Path.of("/sys/fs/cgroup/unified/bailiwick/1900000001"));
  }

  @Test
  void parseWhenControllersShareAHierarchyThenEachIsFoundThere() {
    CgroupTree tree =
        CgroupTree.parse(
                List.of(
                    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
                    "33 31 0:30 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd",
                    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw"),
                "bailiwick")
            .orElseThrow();

    assertThat(tree.legacy()).isEqualTo(Map.of("cpu", Path.of("/sys/fs/cgroup/cpu,cpuacct")));
  }

  @ParameterizedTest
  @CsvSource({"/, 2", "/docker/0123, 4", "/../.., 2", "/system.slice, 3"})
  void parseWhenPartIsMountedThenLevelCountsWhatIsAbove(String root, int level) {
    CgroupTree tree =
        CgroupTree.parse(
                List.of("30 1 0:26 " + root + " /sys/fs/cgroup rw shared:4 - cgroup2 cgroup rw"),
                "bailiwick")
            .orElseThrow();

    assertThat(tree.level()).isEqualTo(level);
    assertThat(tree.legacy()).isEmpty();
  }

  /** On the machine's own hierarchies, whichever version a controller is on. */
  @Test
  void createWhenLimitsAreGivenThenTheKernelHasThem() throws Exception {
    CgroupTree tree = CgroupTree.find(Sandboxes.PATHS.name()).orElseThrow();
    int uid = Reservation.FIRST_UID + Reservation.UIDS + (int) ProcessHandle.current().pid();
    HostLimits limits =
        HostLimits.none().withMemory(64 << 20).withProcesses(33).withCpuPercent(150);

    tree.create(uid, limits);
    String memory = read(tree, uid, "memory", "memory.limit_in_bytes", "memory.max");
    String processes = read(tree, uid, "pids", "pids.max", "pids.max");
    String processor = read(tree, uid, "cpu", "cpu.cfs_quota_us", "cpu.max");
    tree.remove(uid);

    assertThat(memory).isEqualTo(Long.toString(64 << 20));
    assertThat(processes).isEqualTo("33");
    assertThat(processor).startsWith("150000");
    assertThat(tree.cgroup(uid)).doesNotExist();
    assertThat(tree.legacyCgroups(uid)).isEmpty();
  }

  /** The virtual machine of the tests does with the same list what a kernel must hold. */
  @Test
  void createWhenControllersAreOfVersionTwoThenWritesWhatTheListSays(@TempDir Path unified)
      throws Exception {
    List<String> list =
        Files.readAllLines(Path.of("../enforcer-native/tests/limits.txt")).stream()
            .filter(line -> !line.startsWith("#"))
            .toList();
    CgroupTree tree = new CgroupTree(unified, Map.of(), 2, "bailiwick");
    Path cgroup = tree.cgroup(Reservation.FIRST_UID);
    Files.createDirectories(cgroup);
    Files.writeString(unified.resolve("cgroup.controllers"), "cpuset cpu io memory pids\n");
    for (Path parent : List.of(unified, tree.root())) {
      Files.createFile(parent.resolve("cgroup.subtree_control"));
    }
    for (String line : list) {
      Files.createFile(cgroup.resolve(line.split(" ", 2)[0]));
    }

    tree.create(
        Reservation.FIRST_UID,
        HostLimits.none().withMemory(32 << 20).withProcesses(20).withCpuPercent(20));

    assertThat(list).hasSize(4);
    for (String line : list) {
      String[] parts = line.split(" ", 2);
      assertThat(Files.readString(cgroup.resolve(parts[0]))).as(parts[0]).isEqualTo(parts[1]);
    }
  }

  private static String read(
      CgroupTree tree, int uid, String controller, String versionOne, String versionTwo)
      throws IOException {
    Path mount = tree.legacy().get(controller);
    Path root = mount == null ? tree.unified() : mount;
    return Files.readString(
            root.resolve(tree.parent())
                .resolve(Integer.toString(uid))
                .resolve(mount == null ? versionTwo : versionOne))
        .strip();
  }

  @Test
  void parseWhenOnlyVersionOneIsMountedThenNothingIsFound() {
    assertThat(CgroupTree.parse(List.of(MEMORY), "bailiwick")).isEmpty();
  }
}
