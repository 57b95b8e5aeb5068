// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorAdapter;
import dev.bailiwick.connector.ConnectorSettings;
import java.util.Set;
import java.util.TreeSet;

/**
 * Makes connectors for Workday tenants. One option, which is required: {@code tenant}, the only
 * tenant whose paths are served. Tenants share hosts, so without it an agent could aim the stored
 * credential at another one.
 */
public final class WorkdayAdapter implements ConnectorAdapter {
  private static final String TENANT = "tenant";

  @Override
  public String name() {
    return "workday";
  }

  @Override
  public Connector connect(ConnectorSettings settings) {
    Set<String> unknown = new TreeSet<>(settings.options().keySet());
    unknown.remove(TENANT);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "options: workday knows only " + TENANT + ", found " + unknown);
    }
    String tenant = settings.options().getOrDefault(TENANT, "");
    if (!tenant.matches("[A-Za-z0-9_-]{1,64}")) {
      throw new IllegalArgumentException(
          "options."
              + TENANT
              + ": expected the tenant as it stands in paths, letters, digits, _ and - only");
    }
    return new WorkdayConnector(settings, tenant);
  }
}
