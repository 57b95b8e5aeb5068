// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.workday;

import dev.bailiwick.simulator.SimulatorExtension;

/**
 * Gives every test a fresh {@link WorkdaySimulator}:
 *
 * <pre>{@code
 * @RegisterExtension
 * final WorkdaySimulatorExtension workday = new WorkdaySimulatorExtension();
 * }</pre>
 */
public final class WorkdaySimulatorExtension extends SimulatorExtension<WorkdaySimulator> {
  public WorkdaySimulatorExtension() {
    super(() -> new WorkdaySimulator().start());
  }
}
