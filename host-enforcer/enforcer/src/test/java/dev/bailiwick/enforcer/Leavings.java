// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What a sandbox could leave on the machine. */
final class Leavings {
  private Leavings() {}

  /** What is left of the sandbox with this uid. */
  static List<Path> of(int uid) throws IOException {
    CgroupTree cgroups = CgroupTree.find(Sandboxes.PATHS.name()).orElseThrow();
    HostPaths paths = Sandboxes.PATHS;
    return Stream.of(
            cgroups.cgroup(uid),
            Path.of("/sys/fs/cgroup/memory", Sandboxes.PATHS.name(), Integer.toString(uid)),
            Leftovers.pins(paths, uid),
            paths.workspaces().resolve(Integer.toString(uid)),
            paths.run().resolve("runs").resolve(Integer.toString(uid)))
        .filter(Files::exists)
        .toList();
  }
}
