// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import dev.bailiwick.audit.AuditException;
import dev.bailiwick.audit.AuditLog;
import dev.bailiwick.audit.AuditOptions;
import dev.bailiwick.audit.FileAuditLog;
import dev.bailiwick.gateway.BundleWatch;
import dev.bailiwick.gateway.Gateway;
import dev.bailiwick.gateway.GatewayPipeline;
import dev.bailiwick.gateway.credential.BreakerSettings;
import dev.bailiwick.gateway.credential.BreakerUpstreamGuard;
import dev.bailiwick.gateway.credential.BrokerSettings;
import dev.bailiwick.gateway.credential.CredentialStoreException;
import dev.bailiwick.gateway.credential.FileVault;
import dev.bailiwick.gateway.credential.StoredCredentialBroker;
import dev.bailiwick.gateway.token.InMemoryRevocations;
import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.PolicyException;
import dev.bailiwick.policy.PolicyProblem;
import java.net.URI;
import java.time.Clock;
import java.util.Optional;
import java.util.stream.Collectors;

/** The core behind a runner, with its trail and its watch over the bundle. Thread-safe. */
final class RunnerCore implements AutoCloseable {
  private final Gateway gateway;
  private final AuditLog audit;
  private final Optional<BundleWatch> watch;

  private RunnerCore(Gateway gateway, AuditLog audit, Optional<BundleWatch> watch) {
    this.gateway = gateway;
    this.audit = audit;
    this.watch = watch;
  }

  /**
   * Opens everything.
   *
   * @throws RunnerStartException with every reason why that is not possible
   */
  static RunnerCore open(RunnerSettings settings) {
    Clock clock = Clock.systemUTC();
    AuditLog audit = audit(settings, clock);
    try {
      FileVault vault = FileVault.open(settings.vault(), settings.vaultKey(), clock);
      Gateway gateway =
          Gateway.open(
              new Gateway.Parts(
                  settings.bundle(),
                  StoredCredentialBroker.create(vault, BrokerSettings.defaults(), clock),
                  BreakerUpstreamGuard.create(BreakerSettings.upstream(), clock),
                  audit,
                  new InMemoryRevocations(),
                  clock));
      return new RunnerCore(
          gateway,
          audit,
          settings.bundleCheck().isZero()
              ? Optional.empty()
              : Optional.of(BundleWatch.start(gateway, settings.bundle(), settings.bundleCheck())));
    } catch (PolicyException e) {
      audit.close();
      throw new RunnerStartException(
          e.problems().stream().map(PolicyProblem::toString).collect(Collectors.joining("\n")));
    } catch (CredentialStoreException e) {
      audit.close();
      throw new RunnerStartException("vault: " + e.getMessage());
    }
  }

  private static AuditLog audit(RunnerSettings settings, Clock clock) {
    try {
      return FileAuditLog.open(AuditOptions.of(settings.audit(), settings.writer(), clock));
    } catch (AuditException | IllegalArgumentException e) {
      throw new RunnerStartException("audit: " + e.getMessage());
    }
  }

  GatewayPipeline pipeline() {
    return gateway;
  }

  /** The bundle in force, as {@code name@version}. */
  String policy() {
    return gateway.bundle().id();
  }

  boolean isUpstreamOf(String connector, URI origin) {
    Bundle.ConnectorRule rule = gateway.bundle().connectors().get(connector);
    return rule != null && sameOrigin(rule.upstream(), origin);
  }

  static boolean sameOrigin(URI one, URI other) {
    return one.getScheme().equalsIgnoreCase(String.valueOf(other.getScheme()))
        && one.getHost().equalsIgnoreCase(String.valueOf(other.getHost()))
        && port(one) == port(other);
  }

  private static int port(URI origin) {
    return origin.getPort() >= 0 ? origin.getPort() : origin.getScheme().equals("http") ? 80 : 443;
  }

  /** Why evidence cannot be kept at the moment, if it cannot. */
  Optional<String> auditFailure() {
    return gateway.auditFailure();
  }

  /** Why the last change of the bundle file is not in force, if it is not. */
  Optional<String> reloadFailure() {
    return watch.flatMap(BundleWatch::failure);
  }

  @Override
  public void close() {
    watch.ifPresent(BundleWatch::close);
    gateway.close();
    audit.close();
  }
}
