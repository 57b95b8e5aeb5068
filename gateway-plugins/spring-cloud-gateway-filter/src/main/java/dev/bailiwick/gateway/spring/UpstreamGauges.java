// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.connector.Usage;
import dev.bailiwick.gateway.UpstreamMeter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What upstreams last said about their limits, as gauges: {@code bailiwick.upstream.used}, {@code
 * .allowed} and {@code .left}, with the keys {@code connector} and {@code limit}. Thread-safe.
 */
final class UpstreamGauges implements UpstreamMeter {
  private static final String PREFIX = "bailiwick.upstream.";

  private record Key(String name, String connector, String limit) {}

  private final MeterRegistry registry;
  private final Map<Key, AtomicLong> values = new ConcurrentHashMap<>();

  UpstreamGauges(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void usage(String connector, Usage usage) {
    set(new Key(PREFIX + "used", connector, usage.limit()), usage.used());
    set(new Key(PREFIX + "allowed", connector, usage.limit()), usage.allowed());
    set(new Key(PREFIX + "left", connector, usage.limit()), usage.left());
  }

  private void set(Key key, OptionalLong value) {
    value.ifPresent(now -> values.computeIfAbsent(key, this::gauge).set(now));
  }

  private AtomicLong gauge(Key key) {
    AtomicLong value = new AtomicLong();
    Gauge.builder(key.name, value, AtomicLong::doubleValue)
        .tag("connector", key.connector)
        .tag("limit", key.limit)
        .register(registry);
    return value;
  }
}
