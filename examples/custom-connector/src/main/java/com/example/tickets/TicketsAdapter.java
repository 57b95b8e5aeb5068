// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.tickets;

import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorAdapter;
import dev.bailiwick.connector.ConnectorSettings;
import java.util.TreeSet;

/** Makes connectors for the ticket API. It has no options. */
public final class TicketsAdapter implements ConnectorAdapter {
  @Override
  public String name() {
    return "tickets";
  }

  @Override
  public Connector connect(ConnectorSettings settings) {
    if (!settings.options().isEmpty()) {
      throw new IllegalArgumentException(
          "options: tickets has none, found " + new TreeSet<>(settings.options().keySet()));
    }
    return new TicketsConnector(settings);
  }
}
