// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer.kernel;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A confined process that this process made itself, without a launcher in between. Thread-safe.
 *
 * <p>{@link #spawn} blocks until the command is executed, and the process waits before that until
 * it is released: so one thread spawns, and another talks to the process through its {@link Gate}.
 * The spawning thread must live as long as the process, which follows its end.
 */
public final class SpawnedProcess implements AutoCloseable {
  private final int pid;
  private final Descriptor descriptor;

  private SpawnedProcess(int pid, Descriptor descriptor) {
    this.pid = pid;
    this.descriptor = descriptor;
  }

  /** Where a process waits for leave to execute its command. */
  public static final class Gate implements AutoCloseable {
    private final int ours;
    private final Descriptor theirs;
    private boolean released;

    private Gate(long ends) {
      this.ours = (int) ends;
      this.theirs = new Descriptor((int) (ends >>> Integer.SIZE));
    }

    public static Gate open() throws IOException {
      return new Gate(NativeBridge.pair());
    }

    /** The pid of the process once all its walls stand; 0 when it has ended before. */
    public int awaitConfined() {
      return NativeBridge.awaitConfined(ours);
    }

    /** Lets the command be executed, or ends the process without it. */
    public synchronized void release(boolean go) {
      if (!released) {
        released = true;
        NativeBridge.release(ours, go);
      }
    }

    /** To be called by the spawning thread when it has spawned. */
    public void leave() {
      theirs.close();
    }

    @Override
    public void close() {
      release(false);
      theirs.close();
    }
  }

  /** Whether this architecture has it. */
  public static boolean isSupported() {
    return NativeBridge.canSpawnConfined();
  }

  /**
   * Makes the process.
   *
   * @param spec a launch specification with {@code supervisor=enforcer}
   * @param streams standard input, output and error
   */
  public static SpawnedProcess spawn(byte[] spec, Path cgroup, List<Descriptor> streams, Gate gate)
      throws IOException {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException("a sandbox must be started by a platform thread");
    }
    long born =
        NativeBridge.spawnConfined(
            spec,
            NetworkFilter.bytes(cgroup),
            streams.get(0).number(),
            streams.get(1).number(),
            streams.get(2).number(),
            gate.theirs.number());
    return new SpawnedProcess((int) born, new Descriptor((int) (born >>> Integer.SIZE)));
  }

  public int pid() {
    return pid;
  }

  Descriptor descriptor() {
    return descriptor;
  }

  public void signal(int number) {
    NativeBridge.signalProcess(descriptor.number(), number);
  }

  /** Exit status as a shell has it; blocks until there is one. To be called once. */
  public int reap() throws IOException {
    return NativeBridge.reap(pid);
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
