// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.audit.AuditException;
import dev.bailiwick.audit.AuditLog;
import dev.bailiwick.audit.AuditRecord;
import dev.bailiwick.enforcer.kernel.KernelPart;
import dev.bailiwick.policy.Bundle.Tier;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.Optional;

/**
 * Runs commands in sandboxes. Thread-safe; concurrent runs share nothing.
 *
 * <p>A run either stands behind every wall that its tier demands, or does not start: then a {@link
 * SandboxException} says why, or the launcher has said it on standard error and the status is
 * {@link #NOT_CONFINED}.
 */
public final class SandboxLauncher {
  /** Exit status when nothing was started because a wall could not be put up. */
  public static final int NOT_CONFINED = 125;

  /** Exit status when the command was found but could not be executed in the sandbox. */
  public static final int CANNOT_EXECUTE = 126;

  /** Exit status when the command was not found in the sandbox. */
  public static final int NOT_FOUND = 127;

  /** Nobody else can launch without the daemon. */
  private static final int ROOT = 0;

  private final Clock clock;
  private final HostPaths paths;

  public SandboxLauncher(Clock clock) {
    this(clock, HostPaths.defaults());
  }

  SandboxLauncher(Clock clock, HostPaths paths) {
    this.clock = clock;
    this.paths = paths;
  }

  /**
   * Runs a command with this process's standard streams and returns its exit status: its own, 128 +
   * n when signal n ended it, or one of the constants here. Blocks until the command and everything
   * that it started have ended. Must be called by a platform thread.
   *
   * @param log where the start, every denial and the end are recorded; when it cannot keep a
   *     record, nothing is started, and what runs is ended
   * @throws SandboxException when nothing was started
   */
  public int run(SandboxRequest request, AuditLog log) throws SandboxException {
    SandboxPlan plan = SandboxPlan.of(request, HostsFile.system());
    KernelPart kernel = openKernel(paths);
    EnforcementStatus status = HostProbe.probe(kernel);
    requireTier(plan.name(), plan.tier(), status);
    requireEvidence(log.failure());
    try {
      requireNotRevoked(request.task());
      CgroupTree cgroups =
          CgroupTree.find(paths.name())
              .orElseThrow(() -> new SandboxException("cgroup2 is not mounted"));
      Leftovers.clean(paths, cgroups);
      try (SandboxRun run =
          SandboxRun.prepare(request, plan, kernel, cgroups, paths, status.satisfies(Tier.LSM))) {
        return run.execute(status, log, clock);
      }
    } catch (IOException | AuditException e) {
      throw new SandboxException("the sandbox could not be run: " + e.getMessage());
    }
  }

  static KernelPart openKernel(HostPaths paths) throws SandboxException {
    if (!HostProbe.isLinux()) {
      throw new SandboxException("sandboxes need Linux: they are made of its kernel");
    }
    if (!HostProbe.isRoot()) {
      throw new SandboxException(
          "only root can put up a sandbox (the command in it never runs as root); start this as"
              + " root, for example with sudo");
    }
    try {
      return KernelPart.open(paths.natives());
    } catch (IOException e) {
      throw new SandboxException("nothing was started: " + e.getMessage());
    }
  }

  static void requireTier(String sandbox, Tier tier, EnforcementStatus status)
      throws SandboxException {
    if (!status.satisfies(tier)) {
      throw new SandboxException(
          "sandbox "
              + sandbox
              + " demands tier "
              + tier.name().toLowerCase(java.util.Locale.ROOT)
              + ", and this machine lacks "
              + String.join("; ", status.lacking(tier))
              + "; nothing was started");
    }
  }

  static void requireEvidence(Optional<String> failure) throws SandboxException {
    if (failure.isPresent()) {
      throw new SandboxException(
          "evidence cannot be kept, so nothing was started: " + failure.get());
    }
  }

  /** The daemon keeps what it was told to revoke; that holds also where it does not start it. */
  private void requireNotRevoked(Optional<String> task) throws IOException, SandboxException {
    if (task.isPresent()
        && Files.exists(paths.revoked())
        && Files.readAllLines(paths.revoked()).contains(task.get())) {
      throw new SandboxException(
          "task " + task.get() + " is revoked, so nothing was started; use another task");
    }
  }

  static AuditRecord.SandboxStarted started(
      SandboxRequest request, EnforcementStatus status, int pid, int uid, Clock clock) {
    return new AuditRecord.SandboxStarted(
        clock.instant(),
        request.task(),
        request.sandbox(),
        request.agent(),
        pid,
        uid,
        ROOT,
        request.command().get(0),
        request.bundle().id(),
        status.enforced(),
        status.missing());
  }
}
