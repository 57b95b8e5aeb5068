// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.gateway.BundleWatch;
import dev.bailiwick.gateway.Gateway;
import dev.bailiwick.gateway.GatewayPipeline;
import dev.bailiwick.policy.Bundle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A gateway whose bundle file is watched. */
final class WatchedCore implements Core {
  private final Gateway gateway;
  private final Optional<BundleWatch> watch;

  private WatchedCore(Gateway gateway, Optional<BundleWatch> watch) {
    this.gateway = gateway;
    this.watch = watch;
  }

  /**
   * @param interval how often to look at the file; zero never looks
   */
  static WatchedCore start(Gateway gateway, Path bundle, Duration interval, Runnable reloaded) {
    return new WatchedCore(
        gateway,
        interval.isZero()
            ? Optional.empty()
            : Optional.of(BundleWatch.start(gateway, bundle, interval, reloaded)));
  }

  @Override
  public GatewayPipeline pipeline() {
    return gateway;
  }

  @Override
  public Bundle bundle() {
    return gateway.bundle();
  }

  @Override
  public Optional<String> auditFailure() {
    return gateway.auditFailure();
  }

  @Override
  public Optional<String> reloadFailure() {
    return watch.flatMap(BundleWatch::failure);
  }

  @Override
  public void close() {
    watch.ifPresent(BundleWatch::close);
    gateway.close();
  }
}
