// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator;

import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Gives every test a fresh simulator; each vendor has a subclass. */
public abstract class SimulatorExtension<S extends Simulator>
    implements BeforeEachCallback, AfterEachCallback {
  private final Supplier<S> starting;
  private @Nullable S simulator;

  /**
   * @param starting makes a simulator that listens already
   */
  protected SimulatorExtension(Supplier<S> starting) {
    this.starting = starting;
  }

  /** The simulator of the running test. */
  public final S get() {
    return Objects.requireNonNull(simulator, "the simulator runs only inside a test");
  }

  @Override
  public final void beforeEach(ExtensionContext context) {
    simulator = starting.get();
  }

  @Override
  public final void afterEach(ExtensionContext context) {
    get().close();
    simulator = null;
  }
}
