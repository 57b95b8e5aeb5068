// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import dev.bailiwick.audit.AuditException;
import dev.bailiwick.audit.AuditOptions;
import dev.bailiwick.audit.FileAuditLog;
import dev.bailiwick.gateway.BundleWatch;
import dev.bailiwick.gateway.Gateway;
import dev.bailiwick.gateway.credential.BreakerSettings;
import dev.bailiwick.gateway.credential.BreakerUpstreamGuard;
import dev.bailiwick.gateway.credential.BrokerSettings;
import dev.bailiwick.gateway.credential.CredentialStoreException;
import dev.bailiwick.gateway.credential.FileVault;
import dev.bailiwick.gateway.credential.StoredCredentialBroker;
import dev.bailiwick.gateway.credential.VaultKey;
import dev.bailiwick.gateway.token.InMemoryRevocations;
import dev.bailiwick.policy.PolicyException;
import java.time.Clock;
import java.util.Optional;

/** The core behind the filter, with its bundle watched. Thread-safe. */
final class FilterCore implements AutoCloseable {
  private final Gateway gateway;
  private final FileAuditLog audit;
  private final BundleWatch watch;
  private final SentCalls sent;
  private final Optional<ReportServer> reports;

  private FilterCore(
      Gateway gateway,
      FileAuditLog audit,
      BundleWatch watch,
      SentCalls sent,
      Optional<ReportServer> reports) {
    this.gateway = gateway;
    this.audit = audit;
    this.watch = watch;
    this.sent = sent;
    this.reports = reports;
  }

  /**
   * Opens everything that the settings name.
   *
   * @throws FilterStartException when a part cannot be opened
   */
  static FilterCore open(FilterSettings settings) {
    Clock clock = Clock.systemUTC();
    try {
      FileVault vault = FileVault.open(settings.vault(), key(settings), clock);
      FileAuditLog audit =
          FileAuditLog.open(AuditOptions.of(settings.audit(), settings.node(), clock));
      Gateway gateway =
          Gateway.open(
              new Gateway.Parts(
                  settings.bundle(),
                  StoredCredentialBroker.create(vault, BrokerSettings.defaults(), clock),
                  BreakerUpstreamGuard.create(BreakerSettings.upstream(), clock),
                  audit,
                  new InMemoryRevocations(),
                  clock));
      SentCalls sent = new SentCalls(settings.report().isPresent());
      Optional<ReportServer> reports =
          settings.report().map(to -> ReportServer.start(to.port(), to.tokenFile(), sent));
      BundleWatch watch = BundleWatch.start(gateway, settings.bundle(), settings.bundleCheck());
      return new FilterCore(gateway, audit, watch, sent, reports);
    } catch (PolicyException | AuditException | CredentialStoreException e) {
      throw new FilterStartException(String.valueOf(e.getMessage()));
    }
  }

  private static VaultKey key(FilterSettings settings) {
    return settings
        .vaultKey()
        .map(VaultKey::ofFile)
        .or(() -> VaultKey.ofEnvironment(System.getenv()))
        .orElseThrow(
            () ->
                new FilterStartException(
                    "bailiwick.vault.key-file is not set, and neither is "
                        + VaultKey.VARIABLE
                        + ": one of them must hold the key of the vault"));
  }

  Gateway gateway() {
    return gateway;
  }

  SentCalls sent() {
    return sent;
  }

  @Override
  public void close() {
    watch.close();
    reports.ifPresent(ReportServer::close);
    sent.close();
    gateway.close();
    audit.close();
  }
}
