// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer.kernel;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The LSM programs, in force on the whole machine: they ask whose call it is and let everything
 * pass that is not a sandbox of the {@link NetworkFilter} whose maps they share. Thread-safe.
 */
public final class LsmFence implements AutoCloseable {
  private final long handle;
  private boolean closed;

  private LsmFence(long handle) {
    this.handle = handle;
  }

  /**
   * Loads, attaches and pins the programs, so that they outlive this process. Those that are pinned
   * there already are replaced without a moment in which neither is in force.
   *
   * @param filter whose entries say who is a sandbox and what it may do; must be open
   * @param level as for the filter
   * @throws IOException when a program does not load; then none of them stays attached
   */
  public static LsmFence raise(KernelPart part, NetworkFilter filter, int level, Path pins)
      throws IOException {
    return new LsmFence(
        NativeBridge.loadLsm(filter.handle(), part.lsmObject(), level, NetworkFilter.bytes(pins)));
  }

  /**
   * Pins again what somebody unpinned while this process held it.
   *
   * @return how many pins were missing
   * @throws IOException when a pin cannot be made
   */
  public int pinAgain(Path pins) throws IOException {
    return NativeBridge.pinLsmAgain(handle, NetworkFilter.bytes(pins));
  }

  /** Lets go of everything. What is pinned stays in force until its pin is removed. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      NativeBridge.closeLsm(handle);
    }
  }
}
