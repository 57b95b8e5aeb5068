// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer.kernel;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A unix socket that others can connect to. Thread-safe. */
public final class Listener implements AutoCloseable {
  private final Descriptor descriptor;
  private final Duration patience;

  private Listener(int descriptor, Duration patience) {
    this.descriptor = new Descriptor(descriptor);
    this.patience = patience;
  }

  /**
   * Listens at a path where nothing may be yet.
   *
   * @param part whose library this needs to be loaded
   * @param mode permissions of the socket file, such as 0600
   * @param patience how long a connection waits for its peer
   */
  public static Listener at(KernelPart part, Path path, int mode, Duration patience)
      throws IOException {
    return new Listener(NativeBridge.listenAt(NetworkFilter.bytes(path), mode), patience);
  }

  /** The next connection, if one is there. */
  public Optional<Connection> accept() throws IOException {
    int connection = NativeBridge.accept(descriptor.number(), (int) patience.toMillis());
    return connection < 0 ? Optional.empty() : Optional.of(new Connection(connection));
  }

  Descriptor descriptor() {
    return descriptor;
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
