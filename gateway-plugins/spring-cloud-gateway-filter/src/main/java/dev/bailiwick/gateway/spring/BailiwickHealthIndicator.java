// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** Health {@code bailiwick}: the bundle in force, and whatever keeps it from being enforced. */
final class BailiwickHealthIndicator extends AbstractHealthIndicator {
  private final Core core;
  private final SafetyChecks checks;

  BailiwickHealthIndicator(Core core, SafetyChecks checks) {
    this.core = core;
    this.checks = checks;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    boolean broken = core.auditFailure().isPresent() || !checks.routeProblems().isEmpty();
    health.status(broken ? "DOWN" : "UP").withDetail("policy", core.bundle().id());
    core.auditFailure().ifPresent(failure -> health.withDetail("audit", failure));
    core.reloadFailure().ifPresent(failure -> health.withDetail("reload", failure));
    if (!checks.routeProblems().isEmpty()) {
      health.withDetail("routes", checks.routeProblems());
    }
  }
}
