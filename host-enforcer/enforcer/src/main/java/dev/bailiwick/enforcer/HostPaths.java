// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import java.nio.file.Path;

/**
 * Where the enforcer keeps things.
 *
 * @param run reservations of running sandboxes; may vanish at reboot
 * @param state native files, workspaces and the next sandbox's uid, which outlives a reboot as
 *     files of former sandboxes do; must not be mounted without execution
 * @param bpf a BPF file system, mounted when it is not
 * @param name of the enforcer's own directory there and of its parent cgroup: two enforcers with
 *     different names and paths know nothing of each other
 */
public record HostPaths(Path run, Path state, Path bpf, String name) {

  public static HostPaths defaults() {
    return new HostPaths(
        Path.of("/run/bailiwick"),
        Path.of("/var/lib/bailiwick"),
        Path.of("/sys/fs/bpf"),
        "bailiwick");
  }

  Path natives() {
    return state.resolve("native");
  }

  Path workspaces() {
    return state.resolve("workspaces");
  }

  Path pins() {
    return bpf.resolve(name);
  }

  /** The same host as the daemon sees it: its sandboxes are not those of single runs. */
  HostPaths ofDaemon() {
    return new HostPaths(run, state, bpf, name + "-enforcer");
  }

  /** Where the daemon listens to whoever asks. */
  public Path socket() {
    return run.resolve("enforcer.sock");
  }

  /** Where it listens to root, in a directory that nobody else may enter. */
  public Path rootSocket() {
    return run.resolve("root").resolve("enforcer.sock");
  }

  /** What the daemon knows about each of its sandboxes. */
  Path sandboxes() {
    return run.resolve("sandboxes");
  }

  /** Tasks that were revoked. */
  Path revoked() {
    return run.resolve("revoked");
  }
}
