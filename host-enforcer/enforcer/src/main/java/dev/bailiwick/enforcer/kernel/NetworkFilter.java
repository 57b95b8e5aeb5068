// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * The cgroup BPF programs of one sandbox, with maps and event ring of their own: concurrent
 * sandboxes share nothing.
 *
 * <p>From {@link #attach} on the cgroup is denied everything; {@link #admit} lets it reach what
 * {@link #allow} named. Thread-safe, except that only one thread at a time may call {@link #poll}.
 */
public final class NetworkFilter implements AutoCloseable {
  /** The only policy and the only agent in these maps: every sandbox has its own. */
  private static final int POLICY = 1;

  private static final int AGENT = 1;
  private static final int MAY_BIND_UDP = 1;
  private static final int MAY_LISTEN = 2;
  private static final int EVENTS_PER_POLL = 256;
  private static final byte[] PRESENT = {1};

  private final long handle;
  private final ByteBuffer events =
      ByteBuffer.allocateDirect(EVENTS_PER_POLL * KernelEvent.BYTES).order(ByteOrder.nativeOrder());
  private boolean closed;

  private NetworkFilter(long handle) {
    this.handle = handle;
  }

  /**
   * Verifies and loads the programs; nothing is attached yet.
   *
   * @param level how deep the sandbox's cgroup is in the hierarchy, as far as this process sees it
   */
  public static NetworkFilter load(KernelPart part, int level) throws IOException {
    return new NetworkFilter(NativeBridge.load(part.bpfObject(), level));
  }

  /** Attaches to a cgroup and pins every link, so that the rule outlives this process. */
  public void attach(Path cgroup, Path pins) throws IOException {
    NativeBridge.attach(handle, bytes(cgroup), bytes(pins));
  }

  public void allow(Endpoint endpoint) throws IOException {
    if (endpoint.isExact()) {
      NativeBridge.put(handle, "bailiwick_exact", endpoint.exactKey(POLICY), PRESENT);
    } else {
      NativeBridge.put(handle, "bailiwick_ranges", endpoint.rangeKey(POLICY), PRESENT);
    }
  }

  /** Makes the cgroup a sandbox: until then, it reaches nothing. */
  public void admit(Path cgroup, boolean mayBindUdp, boolean mayListen) throws IOException {
    byte[] key = new byte[Long.BYTES];
    ByteBuffer.wrap(key)
        .order(ByteOrder.nativeOrder())
        .putLong(NativeBridge.cgroupId(bytes(cgroup)));
    int flags = (mayBindUdp ? MAY_BIND_UDP : 0) | (mayListen ? MAY_LISTEN : 0);
    byte[] value = new byte[4 * Integer.BYTES];
    ByteBuffer.wrap(value)
        .order(ByteOrder.nativeOrder())
        .putInt(POLICY)
        .putInt(AGENT)
        .putInt(flags);
    NativeBridge.put(handle, "bailiwick_agents", key, value);
  }

  /**
   * Hands over the denials that are there, waiting up to a timeout for the first.
   *
   * @return how many there were
   */
  public int poll(int timeoutMillis, Consumer<KernelEvent> receiver) throws IOException {
    events.clear();
    events.limit(NativeBridge.poll(handle, events, timeoutMillis));
    int count = 0;
    while (events.hasRemaining()) {
      receiver.accept(KernelEvent.decode(events));
      count++;
    }
    return count;
  }

  /** Ends a {@link #poll} that waits; later ones do not wait any more. */
  public void wake() throws IOException {
    NativeBridge.wake(handle);
  }

  /** Denials since {@link #load} for which the ring had no room. They were denied all the same. */
  public long lost() throws IOException {
    return NativeBridge.lost(handle);
  }

  /** Lets go of everything. What is pinned stays in force until its pin is removed. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      NativeBridge.close(handle);
    }
  }

  static byte[] bytes(Path path) {
    return path.toString().getBytes(UTF_8);
  }
}
