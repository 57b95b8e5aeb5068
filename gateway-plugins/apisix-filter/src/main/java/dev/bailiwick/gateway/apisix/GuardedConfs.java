// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.api7.A6.PrepareConf.Req;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * What the runner's conf tokens stand for. The runner skips a filter that it does not know and
 * passes a request that no filter is left for; here such a configuration gets no token. Shared by
 * every connection; thread-safe.
 */
final class GuardedConfs {
  /** As many as the runner keeps, and room for those that it has forgotten. */
  private static final int MOST = 10_000;

  /** One configuration: what it names, and what ours says. */
  sealed interface Conf {

    /** Ours decides. */
    record Governed(RouteConf route) implements Conf {}

    /** Filters of somebody else, all of which are there. */
    record Others() implements Conf {}

    /** It gets no token. */
    record Refused(String sentence) implements Conf {}
  }

  private final Supplier<Set<String>> filters;
  private final Cache<Long, Conf> byToken = Caffeine.newBuilder().maximumSize(MOST).build();

  /**
   * @param filters names of the filters that the runner has
   */
  GuardedConfs(Supplier<Set<String>> filters) {
    this.filters = filters;
  }

  /**
   * Reads a configuration before the runner does.
   *
   * @throws RuntimeException when the payload is no configuration
   */
  Conf read(byte[] payload) {
    Req request = Req.getRootAsReq(ByteBuffer.wrap(payload));
    List<String> names = new ArrayList<>();
    String ours = null;
    for (int i = 0; i < request.confLength(); i++) {
      String name = String.valueOf(request.conf(i).name());
      names.add(name);
      if (name.equals(BailiwickFilter.NAME)) {
        ours = String.valueOf(request.conf(i).value());
      }
    }
    if (names.isEmpty()) {
      return new Conf.Refused("it names no filter, so that every request would pass");
    }
    Set<String> unknown = new TreeSet<>(names);
    unknown.removeAll(filters.get());
    if (!unknown.isEmpty()) {
      return new Conf.Refused(
          "it names filters that this runner does not have, " + unknown + "; correct the names");
    }
    if (ours == null) {
      return new Conf.Others();
    }
    if (names.size() > 1) {
      return new Conf.Refused(
          "it names "
              + BailiwickFilter.NAME
              + " among other filters, which could change what was decided; it must stand alone");
    }
    try {
      return new Conf.Governed(RouteConf.parse(ours));
    } catch (IllegalArgumentException e) {
      return new Conf.Refused(String.valueOf(e.getMessage()));
    }
  }

  /** Keeps what a token stands for; the runner draws them at random and may draw one again. */
  void keep(long token, Conf conf) {
    byToken.put(token, conf);
  }

  Optional<Conf> of(long token) {
    return Optional.ofNullable(byToken.getIfPresent(token));
  }
}
