// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer.kernel;

import java.io.IOException;
import java.util.Arrays;

/**
 * Waits for many descriptors at once; each is told once by the name that it was added with, and
 * again only after it is watched again. Thread-safe, except that one thread at a time may {@link
 * #await}.
 */
public final class Watch implements AutoCloseable {
  private static final int AT_ONCE = 64;
  private static final long BELL = -1;

  private final Descriptor descriptor;
  private final Descriptor bell;

  private Watch(Descriptor descriptor, Descriptor bell) {
    this.descriptor = descriptor;
    this.bell = bell;
  }

  public static Watch open() throws IOException {
    Watch watch =
        new Watch(
            new Descriptor(NativeBridge.openWatch()), new Descriptor(NativeBridge.openBell()));
    watch.watch(watch.bell, BELL, false);
    return watch;
  }

  public void add(Listener listener, long name) throws IOException {
    watch(listener.descriptor(), name, false);
  }

  public void again(Listener listener, long name) throws IOException {
    watch(listener.descriptor(), name, true);
  }

  public void add(Connection connection, long name) throws IOException {
    watch(connection.descriptor(), name, false);
  }

  public void again(Connection connection, long name) throws IOException {
    watch(connection.descriptor(), name, true);
  }

  /** Tells when the process has ended. */
  public void add(SpawnedProcess process, long name) throws IOException {
    watch(process.descriptor(), name, false);
  }

  private void watch(Descriptor which, long name, boolean again) throws IOException {
    NativeBridge.watch(descriptor.number(), which.number(), name, again);
  }

  /** Names of what can be read; empty when {@link #wake} was called. */
  public long[] await() throws IOException {
    long[] names = new long[AT_ONCE];
    int count = NativeBridge.awaitReadable(descriptor.number(), names);
    return Arrays.stream(names, 0, count).filter(name -> name != BELL).toArray();
  }

  /** Ends an {@link #await}, once. */
  public void wake() {
    NativeBridge.ring(bell.number());
  }

  @Override
  public void close() {
    descriptor.close();
    bell.close();
  }
}
