// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.audit.AuditException;
import dev.bailiwick.audit.AuditLog;
import dev.bailiwick.audit.AuditOptions;
import dev.bailiwick.audit.FileAuditLog;
import dev.bailiwick.enforcer.kernel.KernelPart;
import dev.bailiwick.enforcer.kernel.RunCounting;
import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.Bundle.Tier;
import dev.bailiwick.policy.BundleReader;
import dev.bailiwick.policy.PolicyException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * The enforcer as a daemon: programs loaded and attached once, sandboxes made on request, one
 * trail. Thread-safe.
 *
 * <p>Its end opens nothing. What it enforces is pinned in the kernel; the next one takes it up.
 */
public final class EnforcerDaemon implements AutoCloseable {
  private static final Duration AWAITED_BATCH = Duration.ZERO;
  private static final Duration IDLE_BATCH = Duration.ofMillis(10);
  private static final Duration LAST_LOOK = Duration.ofSeconds(5);

  private final FileChannel lock;
  private final AuditLog log;
  private final Optional<RunCounting> counting;
  private final SandboxKeeper keeper;
  private final Reception ofRoot;
  private final Reception ofAll;
  private final ScheduledExecutorService housekeeping;
  private final CountDownLatch ended = new CountDownLatch(1);

  private EnforcerDaemon(
      FileChannel lock,
      AuditLog log,
      Optional<RunCounting> counting,
      SandboxKeeper keeper,
      Reception ofRoot,
      Reception ofAll) {
    this.lock = lock;
    this.log = log;
    this.counting = counting;
    this.keeper = keeper;
    this.ofRoot = ofRoot;
    this.ofAll = ofAll;
    this.housekeeping =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("bailiwick-housekeeping").factory());
    ScheduledFuture<?> unused =
        housekeeping.scheduleWithFixedDelay(keeper::lookAround, 500, 500, TimeUnit.MILLISECONDS);
  }

  /**
   * Starts the daemon: when this returns, it serves.
   *
   * @throws SandboxException when this machine cannot enforce what tier {@code base} needs, another
   *     daemon runs here, or evidence cannot be kept
   */
  public static EnforcerDaemon start(EnforcerSettings settings, Clock clock)
      throws SandboxException, PolicyException {
    Bundle bundle = BundleReader.read(settings.bundle());
    KernelPart kernel = SandboxLauncher.openKernel(settings.paths());
    EnforcementStatus status = HostProbe.probe(kernel);
    SandboxLauncher.requireTier("of any kind", Tier.BASE, status);
    try {
      return start(settings, clock, bundle, kernel, status);
    } catch (IOException | AuditException e) {
      throw new SandboxException("the enforcer cannot start: " + e.getMessage());
    }
  }

  private static EnforcerDaemon start(
      EnforcerSettings settings,
      Clock clock,
      Bundle bundle,
      KernelPart kernel,
      EnforcementStatus status)
      throws IOException, SandboxException {
    FileChannel lock = lock(settings.paths());
    AuditLog log = null;
    SandboxKeeper keeper = null;
    Reception ofRoot = null;
    try {
      log =
          FileAuditLog.open(
              AuditOptions.of(settings.audit(), EnforcerSettings.WRITER, clock)
                  .withBatchAges(AWAITED_BATCH, IDLE_BATCH));
      Optional<RunCounting> counting =
          settings.countRuns() ? Optional.of(RunCounting.start(kernel)) : Optional.empty();
      keeper = SandboxKeeper.open(settings, kernel, status, bundle, log, clock);
      ofRoot = Reception.ofRoot(settings, keeper, kernel);
      return new EnforcerDaemon(
          lock, log, counting, keeper, ofRoot, Reception.ofAll(settings, keeper, kernel));
    } catch (IOException | SandboxException | RuntimeException e) {
      if (ofRoot != null) {
        ofRoot.close();
      }
      if (keeper != null) {
        keeper.close();
      }
      if (log != null) {
        log.close();
      }
      lock.close();
      throw e;
    }
  }

  /** Two daemons with the same paths would take each other's sandboxes for their own. */
  private static FileChannel lock(HostPaths paths) throws IOException, SandboxException {
    Path run = paths.run();
    if (!Files.isDirectory(run)) {
      Files.createDirectories(run);
    }
    Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwx--x--x"));
    FileChannel channel =
        FileChannel.open(
            run.resolve("enforcer.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // It is in this very process.
    }
    channel.close();
    throw new SandboxException("another enforcer runs already, with " + run);
  }

  private boolean endHousekeeping() {
    housekeeping.shutdownNow();
    try {
      return housekeeping.awaitTermination(LAST_LOOK.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Both at once: each may have to wait for what it does for somebody. */
  private boolean endReceptions() {
    CompletableFuture<Boolean> other =
        CompletableFuture.supplyAsync(ofAll::end, task -> Thread.ofPlatform().start(task));
    boolean served = ofRoot.end();
    return other.join() && served;
  }

  /** Waits until the daemon is closed. */
  public void await() throws InterruptedException {
    ended.await();
  }

  /** Stops to serve. What is enforced stays enforced; sandboxes that callers look after go on. */
  @Override
  public void close() {
    if (ended.getCount() == 0) {
      return;
    }
    boolean served = endReceptions();
    boolean lookedAround = endHousekeeping();
    keeper.letGo(served && lookedAround);
    counting.ifPresent(RunCounting::close);
    log.close();
    try {
      lock.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } finally {
      ended.countDown();
    }
  }
}
