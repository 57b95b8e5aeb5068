// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.servicenow;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Gives every test a fresh {@link ServiceNowSimulator}:
 *
 * <pre>{@code
 * @RegisterExtension
 * final ServiceNowSimulatorExtension servicenow = new ServiceNowSimulatorExtension();
 * }</pre>
 */
public final class ServiceNowSimulatorExtension implements BeforeEachCallback, AfterEachCallback {
  private @Nullable ServiceNowSimulator simulator;

  /** The simulator of the running test. */
  public ServiceNowSimulator get() {
    return Objects.requireNonNull(simulator, "the simulator runs only inside a test");
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    simulator = new ServiceNowSimulator().start();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    get().close();
    simulator = null;
  }
}
