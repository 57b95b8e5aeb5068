// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.bailiwick.audit.AuditLog;
import dev.bailiwick.audit.AuditRecord;
import dev.bailiwick.enforcer.kernel.KernelPart;
import dev.bailiwick.enforcer.kernel.LsmFence;
import dev.bailiwick.enforcer.kernel.NetworkFilter;
import dev.bailiwick.enforcer.kernel.OpenSockets;
import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.Bundle.Tier;
import dev.bailiwick.policy.BundleReader;
import dev.bailiwick.policy.PolicyException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the daemon's sandboxes: one set of programs on one parent cgroup, and below it a cgroup, a
 * map entry and a uid for each. Thread-safe.
 *
 * <p>A cgroup below the parent that has no entry is denied everything, so no order of steps and no
 * sudden death opens anything.
 */
final class SandboxKeeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SandboxKeeper.class);

  /** What is recorded of a sandbox whose end nobody saw. */
  static final int END_UNSEEN = -1;

  static final int KILLED = 128 + 9;

  private static final int ROOT = 0;
  private static final Duration LAST_PATIENCE = Duration.ofSeconds(5);

  private final EnforcerSettings settings;
  private final HostPaths paths;
  private final EnforcementStatus status;
  private final CgroupTree cgroups;
  private final NetworkFilter filter;
  private final Path pins;
  private final AuditLog log;
  private final Clock clock;
  private final DaemonUids uids;
  private final Places places;
  private final SandboxRegistry sandboxes = new SandboxRegistry();
  private final Set<String> revokedTasks = ConcurrentHashMap.newKeySet();
  private final AtomicLong started = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final DenialDrain drain;

  /** What a sandbox leaves behind may be millions of files: nobody waits until they are removed. */
  private final Turns cleaners;

  /** Whoever gives sandboxes their policies holds it. */
  private final ReentrantLock policyLock = new ReentrantLock();

  private PolicyBook policies;
  private Optional<LsmFence> fence = Optional.empty();
  private volatile Optional<String> broken = Optional.empty();

  /** What could not be looked after; gone when it can. */
  private volatile Optional<String> trouble = Optional.empty();

  /** Ended, but not yet gone. */
  private final Set<LiveSandbox> left = ConcurrentHashMap.newKeySet();

  private final AtomicInteger repinned = new AtomicInteger();

  /** A sandbox that has everything but a process. */
  record Prepared(LiveSandbox sandbox, byte[] spec, Path cgroup) {}

  private SandboxKeeper(
      EnforcerSettings settings,
      EnforcementStatus status,
      CgroupTree cgroups,
      NetworkFilter filter,
      Path pins,
      Bundle bundle,
      AuditLog log,
      Clock clock)
      throws IOException, SandboxException {
    this.settings = settings;
    this.paths = settings.paths().ofDaemon();
    this.status = status;
    this.cgroups = cgroups;
    this.filter = filter;
    this.pins = pins;
    this.log = log;
    this.clock = clock;
    this.uids = DaemonUids.open(paths.run(), paths.state());
    this.places = new Places(settings.quotas());
    this.policies = new PolicyBook(bundle, HostsFile.system(), filter, filter.greatestPolicy() + 1);
    this.drain =
        DenialDrain.open(filter, sandboxes, log, clock, () -> fail("denials cannot be read"));
    this.cleaners = new Turns("clean", settings.launchers().keySet());
  }

  /**
   * Loads the programs, takes up what a daemon before this one left, and attaches. Maps and links
   * that are pinned stay in force all the while: entries are written first, and programs change in
   * one step each.
   */
  static SandboxKeeper open(
      EnforcerSettings settings,
      KernelPart kernel,
      EnforcementStatus status,
      Bundle bundle,
      AuditLog log,
      Clock clock)
      throws IOException, SandboxException {
    HostPaths paths = settings.paths().ofDaemon();
    CgroupTree cgroups =
        CgroupTree.find(paths.name())
            .orElseThrow(() -> new SandboxException("cgroup2 is not mounted"));
    Files.createDirectories(cgroups.root());
    makePrivate(paths.sandboxes());
    if (!Files.getFileStore(paths.bpf()).type().equals("bpf")) {
      kernel.mountBpf(paths.bpf());
    }
    Path pins = paths.pins();
    makePrivate(pins);
    NetworkFilter filter = NetworkFilter.load(kernel, cgroups.level(), pins);
    SandboxKeeper keeper;
    try {
      keeper = new SandboxKeeper(settings, status, cgroups, filter, pins, bundle, log, clock);
    } catch (IOException | SandboxException | RuntimeException e) {
      filter.close();
      throw e;
    }
    try {
      keeper.takeUp();
      if (status.satisfies(Tier.LSM)) {
        keeper.fence = Optional.of(LsmFence.raise(kernel, filter, cgroups.level(), pins));
      }
      return keeper;
    } catch (IOException | RuntimeException e) {
      keeper.releaseKernel(true);
      throw e;
    }
  }

  private static void makePrivate(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
  }

  /** What was written down, what is in the maps and what has processes are made to agree. */
  private void takeUp() throws IOException {
    if (Files.exists(paths.revoked())) {
      revokedTasks.addAll(Files.readAllLines(paths.revoked()));
    }
    List<LiveSandbox> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(paths.sandboxes())) {
      for (Path file : files) {
        readIdentity(file).ifPresent(identity -> found.add(known(identity)));
      }
    }
    Set<Long> expected = new HashSet<>();
    for (LiveSandbox sandbox : found) {
      sandboxes.add(sandbox);
      uids.adopt(sandbox.identity().uid());
      places.adopt(sandbox.identity().caller());
      sandbox.markRecorded();
      sandbox.markAdopted();
      expected.add(sandbox.identity().cgroup());
    }
    drain.begin();
    expected.addAll(endStrays());
    for (long stranger : filter.admitted()) {
      if (!expected.contains(stranger)) {
        filter.dismiss(stranger);
      }
    }
    enforceBundle();
    int opened = filter.attach(cgroups.root(), pins);
    for (LiveSandbox sandbox : found) {
      if (opened > 0 && cgroups.isPopulated(sandbox.identity().uid())) {
        LOG.warn("sandbox uid {} is ended: its pins were removed", sandbox.identity().uid());
        end(sandbox, KILLED);
      } else {
        endWithoutOwner(sandbox);
      }
    }
  }

  private LiveSandbox known(LiveSandbox.Identity identity) {
    LiveSandbox sandbox = live(identity, recordedSoFar(identity.cgroup()));
    if (identity.task().filter(revokedTasks::contains).isPresent()) {
      sandbox.revoke();
    }
    return sandbox;
  }

  private long recordedSoFar(long cgroup) {
    try {
      return filter.recorded(cgroup);
    } catch (IOException e) {
      return 0;
    }
  }

  private LiveSandbox live(LiveSandbox.Identity identity, long recordedSoFar) {
    return new LiveSandbox(
        identity,
        recordedSoFar,
        log,
        clock,
        () -> {
          LOG.error("sandbox {} is ended: its denials cannot be recorded", identity.sandbox());
          sandboxes.ofCgroup(identity.cgroup()).ifPresent(this::kill);
        });
  }

  private Optional<LiveSandbox.Identity> readIdentity(Path file) throws IOException {
    if (parse(file.getFileName().toString()) == 0) {
      LOG.warn("{} is removed: a daemon died while it was writing it", file);
      Files.delete(file);
      return Optional.empty();
    }
    try {
      return Optional.of(LiveSandbox.Identity.decode(Files.readAllBytes(file)));
    } catch (SandboxException e) {
      LOG.warn("{} is removed: {}", file, e.getMessage());
      Files.delete(file);
      return Optional.empty();
    }
  }

  /**
   * Ends what runs in cgroups that nothing is written down about, while its rule still stands.
   *
   * @return the cgroups of which something is left: neither their rules nor their uids are given up
   */
  private Set<Long> endStrays() throws IOException {
    Set<Long> left = new HashSet<>();
    Set<Integer> stay = new HashSet<>();
    try (DirectoryStream<Path> children =
        Files.newDirectoryStream(cgroups.root(), Files::isDirectory)) {
      for (Path child : children) {
        int uid = parse(child.getFileName().toString());
        if (Reservation.inRange(uid) && !sandboxes.hasUid(uid)) {
          long cgroup = NetworkFilter.idOf(child);
          LOG.warn("what runs as uid {} is ended: nobody knows what it is", uid);
          if (!takeDown(uid)) {
            uids.adopt(uid);
            stay.add(uid);
            left.add(cgroup);
          }
        }
      }
    }
    removeStrayWorkspaces(stay);
    return left;
  }

  /** A machine that stopped suddenly has forgotten whose they were; nobody gets these uids soon. */
  private void removeStrayWorkspaces(Set<Integer> stay) throws IOException {
    if (!Files.isDirectory(paths.workspaces())) {
      return;
    }
    try (DirectoryStream<Path> workspaces = Files.newDirectoryStream(paths.workspaces())) {
      for (Path workspace : workspaces) {
        int uid = parse(workspace.getFileName().toString());
        if (Reservation.isDaemons(uid) && !sandboxes.hasUid(uid) && !stay.contains(uid)) {
          uids.adopt(uid);
          cleaners.execute(
              ROOT,
              () -> {
                if (removeWorkspace(uid)) {
                  uids.release(uid);
                }
              });
        }
      }
    }
  }

  private static int parse(String name) {
    try {
      return Integer.parseInt(name);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /**
   * Makes everything for a sandbox but its process. What was made is taken down again when a step
   * fails.
   *
   * @param caller root becomes the launcher; for others the daemon makes the process
   */
  Prepared prepare(EnforcerRequest.Launch request, Caller caller)
      throws SandboxException, IOException {
    try {
      requireWhole();
      SandboxLauncher.requireEvidence(log.failure());
      requireNotRevoked(request.task());
      return prepareInPlace(request, caller);
    } catch (SandboxException | IOException e) {
      refused.incrementAndGet();
      throw e;
    }
  }

  private Prepared prepareInPlace(EnforcerRequest.Launch request, Caller caller)
      throws SandboxException, IOException {
    places.take(caller.uid());
    try {
      return prepareAs(request, caller);
    } catch (SandboxException | IOException | RuntimeException e) {
      places.giveBack(caller.uid());
      throw e;
    }
  }

  private void requireNotRevoked(Optional<String> task) throws SandboxException {
    if (task.isPresent() && revokedTasks.contains(task.get())) {
      throw new SandboxException(
          "task " + task.get() + " is revoked, so nothing was started; use another task");
    }
  }

  /** Otherwise one user could write what it did into the evidence about another. */
  private void requireNotOfAnother(Optional<String> task, Caller caller) throws SandboxException {
    for (LiveSandbox sandbox : task.map(sandboxes::ofTask).orElse(List.of())) {
      int other = sandbox.identity().caller();
      if (!caller.isRoot() && other != caller.uid() && !sandbox.isEnding()) {
        throw new SandboxException(
            "task "
                + task.orElse("")
                + " is uid "
                + other
                + "'s, whose sandbox works on it now; name a task of uid "
                + caller.uid());
      }
    }
  }

  private void requireWhole() throws SandboxException {
    if (broken.isPresent()) {
      throw new SandboxException("nothing was started: " + broken.get() + "; restart the enforcer");
    }
  }

  private Prepared prepareAs(EnforcerRequest.Launch request, Caller caller)
      throws SandboxException, IOException {
    PolicyBook.Key key = new PolicyBook.Key(request.sandbox(), request.gateway());
    SandboxPlan plan = policy(key).plan();
    SandboxLauncher.requireTier(plan.name(), plan.tier(), status);
    Optional<Path> given = request.workspace().filter(path -> plan.usesWorkspace());
    OptionalInt owner = given.isPresent() ? Workspace.ownerOf(given.get()) : OptionalInt.empty();
    int uid = uids.take(owner);
    LiveSandbox sandbox = null;
    try {
      Optional<Path> workspace = workspace(plan, given, uid);
      cgroups.create(uid, plan.limits());
      LiveSandbox.Identity identity =
          new LiveSandbox.Identity(
              uid,
              NetworkFilter.idOf(cgroups.cgroup(uid)),
              request.sandbox(),
              request.task(),
              agentOf(request),
              request.gateway(),
              workspace,
              new String(request.command().get(0), UTF_8),
              caller.isRoot(),
              caller.uid(),
              caller.isRoot() ? Owner.of(caller.pid()) : Optional.empty());
      byte[] spec =
          LaunchSpec.of(
              plan,
              uid,
              cgroups,
              workspace,
              caller.isRoot()
                  ? LaunchSpec.Supervisor.OF_CALLER
                  : LaunchSpec.Supervisor.THIS_PROCESS,
              drain.readsAudit(),
              request.command());
      sandbox = live(identity, 0);
      sandboxes.add(sandbox);
      requireNotRevoked(request.task()); // whoever revokes it from here on finds the sandbox
      requireNotOfAnother(request.task(), caller);
      admit(sandbox);
      return new Prepared(sandbox, spec, cgroups.cgroup(uid));
    } catch (IOException | SandboxException | RuntimeException e) {
      if (sandbox != null) {
        sandboxes.remove(sandbox);
        filter.dismiss(sandbox.identity().cgroup());
      }
      takeDown(uid);
      boolean unused = removeWorkspace(uid); // nothing has run in it
      Files.deleteIfExists(identityFile(uid));
      uids.release(uid);
      throw e;
    }
  }

  private Optional<String> agentOf(EnforcerRequest.Launch request) {
    return request
        .agent()
        .or(() -> Optional.of(request.sandbox()).filter(policies.bundle().agents()::containsKey));
  }

  private Optional<Path> workspace(SandboxPlan plan, Optional<Path> given, int uid)
      throws IOException, SandboxException {
    if (!plan.usesWorkspace()) {
      return Optional.empty();
    }
    if (given.isEmpty()) {
      return Optional.of(Workspace.fresh(paths.workspaces(), uid));
    }
    plan.checkApart(given.get().normalize()); // before it is made
    Path workspace = Workspace.given(given.get(), uid);
    plan.checkApart(workspace); // wherever links led
    return Optional.of(workspace);
  }

  private PolicyBook.Policy policy(PolicyBook.Key key) throws SandboxException, IOException {
    policyLock.lock();
    try {
      return policies.policy(key);
    } finally {
      policyLock.unlock();
    }
  }

  /** The entry of the policy that is in force now, not of the one that the plan was taken from. */
  private void admit(LiveSandbox sandbox) throws SandboxException, IOException {
    policyLock.lock();
    try {
      filter.admit(sandbox.identity().cgroup(), entry(sandbox));
    } catch (IOException e) {
      throw new SandboxException(
          "there is no room for another sandbox in the kernel's maps (" + e.getMessage() + ")");
    } finally {
      policyLock.unlock();
    }
  }

  private NetworkFilter.Entry entry(LiveSandbox sandbox) throws SandboxException, IOException {
    int uid = sandbox.identity().uid();
    if (sandbox.isRevoked() || !policies.knows(sandbox.policyKey())) {
      return new NetworkFilter.Entry(NetworkFilter.NOTHING, uid, Set.of());
    }
    PolicyBook.Policy policy = policies.policy(sandbox.policyKey());
    return policy.plan().entry(policy.number(), uid);
  }

  private Path identityFile(int uid) {
    return paths.sandboxes().resolve(Integer.toString(uid));
  }

  /**
   * Writes down who runs in a sandbox, so that another daemon can take it up. Comes before its
   * command: what is not written down is ended by the next daemon.
   *
   * @return why it is not written down, and the command must not be executed
   */
  Optional<String> writeDown(LiveSandbox sandbox) {
    LiveSandbox.Identity identity = sandbox.identity();
    Path fresh = paths.sandboxes().resolve(identity.uid() + ".new");
    try {
      Files.write(fresh, identity.encode());
      Files.move(fresh, identityFile(identity.uid()), StandardCopyOption.ATOMIC_MOVE);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("who runs in it cannot be written down in " + fresh + ": " + e);
    }
  }

  /** Puts the start of a sandbox on its way into the trail. */
  CompletableFuture<AuditLog.Receipt> beginRecord(LiveSandbox sandbox, int pid) {
    sandbox.markRecorded(); // it may land although whoever waits for it was told otherwise
    LiveSandbox.Identity identity = sandbox.identity();
    return log.append(
            new AuditRecord.SandboxStarted(
                clock.instant(),
                identity.task(),
                identity.sandbox(),
                identity.agent(),
                pid,
                identity.uid(),
                identity.caller(),
                identity.command(),
                policies.bundle().id(),
                status.enforced(),
                status.missing()))
        .toCompletableFuture(); // which tells the log that somebody waits
  }

  /**
   * Waits until the start of a sandbox is in the trail. Comes last before the command: whoever ends
   * the sandbox later finds its process in its cgroup.
   *
   * @param unwritten why it is not written down
   * @return why the command must not be executed
   */
  Optional<String> finishRecord(
      LiveSandbox sandbox, CompletableFuture<AuditLog.Receipt> record, Optional<String> unwritten) {
    Optional<String> lack =
        Evidence.await(record)
            .or(() -> unwritten)
            .map(reason -> "evidence cannot be kept, so nothing was started: " + reason)
            .or(() -> ended(sandbox));
    if (lack.isEmpty()) {
      started.incrementAndGet();
    } else {
      refused.incrementAndGet();
    }
    return lack;
  }

  private Optional<String> ended(LiveSandbox sandbox) {
    if (broken.isPresent()) {
      return Optional.of("nothing was started: " + broken.get() + "; restart the enforcer");
    }
    if (sandbox.isKilled()) {
      return Optional.of(
          sandbox.isRevoked()
              ? "nothing was started: its task was revoked meanwhile; use another task"
              : "nothing was started: it was ended before its command was executed");
    }
    return Optional.empty();
  }

  /**
   * Whether nothing of a sandbox runs any more. The kernel removes a cgroup only then, and this is
   * how it is asked.
   */
  boolean isDeserted(LiveSandbox sandbox) {
    return cgroups.removeIfEmpty(sandbox.identity().uid());
  }

  /**
   * Ends what is left of a sandbox and takes it down; its end is recorded a little later, after the
   * last of its denials. A second call does nothing.
   */
  void end(LiveSandbox sandbox, int exitStatus) {
    if (!sandbox.beginEnd()) {
      return;
    }
    int uid = sandbox.identity().uid();
    uids.announceEnd(uid);
    boolean gone = takeDown(uid);
    drain.afterLast(sandbox, ended -> close(ended, exitStatus, gone));
  }

  /** The last step, when nothing of the sandbox can speak any more. */
  private void close(LiveSandbox sandbox, int exitStatus, boolean gone) {
    LiveSandbox.Identity identity = sandbox.identity();
    if (sandbox.isRecorded()) {
      drain.keepEnd(sandbox, exitStatus);
    }
    if (gone || takeDownNow(identity.uid())) {
      clean(sandbox);
    } else {
      stay(sandbox);
    }
  }

  private void stay(LiveSandbox sandbox) {
    LOG.warn("sandbox uid {} stays taken while something of it is left", sandbox.identity().uid());
    left.add(sandbox);
  }

  private void endLeft() {
    for (LiveSandbox sandbox : List.copyOf(left)) {
      if (takeDownNow(sandbox.identity().uid())) {
        left.remove(sandbox);
        clean(sandbox);
      }
    }
  }

  /** Removes its workspace, and forgets it then: its uid must not find anything of it. */
  private void clean(LiveSandbox sandbox) {
    cleaners.execute(
        sandbox.identity().caller(),
        () -> {
          if (removeWorkspace(sandbox.identity().uid())) {
            forget(sandbox);
          } else {
            stay(sandbox);
          }
        });
  }

  private boolean removeWorkspace(int uid) {
    Path workspace = paths.workspaces().resolve(Integer.toString(uid));
    try {
      Workspace.removeTree(workspace);
      return true;
    } catch (IOException | DirectoryIteratorException e) {
      LOG.warn("{} cannot be removed yet: {}", workspace, e.getMessage());
      return false;
    }
  }

  private void forget(LiveSandbox sandbox) {
    LiveSandbox.Identity identity = sandbox.identity();
    try {
      filter.dismiss(identity.cgroup());
      Files.deleteIfExists(identityFile(identity.uid()));
    } catch (IOException e) {
      LOG.warn("sandbox uid {} leaves something behind: {}", identity.uid(), e.getMessage());
    }
    places.giveBack(identity.caller());
    sandboxes.remove(sandbox);
    uids.release(identity.uid());
  }

  /**
   * Does not wait for a process that does not end, as one does not that waits for a file system.
   */
  private boolean takeDownNow(int uid) {
    try {
      cgroups.kill(uid);
      return !cgroups.isPopulated(uid) && takeDown(uid);
    } catch (IOException e) {
      LOG.warn("sandbox uid {} cannot be taken down yet: {}", uid, e.getMessage());
      return false;
    }
  }

  private boolean takeDown(int uid) {
    try {
      if (!cgroups.removeAllIfEmpty(uid)) {
        cgroups.kill(uid);
        cgroups.remove(uid);
      }
      return true;
    } catch (IOException e) {
      LOG.warn("sandbox uid {} cannot be taken down yet: {}", uid, e.getMessage());
      return false;
    }
  }

  /** A process that is made in its cgroup later is not killed, so it is marked first. */
  void kill(LiveSandbox sandbox) {
    sandbox.markKilled();
    killQuietly(sandbox.identity().uid());
  }

  private void killQuietly(int uid) {
    try {
      cgroups.kill(uid);
    } catch (IOException e) {
      LOG.error("sandbox uid {} cannot be ended: {}", uid, e.getMessage());
    }
  }

  /**
   * Takes the bundle's sandbox rules as they stand in the file now. Every running sandbox gets its
   * new destinations in one step, after all of them are written; what the kernel holds otherwise
   * (files, system calls) stays as it was started.
   *
   * @return the bundle that is in force now
   * @throws SandboxException when the file is no valid bundle, or does not fit: then nothing
   *     changed
   */
  String reload() throws SandboxException, IOException {
    Bundle bundle;
    try {
      bundle = BundleReader.read(settings.bundle());
    } catch (PolicyException e) {
      throw new SandboxException(
          "the bundle was not reloaded, the old one stays in force: " + e.getMessage());
    }
    policyLock.lock();
    try {
      return replacePolicies(bundle);
    } finally {
      policyLock.unlock();
    }
  }

  private String replacePolicies(Bundle bundle) throws SandboxException, IOException {
    PolicyBook old = policies;
    try {
      policies = new PolicyBook(bundle, HostsFile.system(), filter, old.next());
      writePolicies();
      enforceBundle();
      return bundle.id();
    } catch (SandboxException | IOException e) {
      PolicyBook failed = policies;
      policies = old;
      filter.forbidAllBut(Set.copyOf(old.numbers()));
      policies.skipTo(failed.next());
      throw new SandboxException(
          "the bundle was not reloaded, the old one stays in force: " + e.getMessage());
    }
  }

  /** Everything that can fail comes before anything changes. */
  private void writePolicies() throws SandboxException, IOException {
    for (LiveSandbox sandbox : sandboxes.all()) {
      if (policies.knows(sandbox.policyKey())) {
        policies.policy(sandbox.policyKey());
      }
    }
  }

  private void enforceBundle() throws IOException {
    for (LiveSandbox sandbox : sandboxes.all()) {
      NetworkFilter.Entry entry;
      try {
        entry = entry(sandbox);
      } catch (SandboxException e) {
        LOG.warn(
            "sandbox {} reaches nothing any more: {}",
            sandbox.identity().sandbox(),
            e.getMessage());
        entry = new NetworkFilter.Entry(NetworkFilter.NOTHING, sandbox.identity().uid(), Set.of());
      }
      filter.admit(sandbox.identity().cgroup(), entry);
    }
    filter.forbidAllBut(Set.copyOf(policies.numbers()));
  }

  /** What a revocation did. */
  record Revocation(int sandboxes, int sockets, int errno) {}

  /**
   * Cuts a task off: its sandboxes reach nothing from now on, their open sockets end, and no
   * sandbox is started for it any more.
   *
   * @param kill whether its processes end as well
   */
  Revocation revoke(String task, boolean kill) throws SandboxException {
    revokedTasks.add(task);
    List<String> failures = new ArrayList<>();
    int sockets = 0;
    int errno = 0;
    List<LiveSandbox> found = sandboxes.ofTask(task);
    for (LiveSandbox sandbox : found) {
      int uid = sandbox.identity().uid();
      // Twice: a reset that tells the peer gets out only while the packets of the flow may, and
      // what was opened in between must not stay.
      try {
        OpenSockets.Ended ended = OpenSockets.end(uid);
        sockets += ended.count();
        errno = Math.max(errno, ended.errno());
      } catch (IOException e) {
        failures.add(String.valueOf(e.getMessage()));
      }
      sandbox.revoke();
      try {
        admit(sandbox);
        sockets += OpenSockets.end(uid).count();
      } catch (IOException | SandboxException e) {
        failures.add(String.valueOf(e.getMessage()));
        kill(sandbox); // what cannot be cut off ends
      }
      if (kill) {
        kill(sandbox);
      }
    }
    try {
      Files.writeString(
          paths.revoked(),
          task + System.lineSeparator(),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      failures.add("it is forgotten when the enforcer ends: " + e.getMessage());
    }
    if (!failures.isEmpty()) {
      throw new SandboxException(
          "task " + task + " is revoked, but not as it should be: " + String.join("; ", failures));
    }
    return new Revocation(found.size(), sockets, errno);
  }

  /** Looks after what others may have changed; to be called every second or so. */
  void lookAround() {
    try {
      for (NetworkFilter.Program program : filter.programs(cgroups.root())) {
        if (!program.attached()) {
          fail("program " + program.name() + " was detached by somebody");
          return; // what is not in force must not be pinned, either
        }
      }
      pinAgain();
      for (LiveSandbox sandbox : sandboxes.all()) {
        if (sandbox.isAdopted() && !sandbox.isEnding()) {
          endWithoutOwner(sandbox);
        }
      }
      endLeft();
      trouble = Optional.empty();
    } catch (IOException e) {
      LOG.error("the enforcer cannot look after itself: {}", e.getMessage());
      trouble = Optional.of("it cannot look after itself: " + e.getMessage());
    }
  }

  private void pinAgain() throws IOException {
    makePrivate(pins);
    int missing = filter.pinAgain(pins);
    if (fence.isPresent()) {
      missing += fence.get().pinAgain(pins);
    }
    if (missing > 0) {
      repinned.addAndGet(missing);
      LOG.warn("{} pins were removed by somebody and made again", missing);
    }
  }

  /** Nobody says when such a sandbox ends. Who looks after it is asked for first: it goes last. */
  private void endWithoutOwner(LiveSandbox sandbox) throws IOException {
    boolean owned = sandbox.hasLivingOwner();
    if (!cgroups.isPopulated(sandbox.identity().uid())) {
      end(sandbox, END_UNSEEN);
    } else if (!owned) {
      LOG.warn("sandbox uid {} is ended: nobody looks after it", sandbox.identity().uid());
      end(sandbox, KILLED);
    }
  }

  /** Without what it stands on, a sandbox must not run. */
  private void fail(String reason) {
    if (broken.isEmpty()) {
      LOG.error("all sandboxes are ended: {}", reason);
      broken = Optional.of(reason);
    }
    sandboxes.all().forEach(this::kill);
  }

  EnforcerReport report() throws IOException {
    List<NetworkFilter.Program> programs = filter.programs(cgroups.root());
    return new EnforcerReport(
        broken.or(log::failure).or(() -> detached(programs)).or(() -> trouble),
        policies.bundle().id(),
        settings.bundle().toString(),
        status.enforced(),
        status.missing(),
        programs,
        settings.countRuns(),
        drain.readsAudit(),
        sandboxes.all().stream().map(EnforcerReport.Sandbox::of).toList(),
        filter.destinations(),
        started.get(),
        refused.get(),
        drain.events(),
        drain.lost(),
        repinned.get(),
        revokedTasks.size());
  }

  private static Optional<String> detached(List<NetworkFilter.Program> programs) {
    return programs.stream()
        .filter(program -> !program.attached())
        .findFirst()
        .map(program -> "program " + program.name() + " is not attached");
  }

  /** Whether the caller means the bundle and the trail that this daemon has. */
  boolean isMeant(EnforcerRequest.Launch request) {
    return request.bundle().map(path -> isSame(path, settings.bundle())).orElse(true)
        && request.audit().map(path -> isSame(path, settings.audit())).orElse(true);
  }

  private static boolean isSame(Path one, Path other) {
    try {
      return Files.isSameFile(one, other);
    } catch (IOException e) {
      return false;
    }
  }

  /** Lets go. Sandboxes of callers go on, and stay behind all their walls. */
  @Override
  public void close() {
    letGo(true);
  }

  /**
   * The same.
   *
   * @param alone whether no other thread uses the keeper any more
   */
  void letGo(boolean alone) {
    List<LiveSandbox> ours =
        sandboxes.all().stream().filter(sandbox -> !sandbox.identity().ofCaller()).toList();
    ours.forEach(this::kill); // before anything of them is waited for
    ours.forEach(sandbox -> end(sandbox, KILLED));
    releaseKernel(alone);
  }

  /** What a thread still uses is left to the end of the process. */
  private void releaseKernel(boolean alone) {
    drain.close();
    if (endCleaners() && drain.hasEnded() && alone) {
      fence.ifPresent(LsmFence::close);
      filter.close();
    } else {
      LOG.warn("the enforcer ends while something is still being done");
    }
  }

  private boolean endCleaners() {
    try {
      return cleaners.end(LAST_PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
