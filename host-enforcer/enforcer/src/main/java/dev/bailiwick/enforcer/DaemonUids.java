// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
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

  /** So many are noted as given out at once: one write for many sandboxes. */
  private static final int NOTED_AHEAD = 256;

  private final Path run;
  private final Path state;
  private final Path note;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition released = lock.newCondition();
  private final Set<Integer> taken = new HashSet<>();
  private final Set<Integer> ending = new HashSet<>();
  private int next;
  private int noted;

  private DaemonUids(Path run, Path state, int next) {
    this.run = run;
    this.state = state;
    this.note = note(state);
    this.next = next;
    this.noted = next;
  }

  /**
   * Goes on behind the last uid that was given out by any daemon before, so that a file which a
   * sandbox left somewhere does not belong to the next one. Only when all of them were given out do
   * they come again.
   *
   * @param state the directory in which the next one is noted
   * @throws SandboxException when what is noted makes no sense
   */
  static DaemonUids open(Path run, Path state) throws IOException, SandboxException {
    Path note = note(state);
    if (!Files.exists(note)) {
      return new DaemonUids(run, state, 0);
    }
    String text = Files.readString(note).strip();
    if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) >= Reservation.UIDS) {
      throw new SandboxException(
          note
              + " must be a number below "
              + Reservation.UIDS
              + ", the next sandbox's uid; remove it to begin with the first, when no sandbox left"
              + " files");
    }
    return new DaemonUids(run, state, Integer.parseInt(text));
  }

  private static Path note(Path state) {
    return state.resolve("next-uid");
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
        noteAhead();
        int uid = Reservation.FIRST_DAEMON_UID + next;
        next = (next + 1) % Reservation.UIDS;
        if (!isTakenByRun(uid) && taken.add(uid)) {
          return uid;
        }
      }
      throw new SandboxException("all " + Reservation.UIDS + " sandbox uids are in use");
    } finally {
      lock.unlock();
    }
  }

  /** Before a uid is given out it is noted as such, whatever happens then. */
  private void noteAhead() throws IOException {
    if (next != noted) {
      return;
    }
    int ahead = (next + NOTED_AHEAD) % Reservation.UIDS;
    Path fresh = note.resolveSibling(note.getFileName() + ".new");
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap((ahead + "\n").getBytes(US_ASCII)));
      channel.force(true);
    }
    Files.move(fresh, note, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel directory = FileChannel.open(state, StandardOpenOption.READ)) {
      directory.force(true);
    }
    noted = ahead;
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
