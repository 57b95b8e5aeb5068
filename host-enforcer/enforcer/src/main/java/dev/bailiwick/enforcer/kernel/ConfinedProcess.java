// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer.kernel;

import java.io.IOException;

/**
 * A process behind all its walls that has not executed its command yet, then the command. Not
 * thread-safe: {@link #start} and {@link #waitFor} belong to one platform thread, because the
 * launcher follows the end of the thread that started it.
 *
 * <p>Standard input, output and error are this process's own. SIGINT, SIGTERM and SIGHUP that
 * somebody sends to this process go to the command until {@link #waitFor} returns.
 */
public final class ConfinedProcess {
  private final int launcher;
  private final int control;
  private final int pid;

  private ConfinedProcess(int launcher, int control, int pid) {
    this.launcher = launcher;
    this.control = control;
    this.pid = pid;
  }

  /** Starts the launcher and returns when all walls stand, or when it gave up. */
  public static ConfinedProcess start(KernelPart part, byte[] spec) throws IOException {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException("a sandbox must be started by a platform thread");
    }
    long started = NativeBridge.spawn(NetworkFilter.bytes(part.launcher()), spec);
    int control = (int) (started >>> Integer.SIZE);
    return new ConfinedProcess((int) started, control, NativeBridge.awaitConfined(control));
  }

  /** False when a wall could not be put up; the launcher has said on standard error which. */
  public boolean isConfined() {
    return pid > 0;
  }

  /** The pid of the command. */
  public int pid() {
    return pid;
  }

  /** Lets the command be executed, or ends the process without it. To be called once. */
  public void release(boolean go) {
    NativeBridge.release(control, go);
  }

  /** Exit status as a shell has it: the command's own, or 128 + n when signal n ended it. */
  public int waitFor() throws IOException {
    return NativeBridge.waitFor(launcher);
  }
}
