// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The uids of the daemon's sandboxes. Thread-safe. */
final class DaemonUids {
  /** An ended sandbox keeps its uid until the last of its denials is recorded. */
  private static final long PATIENCE_MILLIS = 2_000;

  private final Path run;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition released = lock.newCondition();
  private final Set<Integer> taken = new HashSet<>();
  private final Set<Integer> ending = new HashSet<>();
  private int next;

  DaemonUids(Path run) {
    this.run = run;
  }

  /**
   * Takes a free uid.
   *
   * @param wanted the uid to take and no other, when a workspace belongs to it
   * @throws SandboxException when it is taken
   */
  int take(OptionalInt wanted) throws SandboxException, IOException {
    lock.lock();
    try {
      if (wanted.isPresent()) {
        takeWanted(wanted.getAsInt());
        return wanted.getAsInt();
      }
      for (int i = 0; i < Reservation.UIDS; i++) {
        int uid = Reservation.FIRST_DAEMON_UID + (next++ & (Reservation.UIDS - 1));
        if (!isTakenByRun(uid) && taken.add(uid)) {
          return uid;
        }
      }
      throw new SandboxException("all " + Reservation.UIDS + " sandbox uids are in use");
    } finally {
      lock.unlock();
    }
  }

  private void takeWanted(int uid) throws SandboxException, IOException {
    long left = TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    while (ending.contains(uid) && left > 0) {
      try {
        left = released.awaitNanos(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while a sandbox was ending", e);
      }
    }
    if (isTakenByRun(uid) || !taken.add(uid)) {
      throw Reservation.inUse(uid);
    }
  }

  /** Takes a uid that a sandbox has already. */
  void adopt(int uid) {
    lock.lock();
    try {
      taken.add(uid);
    } finally {
      lock.unlock();
    }
  }

  /** It will be released soon; whoever wants it waits. */
  void announceEnd(int uid) {
    lock.lock();
    try {
      ending.add(uid);
    } finally {
      lock.unlock();
    }
  }

  void release(int uid) {
    lock.lock();
    try {
      taken.remove(uid);
      ending.remove(uid);
      released.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean isTakenByRun(int uid) {
    return Files.exists(Reservation.runs(run).resolve(Integer.toString(uid)));
  }
}
