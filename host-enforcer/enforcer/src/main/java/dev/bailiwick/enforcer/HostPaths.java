// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import java.nio.file.Path;

/**
 * Where the enforcer keeps things.
 *
 * @param run reservations of running sandboxes; may vanish at reboot
 * @param state native files and workspaces; must not be mounted without execution
 * @param bpf a BPF file system, mounted when it is not
 */
public record HostPaths(Path run, Path state, Path bpf) {

  public static HostPaths defaults() {
    return new HostPaths(
        Path.of("/run/bailiwick"), Path.of("/var/lib/bailiwick"), Path.of("/sys/fs/bpf"));
  }

  Path natives() {
    return state.resolve("native");
  }

  Path workspaces() {
    return state.resolve("workspaces");
  }

  Path pins() {
    return bpf.resolve("bailiwick");
  }
}
