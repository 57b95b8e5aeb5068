// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import dev.bailiwick.simulator.SimulatorExtension;

/**
 * Gives every test a fresh {@link SalesforceSimulator}:
 *
 * <pre>{@code
 * @RegisterExtension
 * final SalesforceSimulatorExtension salesforce = new SalesforceSimulatorExtension();
 * }</pre>
 */
public final class SalesforceSimulatorExtension extends SimulatorExtension<SalesforceSimulator> {
  public SalesforceSimulatorExtension() {
    super(() -> new SalesforceSimulator().start());
  }
}
