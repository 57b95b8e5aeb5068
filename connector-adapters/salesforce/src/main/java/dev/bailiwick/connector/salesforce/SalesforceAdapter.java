// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorAdapter;
import dev.bailiwick.connector.ConnectorSettings;

/**
 * Makes connectors to Salesforce. Options: {@code keyPrefixes}, objects by the first three
 * characters of their record ids ({@code 001=Account 003=Contact}), and {@code apexRestPaths},
 * paths of custom code that may be called ({@code /cases/escalate /orders/*}).
 */
public final class SalesforceAdapter implements ConnectorAdapter {

  @Override
  public String name() {
    return "salesforce";
  }

  @Override
  public Connector connect(ConnectorSettings settings) {
    return new SalesforceConnector(settings, SalesforceOptions.of(settings));
  }
}
