// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.policy.PolicyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
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
  private final Thread thread;
  private @Nullable Version seen;

  private BundleWatch(Gateway gateway, Path bundle, Duration interval) {
    this.gateway = gateway;
    this.bundle = bundle;
    this.seen = version();
    this.thread = Thread.ofVirtual().name("bundle-watch").unstarted(() -> watch(interval));
  }

  /** Starts to look at the file, once every interval. */
  public static BundleWatch start(Gateway gateway, Path bundle, Duration interval) {
    BundleWatch watch = new BundleWatch(gateway, bundle, interval);
    watch.thread.start();
    return watch;
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
      log.info("the policy is now {}", gateway.bundle().id());
    } catch (PolicyException e) {
      List<String> problems = e.problems().stream().map(Object::toString).toList();
      log.error(
          "the changed bundle does not compile, {} stays in force:\n{}",
          gateway.bundle().id(),
          String.join("\n", problems));
    } catch (RuntimeException e) {
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
