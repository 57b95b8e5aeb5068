// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.enforcer.kernel.AuditTrail;
import dev.bailiwick.enforcer.kernel.KernelPart;
import dev.bailiwick.enforcer.kernel.KernelProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Finds out by trying what this machine enforces. */
public final class HostProbe {
  /** ABI 3 brings the truncate right, without which a read-only file can be emptied. */
  private static final int LANDLOCK_NEEDED = 3;

  private static final int LANDLOCK_DEVICES = 5;
  private static final int LANDLOCK_SCOPES = 6;

  private final List<String> enforced = new ArrayList<>();
  private final List<String> missing = new ArrayList<>();
  private boolean base = true;

  private HostProbe() {}

  /** What can be enforced here, by this process. Changes nothing that outlives it. */
  public static EnforcementStatus probe() {
    return probe(HostPaths.defaults());
  }

  static EnforcementStatus probe(HostPaths paths) {
    HostProbe probe = new HostProbe();
    if (!isLinux()) {
      probe.lacks("linux", "the sandbox is made of Linux's kernel; this is another system");
    } else if (!isRoot()) {
      probe.lacks("root", "the enforcer must be started by root (the sandboxed command never is)");
    } else {
      try {
        probe.ask(KernelPart.open(paths.natives()));
      } catch (IOException e) {
        probe.lacks("native", String.valueOf(e.getMessage()));
      }
    }
    return probe.status();
  }

  static EnforcementStatus probe(KernelPart part) {
    HostProbe probe = new HostProbe();
    probe.ask(part);
    return probe.status();
  }

  static boolean isLinux() {
    return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux");
  }

  static boolean isRoot() {
    try {
      return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  private void ask(KernelPart part) {
    KernelProbe kernel = part.probe();
    has("uid", "own uid, no capabilities, no new privileges, no inherited descriptors");
    askCgroups();
    askPrograms(kernel);
    askLandlock(kernel);
    if (kernel.seccomp().loads()) {
      has("seccomp", "system call filter");
    } else {
      lacks("seccomp", "the kernel takes no filter: " + errno(kernel.seccomp().errno()));
    }
    if (!AuditTrail.isEnabled()) {
      beyondBase(
          "file-evidence",
          "the kernel's audit is off, so files are denied without a record; auditctl -e 1 turns it"
              + " on");
    }
    KernelProbe.Answer lsm = kernel.bpfLsm();
    beyondBase(
        "bpf-lsm",
        "this version brings no LSM programs"
            + (lsm.loads() ? "" : ", and this kernel would not load them: " + errno(lsm.errno())));
  }

  private void askCgroups() {
    try {
      if (CgroupTree.find().isPresent()) {
        has("cgroup2", "a cgroup for every sandbox");
      } else {
        lacks("cgroup2", "no cgroup2 hierarchy is mounted; mount one at /sys/fs/cgroup");
      }
    } catch (IOException e) {
      lacks("cgroup2", "the mounts cannot be read: " + e.getMessage());
    }
  }

  private void askPrograms(KernelProbe kernel) {
    List<String> refused =
        kernel.cgroupPrograms().stream()
            .filter(answer -> !answer.loads())
            .map(answer -> answer.name() + " (" + errno(answer.errno()) + ")")
            .toList();
    if (refused.isEmpty()) {
      has("cgroup-bpf", "destinations of connect, sendmsg, bind and of every packet");
    } else {
      lacks("cgroup-bpf", "the kernel does not load " + String.join(", ", refused));
    }
  }

  private void askLandlock(KernelProbe kernel) {
    int abi = kernel.landlockAbi();
    if (abi < LANDLOCK_NEEDED) {
      lacks(
          "landlock",
          abi < 0
              ? "the kernel has none: " + errno(-abi)
              : "ABI " + abi + " is too old, " + LANDLOCK_NEEDED + " is needed (Linux 6.2)");
      return;
    }
    has("landlock", "files, ABI " + abi);
    if (abi < LANDLOCK_DEVICES) {
      beyondBase("landlock-ioctl", "ABI " + abi + " has no right for device ioctls (Linux 6.10)");
    }
    if (abi < LANDLOCK_SCOPES) {
      beyondBase(
          "landlock-scopes",
          "ABI "
              + abi
              + " does not scope signals and abstract sockets (Linux 6.12); uid and seccomp do");
    }
  }

  private void has(String name, String sentence) {
    enforced.add(name + ": " + sentence);
  }

  private void lacks(String name, String sentence) {
    missing.add(name + ": " + sentence);
    base = false;
  }

  private void beyondBase(String name, String sentence) {
    missing.add(name + ": " + sentence);
  }

  private EnforcementStatus status() {
    if (!base) {
      return new EnforcementStatus.NotEnforced(enforced, missing);
    }
    return missing.isEmpty()
        ? new EnforcementStatus.Full(enforced)
        : new EnforcementStatus.Partial(enforced, missing);
  }

  private static String errno(int number) {
    return switch (number) {
      case 1 -> "EPERM";
      case 2 -> "ENOENT";
      case 12 -> "ENOMEM";
      case 13 -> "EACCES";
      case 22 -> "EINVAL";
      case 38 -> "ENOSYS";
      case 95 -> "EOPNOTSUPP";
      default -> "errno " + number;
    };
  }
}
