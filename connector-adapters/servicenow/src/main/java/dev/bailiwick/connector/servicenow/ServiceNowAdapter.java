// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorAdapter;
import dev.bailiwick.connector.ConnectorSettings;
import java.util.Set;
import java.util.TreeSet;

/**
 * Makes connectors for ServiceNow instances. Two options: {@code apiKeyHeader}, the header and
 * query parameter in which the instance takes API keys, {@code x-sn-apikey} unless an administrator
 * renamed it; {@code scriptedRest}, the exact paths of scripted REST APIs that may be executed,
 * separated by commas.
 */
public final class ServiceNowAdapter implements ConnectorAdapter {
  static final String API_KEY_HEADER = "apiKeyHeader";
  static final String DEFAULT_API_KEY_HEADER = "x-sn-apikey";

  static final String SCRIPTED_REST = "scriptedRest";
  private static final Set<String> KNOWN = Set.of(API_KEY_HEADER, SCRIPTED_REST);

  @Override
  public String name() {
    return "servicenow";
  }

  @Override
  public Connector connect(ConnectorSettings settings) {
    Set<String> unknown = new TreeSet<>(settings.options().keySet());
    unknown.removeAll(KNOWN);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "options: servicenow knows only " + new TreeSet<>(KNOWN) + ", found " + unknown);
    }
    String header = settings.options().getOrDefault(API_KEY_HEADER, DEFAULT_API_KEY_HEADER);
    if (!header.matches("[A-Za-z0-9-]+")) {
      throw new IllegalArgumentException(
          "options." + API_KEY_HEADER + ": expected a header name such as x-sn-apikey");
    }
    return new ServiceNowConnector(
        settings, header, ScriptedFamily.of(settings.options().getOrDefault(SCRIPTED_REST, "")));
  }
}
