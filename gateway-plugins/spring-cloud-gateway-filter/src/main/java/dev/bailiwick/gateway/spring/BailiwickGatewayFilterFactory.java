// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.gateway.GatewayPipeline;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;

/**
 * The filter of a route that leads to a connector: {@code filters: [Bailiwick]}. It has no settings
 * of its own; the policy bundle says which path is which connector. Thread-safe.
 */
public final class BailiwickGatewayFilterFactory
    extends AbstractGatewayFilterFactory<BailiwickGatewayFilterFactory.Config> {
  private final DecisionFilter filter;

  BailiwickGatewayFilterFactory(GatewayPipeline pipeline, ExchangeObservations observations) {
    super(Config.class);
    filter = new DecisionFilter(pipeline, observations);
  }

  /** Nothing to set. */
  public static final class Config {}

  @Override
  public GatewayFilter apply(Config config) {
    return filter;
  }

  /** The filter, for routes that are built in Java. */
  public GatewayFilter apply() {
    return filter;
  }
}
