// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.Usage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class UpstreamGaugesTests {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final UpstreamGauges gauges = new UpstreamGauges(registry);

  private double gauge(String name) {
    return registry
        .get("bailiwick.upstream." + name)
        .tag("connector", "salesforce")
        .tag("limit", "api-usage")
        .gauge()
        .value();
  }

  @Test
  void usageWhenToldAgainThenTheLastWordCounts() {
    gauges.usage(
        "salesforce",
        new Usage("api-usage", OptionalLong.of(18), OptionalLong.of(5000), OptionalLong.of(4982)));
    gauges.usage(
        "salesforce",
        new Usage("api-usage", OptionalLong.of(19), OptionalLong.of(5000), OptionalLong.of(4981)));

    assertThat(gauge("used")).isEqualTo(19);
    assertThat(gauge("allowed")).isEqualTo(5000);
    assertThat(gauge("left")).isEqualTo(4981);
  }

  @Test
  void usageWhenAPartIsNotToldThenHasNoGauge() {
    gauges.usage(
        "servicenow",
        new Usage("rate-limit", OptionalLong.empty(), OptionalLong.of(100), OptionalLong.empty()));

    assertThat(registry.getMeters()).hasSize(1);
  }
}
