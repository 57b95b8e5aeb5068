// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.enforcer.kernel.KernelEvent;

/**
 * Something that a layer of the kernel denied to a process of a sandbox.
 *
 * @param pid 0 when no process is known
 * @param command the process's name; chosen by the agent
 * @param layer {@code cgroup-bpf}, {@code bpf-lsm}, {@code landlock} or {@code seccomp}
 */
record Denial(int pid, int uid, String command, String layer, String hook, String destination) {

  static Denial of(KernelEvent event) {
    return new Denial(
        event.pid(),
        event.uid(),
        event.command(),
        event.hook().layer(),
        event.hook().label(),
        event.destination());
  }
}
