// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

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

  /**
   * Where a process waits for leave to execute its command. It says there what is wrong, instead of
   * on its standard error, which belongs to somebody who need not read.
   */
  public static final class Gate implements AutoCloseable {
    /** Instead of a pid: the process neither stands behind its walls nor has it given up. */
    public static final int LATE = -1;

    private final Descriptor ours;
    private final Descriptor theirs;
    private boolean released;
    private boolean closed;

    private Gate(long ends) {
      this.ours = new Descriptor((int) ends);
      this.theirs = new Descriptor((int) (ends >>> Integer.SIZE));
    }

    /**
     * Opens a gate.
     *
     * @param patience how long this side waits for the process
     */
    public static Gate open(Duration patience) throws IOException {
      return new Gate(NativeBridge.pair((int) patience.toMillis()));
    }

    /** The pid of the process as soon as it exists; 0 when it was not made, or LATE. */
    public int awaitBorn() {
      return NativeBridge.awaitBorn(ours.number());
    }

    /** The pid of the process once all its walls stand; 0 when it has ended before, or LATE. */
    public int awaitConfined() {
      return NativeBridge.awaitConfined(ours.number());
    }

    /** Lets the command be executed, or ends the process without it. */
    public synchronized void release(boolean go) {
      if (!released) {
        released = true;
        if (go) {
          NativeBridge.go(ours.number());
        } else {
          NativeBridge.hangUp(ours.number());
        }
      }
    }

    /** To be called by the spawning thread when it has spawned. */
    public synchronized void leave() {
      if (!closed) { // afterwards its number may be another descriptor's
        NativeBridge.hangUp(theirs.number());
        theirs.close();
      }
    }

    /** One line of the process that failed; to be asked for when it was spawned. */
    public Optional<String> complaint() {
      return Optional.ofNullable(NativeBridge.complaint(ours.number()))
          .map(bytes -> new String(bytes, UTF_8));
    }

    @Override
    public synchronized void close() {
      closed = true;
      release(false);
      ours.close();
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
