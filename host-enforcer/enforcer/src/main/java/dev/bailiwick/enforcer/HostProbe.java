// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.enforcer.kernel.AuditTrail;
import dev.bailiwick.enforcer.kernel.KernelPart;
import dev.bailiwick.enforcer.kernel.KernelProbe;
import dev.bailiwick.policy.Bundle.Tier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Finds out by trying what this machine enforces. */
public final class HostProbe {
  /** Below it a file cannot be renamed between directories, in a sandbox or out of it. */
  private static final int LANDLOCK_NEEDED = 2;

  private static final int LANDLOCK_TRUNCATE = 3;
  private static final int LANDLOCK_DEVICES = 5;
  private static final int LANDLOCK_SCOPES = 6;
  private static final int LANDLOCK_AUDIT = 7;
  private static final String NOTHING_STARTS = "nothing, because nothing is started";

  private final KernelProbe kernel;

  private HostProbe(KernelProbe kernel) {
    this.kernel = kernel;
  }

  /** What can be enforced here, by this process. Changes nothing that outlives it. */
  public static EnforcementStatus probe() {
    return probe(HostPaths.defaults());
  }

  static EnforcementStatus probe(HostPaths paths) {
    if (!isLinux()) {
      return nothing("linux", "the sandbox is made of Linux's kernel; this is another system");
    }
    if (!isRoot()) {
      return nothing("root", "the enforcer is started by root (the sandboxed command never is)");
    }
    try {
      return probe(KernelPart.open(paths.natives()));
    } catch (IOException e) {
      return nothing("native", String.valueOf(e.getMessage()));
    }
  }

  static EnforcementStatus probe(KernelPart part) {
    HostProbe probe = new HostProbe(part.probe());
    return EnforcementStatus.of(
        List.of(
            Layer.of(
                "identity",
                Tier.BASE,
                "own uid, no capabilities, no new privileges, no inherited descriptors",
                List.of()),
            probe.cgroup(),
            probe.cgroupPrograms(),
            probe.landlock(),
            probe.seccomp(),
            probe.lsm(),
            evidence(),
            limits()));
  }

