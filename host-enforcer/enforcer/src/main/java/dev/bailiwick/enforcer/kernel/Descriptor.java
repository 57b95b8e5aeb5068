// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer.kernel;

import java.io.IOException;

/** An open descriptor of this process. Closed once, by whoever has it. */
public final class Descriptor implements AutoCloseable {
  private final int number;
  private boolean closed;

  Descriptor(int number) {
    this.number = number;
  }

  /** Content in memory that nobody can change any more. */
  public static Descriptor sealed(byte[] content) throws IOException {
    return new Descriptor(NativeBridge.sealed(content));
  }

  /** The launcher, to be executed by somebody who cannot reach its file. */
  public static Descriptor launcher(KernelPart part) throws IOException {
    return new Descriptor(NativeBridge.openProgram(NetworkFilter.bytes(part.launcher())));
  }

  int number() {
    return number;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      NativeBridge.closeDescriptor(number);
    }
  }
}
