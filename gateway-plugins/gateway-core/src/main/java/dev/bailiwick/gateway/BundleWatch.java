// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.policy.PolicyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reloads a gateway when its bundle file changes. Looks at the file instead of asking the kernel
 * for events: bundles arrive as renamed files, changed symbolic links and mounted volumes, and
 * looking sees them all.
 */
public final class BundleWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BundleWatch.class);

  private record Version(long modified, long size, @Nullable Object file) {}

  private final Gateway gateway;
  private final Path bundle;
  private final Runnable reloaded;
  private final Thread thread;
  private @Nullable Version seen;
  private volatile @Nullable String failure;

  private BundleWatch(Gateway gateway, Path bundle, Duration interval, Runnable reloaded) {
    this.gateway = gateway;
    this.bundle = bundle;
    this.reloaded = reloaded;
    this.seen = version();
    this.thread = Thread.ofVirtual().name("bundle-watch").unstarted(() -> watch(interval));
  }

  /** Starts to look at the file, once every interval. */
  public static BundleWatch start(Gateway gateway, Path bundle, Duration interval) {
    return start(gateway, bundle, interval, () -> {});
  }

  /**
   * The same.
   *
   * @param reloaded called after every bundle that came into force, on the watch's own thread
   */
  public static BundleWatch start(
      Gateway gateway, Path bundle, Duration interval, Runnable reloaded) {
    BundleWatch watch = new BundleWatch(gateway, bundle, interval, reloaded);
    watch.thread.start();
    return watch;
  }

  /** Why the last change of the file is not in force, if it is not. */
  public Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  private void watch(Duration interval) {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        Thread.sleep(interval);
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    @Nullable Version now = version();
    if (now == null || now.equals(seen)) {
      return;
    }
    seen = now;
    try {
      gateway.reload();
      failure = null;
      log.info("the policy is now {}", gateway.bundle().id());
      reloaded.run();
    } catch (PolicyException e) {
      failure = e.getMessage();
      log.error(
          "the changed bundle does not compile, {} stays in force:\n{}",
          gateway.bundle().id(),
          e.getMessage());
    } catch (RuntimeException e) {
      failure = "the changed bundle could not be loaded (" + e.getClass().getName() + ")";
      log.error(
          "the changed bundle could not be loaded ({}), {} stays in force",
          e.getClass().getName(),
          gateway.bundle().id());
    }
  }

  private @Nullable Version version() {
    try {
      BasicFileAttributes attributes = Files.readAttributes(bundle, BasicFileAttributes.class);
      return new Version(
          attributes.lastModifiedTime().toMillis(), attributes.size(), attributes.fileKey());
    } catch (IOException e) {
      return null;
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