  private static EnforcementStatus nothing(String name, String why) {
    return EnforcementStatus.of(List.of(Layer.absent(name, Tier.BASE, why, NOTHING_STARTS)));
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

  private Layer cgroup() {
    String missing;
    try {
      if (CgroupTree.find("bailiwick").isPresent()) {
        return Layer.of("cgroup2", Tier.BASE, "a cgroup for every sandbox", List.of());
      }
      missing = "no cgroup2 hierarchy is mounted; mount one at /sys/fs/cgroup";
    } catch (IOException e) {
      missing = "the mounts cannot be read: " + e.getMessage();
    }
    return Layer.absent("cgroup2", Tier.BASE, missing, NOTHING_STARTS);
  }

  private Layer cgroupPrograms() {
    List<String> refused =
        kernel.cgroupPrograms().stream()
            .filter(answer -> !answer.loads())
            .map(answer -> answer.name() + " (" + errno(answer.errno()) + ")")
            .toList();
    return refused.isEmpty()
        ? Layer.of(
            "cgroup-bpf",
            Tier.BASE,
            "destinations of connect, sendmsg, bind and of every packet, both ways",
            List.of())
        : Layer.absent(
            "cgroup-bpf",
            Tier.BASE,
            "the kernel does not load " + String.join(", ", refused),
            NOTHING_STARTS);
  }

  private Layer landlock() {
    int abi = kernel.landlockAbi();
    if (abi < LANDLOCK_NEEDED) {
      return Layer.absent(
          "landlock",
          Tier.BASE,
          abi < 0
              ? "the kernel has none: " + errno(-abi)
              : "ABI " + abi + " is too old, " + LANDLOCK_NEEDED + " is needed (Linux 5.19)",
          NOTHING_STARTS);
    }
    List<Layer.Gap> gaps = new ArrayList<>();
    if (abi < LANDLOCK_TRUNCATE) {
      gaps.add(
          new Layer.Gap(
              "no right to truncate (ABI 3, Linux 6.2)",
              "nothing more, because the system call filter denies truncate, openat2 and opening a"
                  + " file that is only read with O_TRUNC; programs that need those fail"));
    }
    if (abi < LANDLOCK_DEVICES) {
      gaps.add(
          new Layer.Gap(
              "no right for device ioctls (ABI 5, Linux 6.10)",
              "any ioctl on the few devices that a sandbox has, but those that type into a"
                  + " terminal"));
    }
    if (abi < LANDLOCK_SCOPES) {
      gaps.add(
          new Layer.Gap(
              "no scope for signals and abstract sockets (ABI 6, Linux 6.12)",
              "signals to processes of the sandbox's own uid, of which nobody else has one; the"
                  + " permit unix-sockets is refused"));
    }
    if (abi < LANDLOCK_AUDIT) {
      gaps.add(
          new Layer.Gap(
              "no audit of denials (ABI 7, Linux 6.15)", "trying files without leaving a record"));
    }
    return Layer.of("landlock", Tier.BASE, "files, processes; ABI " + abi, gaps);
  }

  private Layer seccomp() {
    return kernel.seccomp().loads()
        ? Layer.of("seccomp", Tier.BASE, "system calls, socket families and options", List.of())
        : Layer.absent(
            "seccomp",
            Tier.BASE,
            "the kernel takes no filter: " + errno(kernel.seccomp().errno()),
            NOTHING_STARTS);
  }

  private Layer lsm() {
    KernelProbe.Answer answer = kernel.bpfLsm();
    if (!answer.loads()) {
      return Layer.absent(
          "bpf-lsm",
          Tier.LSM,
          "the kernel does not load LSM programs: " + errno(answer.errno()),
          "what a permit of the base tier costs: with unix-sockets, taking descriptors that a"
              + " process outside passes in; with clone3, user namespaces");
    }
    List<Layer.Gap> gaps =
        kernel.absentLsmHooks().stream()
            .map(
                hook ->
                    new Layer.Gap(
                        "this kernel has no hook " + hook,
                        "nothing more, as long as seccomp stands: it denies the same calls"))
            .toList();
    return Layer.of(
        "bpf-lsm",
        Tier.LSM,
        "sockets by path, passed descriptors, files without a name, processes, capabilities",
        gaps);
  }

  private static Layer evidence() {
    List<Layer.Gap> gaps =
        AuditTrail.isEnabled()
            ? List.of()
            : List.of(
                new Layer.Gap(
                    "the kernel's audit is off; auditctl -e 1 turns it on",
                    "trying files without leaving a record"));
    return Layer.of("evidence", Tier.BASE, "network and system call denials are recorded", gaps)
        .besideTheTiers();
  }

  private static Layer limits() {
    try {
      return CgroupTree.find("bailiwick")
          .map(CgroupTree::missingControllers)
          .filter(missing -> !missing.isEmpty())
          .map(
              missing ->
                  Layer.of(
                      "limits",
                      Tier.BASE,
                      "processes and open files by rlimit",
                      List.of(
                          new Layer.Gap(
                              "no cgroup controller for " + String.join(", ", missing),
                              "nothing: a bundle that sets such a limit is refused here"))))
          .orElseGet(
              () -> Layer.of("limits", Tier.BASE, "memory, processes, CPU, files", List.of()))
          .besideTheTiers();
    } catch (IOException e) {
      return Layer.absent("limits", Tier.BASE, String.valueOf(e.getMessage()), NOTHING_STARTS)
          .besideTheTiers();
    }
  }

  private static String errno(int number) {
    return switch (number) {
      case 1 -> "EPERM";
      case 2 -> "ENOENT";
      case 3 -> "ESRCH";
      case 7 -> "E2BIG";
      case 12 -> "ENOMEM";
      case 13 -> "EACCES";
      case 22 -> "EINVAL";
      case 38 -> "ENOSYS";
      case 95 -> "EOPNOTSUPP";
      default -> "errno " + number;
    };
  }
}
