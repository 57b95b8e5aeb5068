// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.servicenow;

import dev.bailiwick.simulator.SimulatorExtension;

/**
 * Gives every test a fresh {@link ServiceNowSimulator}:
 *
 * <pre>{@code
 * @RegisterExtension
 * final ServiceNowSimulatorExtension servicenow = new ServiceNowSimulatorExtension();
 * }</pre>
 */
public final class ServiceNowSimulatorExtension extends SimulatorExtension<ServiceNowSimulator> {
  public ServiceNowSimulatorExtension() {
    super(() -> new ServiceNowSimulator().start());
  }
}
