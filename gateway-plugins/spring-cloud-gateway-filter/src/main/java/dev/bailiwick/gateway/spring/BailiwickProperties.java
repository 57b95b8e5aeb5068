// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** Settings under {@code bailiwick}. Secrets are files or variables that are named here. */
@ConfigurationProperties("bailiwick")
public final class BailiwickProperties {
  /** Policy bundle that this gateway enforces. */
  private @Nullable Path bundle;

  /** How often to look whether the bundle file has changed; 0 never looks. */
  private Duration bundleCheck = Duration.ofSeconds(2);

  /** Whether every connector of the bundle gets a route at its mount point. */
  private boolean routes;

  /** Whether a request that no other route matches is denied with evidence. */
  private boolean denyUnmatched;

  /** Name of this node among those that write into the same audit directory. */
  private String node = "gateway";

  private final Vault vault = new Vault();

  private final Audit audit = new Audit();

  /** Where stored credentials are. */
  public static final class Vault {
    /** Encrypted vault file. */
    private @Nullable Path file;

    /** Key file of the vault; without it the variable BAILIWICK_VAULT_KEY holds the key. */
    private @Nullable Path keyFile;

    public @Nullable Path getFile() {
      return file;
    }

    public void setFile(@Nullable Path file) {
      this.file = file;
    }

    public @Nullable Path getKeyFile() {
      return keyFile;
    }

    public void setKeyFile(@Nullable Path keyFile) {
      this.keyFile = keyFile;
    }
  }

  /** Where evidence is kept. */
  public static final class Audit {
    /** Directory of the audit trail. */
    private @Nullable Path directory;

    public @Nullable Path getDirectory() {
      return directory;
    }

    public void setDirectory(@Nullable Path directory) {
      this.directory = directory;
    }
  }

  public @Nullable Path getBundle() {
    return bundle;
  }

  public void setBundle(@Nullable Path bundle) {
    this.bundle = bundle;
  }

  public Duration getBundleCheck() {
    return bundleCheck;
  }

  public void setBundleCheck(Duration bundleCheck) {
    this.bundleCheck = bundleCheck;
  }

  public boolean isRoutes() {
    return routes;
  }

  public void setRoutes(boolean routes) {
    this.routes = routes;
  }

  public boolean isDenyUnmatched() {
    return denyUnmatched;
  }

  public void setDenyUnmatched(boolean denyUnmatched) {
    this.denyUnmatched = denyUnmatched;
  }

  public String getNode() {
    return node;
  }

  public void setNode(String node) {
    this.node = node;
  }

  public Vault getVault() {
    return vault;
  }

  public Audit getAudit() {
    return audit;
  }
}
