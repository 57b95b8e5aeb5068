// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.bailiwick.audit.AuditLog;
import dev.bailiwick.audit.AuditRecord;
import dev.bailiwick.enforcer.kernel.ConfinedProcess;
import dev.bailiwick.enforcer.kernel.Endpoint;
import dev.bailiwick.enforcer.kernel.KernelPart;
import dev.bailiwick.enforcer.kernel.LsmFence;
import dev.bailiwick.enforcer.kernel.NetworkFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One sandbox from its uid to the last trace of it. Not thread-safe.
 *
 * <p>The order is: reserve a uid; make the cgroup; attach the network rule, which denies
 * everything; fill it; start the process behind all walls; record the start; let it go.
 */
final class SandboxRun implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SandboxRun.class);

  /** The only one in these maps: a run has programs of its own. */
  private static final int POLICY = 1;

  private final SandboxRequest request;
  private final SandboxPlan plan;
  private final KernelPart kernel;
  private final CgroupTree cgroups;
  private final HostPaths paths;
  private final Reservation reservation;
  private final Optional<Path> workspace;
  private final NetworkFilter filter;
  private final Optional<LsmFence> fence;

  private SandboxRun(
      SandboxRequest request,
      SandboxPlan plan,
      KernelPart kernel,
      CgroupTree cgroups,
      HostPaths paths,
      Reservation reservation,
      Optional<Path> workspace,
      NetworkFilter filter,
      Optional<LsmFence> fence) {
    this.request = request;
    this.plan = plan;
    this.kernel = kernel;
    this.cgroups = cgroups;
    this.paths = paths;
    this.reservation = reservation;
    this.workspace = workspace;
    this.filter = filter;
    this.fence = fence;
  }

  /**
   * Everything but the process. What was made is taken down again when a step fails.
   *
   * @param fenced whether LSM programs load here, and are to be in force
   */
  static SandboxRun prepare(
      SandboxRequest request,
      SandboxPlan plan,
      KernelPart kernel,
      CgroupTree cgroups,
      HostPaths paths,
      boolean fenced)
      throws IOException, SandboxException {
    OptionalInt owner =
        plan.usesWorkspace() && request.workspace().isPresent()
            ? Workspace.ownerOf(request.workspace().get())
            : OptionalInt.empty();
    Reservation reservation = Reservation.take(paths.run(), owner);
    try {
      int uid = reservation.uid();
      Optional<Path> workspace = workspace(request, plan, paths, uid);
      cgroups.create(uid, plan.limits());
      Path pins = pins(kernel, paths, uid);
      NetworkFilter filter = network(plan, kernel, cgroups, pins, uid);
      Optional<LsmFence> fence =
          fenced
              ? Optional.of(LsmFence.raise(kernel, filter, cgroups.level(), pins))
              : Optional.empty();
      return new SandboxRun(
          request, plan, kernel, cgroups, paths, reservation, workspace, filter, fence);
    } catch (IOException | SandboxException | RuntimeException e) {
      Leftovers.remove(reservation, paths, cgroups);
      throw e;
    }
  }

  private static Optional<Path> workspace(
      SandboxRequest request, SandboxPlan plan, HostPaths paths, int uid)
      throws IOException, SandboxException {
    if (!plan.usesWorkspace()) {
      return Optional.empty();
    }
    Path workspace;
    if (request.workspace().isPresent()) {
      plan.checkApart(request.workspace().get().toAbsolutePath().normalize()); // before it is made
      workspace = Workspace.given(request.workspace().get(), uid);
    } else {
      workspace = Workspace.fresh(paths.workspaces(), uid);
    }
    plan.checkApart(workspace); // wherever links led
    return Optional.of(workspace);
  }

  private static Path pins(KernelPart kernel, HostPaths paths, int uid) throws IOException {
    if (!Files.getFileStore(paths.bpf()).type().equals("bpf")) {
      kernel.mountBpf(paths.bpf());
    }
    Path pins = Leftovers.pins(paths, uid);
    var ownerOnly = PosixFilePermissions.fromString("rwx------");
    Files.createDirectories(paths.pins());
    Files.setPosixFilePermissions(paths.pins(), ownerOnly);
    Files.createDirectory(pins);
    Files.setPosixFilePermissions(pins, ownerOnly);
    return pins;
  }

  private static NetworkFilter network(
      SandboxPlan plan, KernelPart kernel, CgroupTree cgroups, Path pins, int uid)
      throws IOException {
    NetworkFilter filter = NetworkFilter.load(kernel, cgroups.level());
    try {
      filter.attach(cgroups.cgroup(uid), pins);
      for (Endpoint endpoint : plan.endpoints()) {
        filter.allow(POLICY, endpoint);
      }
      filter.admit(NetworkFilter.idOf(cgroups.cgroup(uid)), plan.entry(POLICY, uid));
      return filter;
    } catch (IOException e) {
      filter.close();
      throw e;
    }
  }

  /** Starts the command, waits for its end and records both. */
  int execute(EnforcementStatus status, AuditLog log, Clock clock)
      throws IOException, SandboxException {
    DenialRecorder recorder =
        new DenialRecorder(
            plan.name(), request.task(), request.agent(), log, clock, this::endForLackOfEvidence);
    try (EventDrain drain =
        EventDrain.start(
            filter,
            NetworkFilter.idOf(cgroups.cgroup(reservation.uid())),
            reservation.uid(),
            recorder,
            this::endForLackOfEvidence)) {
      ConfinedProcess process = ConfinedProcess.start(kernel, spec(drain.readsAudit()));
      Optional<String> lack =
          process.isConfined()
              ? Evidence.keep(
                  log,
                  SandboxLauncher.started(request, status, process.pid(), reservation.uid(), clock))
              : Optional.empty();
      process.release(process.isConfined() && lack.isEmpty());
      int exit = process.waitFor();
      if (lack.isPresent()) {
        throw new SandboxException(
            "evidence cannot be kept, so nothing was started: " + lack.get());
      }
      if (process.isConfined()) {
        drain.finish();
        Evidence.keep(
                log,
                new AuditRecord.SandboxEnded(
                    clock.instant(), request.task(), plan.name(), request.agent(), exit))
            .ifPresent(reason -> LOG.error("the end of the sandbox is not recorded: {}", reason));
      }
      return exit;
    }
  }

  /** An agent runs only while its denials can be recorded. */
  private void endForLackOfEvidence() {
    LOG.error("sandbox {} is ended: its denials cannot be recorded", plan.name());
    try {
      cgroups.kill(reservation.uid());
    } catch (IOException e) {
      LOG.error("sandbox {} cannot be ended: {}", plan.name(), e.getMessage());
    }
  }

  private byte[] spec(boolean reportDenials) throws SandboxException {
    return LaunchSpec.of(
        plan,
        reservation.uid(),
        cgroups,
        workspace,
        LaunchSpec.Supervisor.OF_THIS_PROCESS,
        reportDenials,
        request.command().stream().map(argument -> argument.getBytes(UTF_8)).toList());
  }

  /** Takes everything down. What cannot be taken down stays denied and is tried again later. */
  @Override
  public void close() throws IOException {
    fence.ifPresent(LsmFence::close);
    filter.close();
    Leftovers.remove(reservation, paths, cgroups);
  }
}
