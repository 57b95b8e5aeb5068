// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.audit.AuditException;
import dev.bailiwick.audit.AuditLog;
import dev.bailiwick.audit.AuditOptions;
import dev.bailiwick.audit.FileAuditLog;
import dev.bailiwick.gateway.Gateway;
import dev.bailiwick.gateway.UpstreamMeter;
import dev.bailiwick.gateway.credential.BreakerSettings;
import dev.bailiwick.gateway.credential.BreakerUpstreamGuard;
import dev.bailiwick.gateway.credential.BrokerSettings;
import dev.bailiwick.gateway.credential.CredentialBroker;
import dev.bailiwick.gateway.credential.CredentialStoreException;
import dev.bailiwick.gateway.credential.FileVault;
import dev.bailiwick.gateway.credential.StoredCredentialBroker;
import dev.bailiwick.gateway.credential.VaultKey;
import dev.bailiwick.gateway.handle.DeferredHandles;
import dev.bailiwick.gateway.handle.InMemoryHandles;
import dev.bailiwick.gateway.token.InMemoryRevocations;
import dev.bailiwick.gateway.token.Revocations;
import dev.bailiwick.policy.PolicyException;
import dev.bailiwick.policy.PolicyProblem;
import java.nio.file.Path;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.cloud.gateway.event.RefreshRoutesEvent;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Opens the core from {@link BailiwickProperties}; a bean of the same type replaces any part. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnMissingBean(Core.class)
class CoreConfiguration {
  private final BailiwickProperties properties;
  private final Clock clock = Clock.systemUTC();

  CoreConfiguration(BailiwickProperties properties) {
    this.properties = properties;
  }

  @Bean
  @ConditionalOnMissingBean
  AuditLog bailiwickAuditLog() {
    Path directory = required("bailiwick.audit.directory", properties.getAudit().getDirectory());
    try {
      return FileAuditLog.open(AuditOptions.of(directory, properties.getNode(), clock));
    } catch (AuditException | IllegalArgumentException e) {
      throw new GatewayStartException("bailiwick.audit: " + e.getMessage());
    }
  }

  /** Closed by the core. */
  @Bean(destroyMethod = "")
  @ConditionalOnMissingBean
  CredentialBroker bailiwickCredentialBroker(ObjectProvider<VaultKey> givenKey) {
    Path file = required("bailiwick.vault.file", properties.getVault().getFile());
    try {
      FileVault vault = FileVault.open(file, givenKey.getIfAvailable(this::key), clock);
      return StoredCredentialBroker.create(vault, BrokerSettings.defaults(), clock);
    } catch (CredentialStoreException e) {
      throw new GatewayStartException("bailiwick.vault: " + e.getMessage());
    }
  }

  private VaultKey key() {
    Path file = properties.getVault().getKeyFile();
    return file != null
        ? VaultKey.ofFile(file)
        : VaultKey.ofEnvironment(System.getenv())
            .orElseThrow(
                () ->
                    new GatewayStartException(
                        "bailiwick.vault.key-file is not set, and neither is "
                            + VaultKey.VARIABLE
                            + ": one of them must hold the key of the vault."));
  }

  @Bean
  @ConditionalOnMissingBean
  Revocations bailiwickRevocations() {
    return new InMemoryRevocations();
  }

  @Bean
  @ConditionalOnMissingBean
  DeferredHandles bailiwickHandles() {
    return InMemoryHandles.withDefaults(clock);
  }

  @Bean
  Core bailiwickCore(
      CredentialBroker credentials,
      AuditLog audit,
      Revocations revocations,
      ObjectProvider<UpstreamMeter> meters,
      DeferredHandles handles,
      ApplicationEventPublisher events) {
    Path bundle = required("bailiwick.bundle", properties.getBundle());
    try {
      Gateway gateway =
          Gateway.open(
              new Gateway.Parts(
                  bundle,
                  credentials,
                  BreakerUpstreamGuard.create(BreakerSettings.upstream(), clock),
                  audit,
                  revocations,
                  clock,
                  meters.getIfAvailable(UpstreamMeter::none),
                  handles));
      return WatchedCore.start(
          gateway,
          bundle,
          properties.getBundleCheck(),
          () -> events.publishEvent(new RefreshRoutesEvent(this)));
    } catch (PolicyException e) {
      throw new GatewayStartException(e.problems().stream().map(PolicyProblem::toString).toList());
    }
  }

  private static Path required(String name, @Nullable Path value) {
    if (value == null) {
      throw new GatewayStartException(name + " is not set.");
    }
    return value;
  }
}
