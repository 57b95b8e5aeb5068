// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer.kernel;

import java.io.IOException;

/** Has the kernel count runs and time of every BPF program of the host, until it is closed. */
public final class RunCounting implements AutoCloseable {
  private final Descriptor descriptor;

  private RunCounting(int descriptor) {
    this.descriptor = new Descriptor(descriptor);
  }

  /** {@code part} is whose library this needs to be loaded. */
  public static RunCounting start(KernelPart part) throws IOException {
    return new RunCounting(NativeBridge.countRuns());
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
