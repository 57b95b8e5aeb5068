// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer.kernel;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A connected unix socket whose peer the kernel has identified. Nothing on it waits longer than its
 * patience. One thread at a time may use it.
 */
public final class Connection implements AutoCloseable {
  private static final int MAX_DESCRIPTORS = 3;
  private static final int[] NONE = {};

  private final Descriptor descriptor;
  private final List<Descriptor> received = new ArrayList<>();
  private final int uid;
  private final int pid;

  Connection(int descriptor) throws IOException {
    this.descriptor = new Descriptor(descriptor);
    long peer;
    try {
      peer = NativeBridge.peer(descriptor);
    } catch (IOException e) {
      this.descriptor.close();
      throw e;
    }
    this.uid = (int) peer;
    this.pid = (int) (peer >>> Integer.SIZE);
  }

  /** Who connected. */
  public int uid() {
    return uid;
  }

  public int pid() {
    return pid;
  }

  /**
   * Reads what is there, at least one byte. Descriptors that come along are kept for {@link
   * #takeDescriptors}.
   *
   * @return how many bytes; 0 when the peer is gone
   * @throws IOException when nothing comes in time, or more descriptors than three
   */
  public int receive(byte[] into, int offset) throws IOException {
    int[] numbers = new int[MAX_DESCRIPTORS];
    int length = NativeBridge.receive(descriptor.number(), into, offset, numbers);
    for (int number : numbers) {
      if (number >= 0) {
        received.add(new Descriptor(number));
      }
    }
    if (received.size() > MAX_DESCRIPTORS) {
      throw new IOException("receiving: too many descriptors came along");
    }
    return length;
  }

  /** Fills the array; false when the peer is gone before. */
  public boolean receiveAll(byte[] into) throws IOException {
    int have = 0;
    while (have < into.length) {
      byte[] rest = new byte[into.length - have];
      int more = receive(rest, 0);
      if (more == 0) {
        return false;
      }
      System.arraycopy(rest, 0, into, have, more);
      have += more;
    }
    return true;
  }

  /** What came along; from here on the caller's to close. */
  public List<Descriptor> takeDescriptors() {
    List<Descriptor> taken = List.copyOf(received);
    received.clear();
    return taken;
  }

  public void send(byte[] bytes) throws IOException {
    NativeBridge.send(descriptor.number(), bytes, NONE);
  }

  /** Sends copies of descriptors beside the first byte. */
  public void send(byte[] bytes, Descriptor first, Descriptor second) throws IOException {
    NativeBridge.send(descriptor.number(), bytes, new int[] {first.number(), second.number()});
  }

  Descriptor descriptor() {
    return descriptor;
  }

  @Override
  public void close() {
    received.forEach(Descriptor::close);
    received.clear();
    descriptor.close();
  }
}
