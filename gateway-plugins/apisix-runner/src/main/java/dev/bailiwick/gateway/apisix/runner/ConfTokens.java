// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Conf tokens and the configurations that they stand for. Thread-safe.
 *
 * <p>Tokens are counted, so no two configurations share one; the count begins anywhere, so that a
 * token of the runner before this one is unknown here, and APISIX asks for a new one instead of
 * having its route decided by another's configuration.
 */
final class ConfTokens {
  private static final int MOST = 10_000;
  private static final Duration SLACK = Duration.ofMinutes(1);

  private final AtomicInteger next = new AtomicInteger(new SecureRandom().nextInt());
  private final Cache<Integer, RouteConf> confs;

  ConfTokens(Duration life, Ticker ticker) {
    confs =
        Caffeine.newBuilder()
            .maximumSize(MOST)
            .expireAfterWrite(life.plus(SLACK))
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  /** A token for a configuration; an unsigned 32-bit number. */
  long issue(List<RouteConf.Filter> filters) {
    int token = next.getAndIncrement();
    confs.put(token, RouteConf.of(filters));
    return Integer.toUnsignedLong(token);
  }

  Optional<RouteConf> find(long token) {
    return Optional.ofNullable(confs.getIfPresent((int) token));
  }

  long size() {
    return confs.estimatedSize();
  }
}
