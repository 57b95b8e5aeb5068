// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A uid that belongs to one running sandbox, and with it the names of its cgroup and pins. A lock
 * that dies with this process tells the living from the dead, so that what a killed run left behind
 * can be taken up and cleaned.
 */
final class Reservation implements AutoCloseable {
  /** Above everything that systemd, containers and directories hand out; below 2^31. */
  static final int FIRST_UID = 1_900_000_000;

  static final int UIDS = 65_536;

  /** The daemon gives out its own, so that it and a single run never take the same. */
  static final int FIRST_DAEMON_UID = FIRST_UID + UIDS;

  private static final SecureRandom RANDOM = new SecureRandom();

  /** File locks hold between processes; between the threads of this one, this does. */
  private static final ReentrantLock WITHIN_PROCESS = new ReentrantLock();

  private static final FileAttribute<?> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  /**
   * Reservations of this process. Their lock files are never opened a second time: closing any
   * descriptor of a file gives up every lock that the process holds on it.
   */
  private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

  private final int uid;
  private final Path directory;
  private final FileChannel channel;

  private Reservation(int uid, Path directory, FileChannel channel) {
    this.uid = uid;
    this.directory = directory;
    this.channel = channel;
  }

  int uid() {
    return uid;
  }

  /** Whether it is a sandbox's, of a single run or of the daemon. */
  static boolean inRange(int uid) {
    return uid >= FIRST_UID && uid < FIRST_DAEMON_UID + UIDS;
  }

  static boolean isDaemons(int uid) {
    return uid >= FIRST_DAEMON_UID && inRange(uid);
  }

  /**
   * Takes a free uid.
   *
   * @param wanted the uid to take and no other, when there is a reason
   * @throws SandboxException when it is taken
   */
  static Reservation take(Path run, OptionalInt wanted) throws IOException, SandboxException {
    WITHIN_PROCESS.lock();
    try (FileChannel guard = guard(run)) {
      guard.lock();
      if (wanted.isPresent()) {
        int uid = wanted.getAsInt();
        Reservation reservation =
            Files.exists(run.resolve("sandboxes").resolve(Integer.toString(uid)))
                ? null
                : tryTake(run, uid);
        if (reservation == null) {
          throw inUse(uid);
        }
        return reservation;
      }
      int offset = RANDOM.nextInt(UIDS);
      for (int i = 0; i < UIDS; i++) {
        Reservation reservation = tryTake(run, FIRST_UID + (offset + i) % UIDS);
        if (reservation != null) {
          return reservation;
        }
      }
      throw new SandboxException("all " + UIDS + " sandbox uids are in use");
    } finally {
      WITHIN_PROCESS.unlock();
    }
  }

  static SandboxException inUse(int uid) {
    return new SandboxException(
        "the workspace belongs to a sandbox that is running (uid "
            + uid
            + "); wait for its end, or give another workspace");
  }

  /** Takes over what runs left that were killed before they could clean up. */
  static List<Reservation> takeStale(Path run) throws IOException {
    List<Reservation> stale = new ArrayList<>();
    WITHIN_PROCESS.lock();
    try (FileChannel guard = guard(run);
        DirectoryStream<Path> runs = Files.newDirectoryStream(runs(run))) {
      guard.lock();
      for (Path directory : runs) {
        int uid = parse(directory.getFileName().toString());
        FileChannel channel = inRange(uid) ? tryLock(directory) : null;
        if (channel != null) {
          stale.add(new Reservation(uid, directory, channel));
        }
      }
    } finally {
      WITHIN_PROCESS.unlock();
    }
    return stale;
  }

  /** Gives the uid back. To be called only when nothing of the sandbox is left. */
  @Override
  public void close() throws IOException {
    Files.deleteIfExists(directory.resolve("lock"));
    Files.deleteIfExists(directory);
    abandon();
  }

  /** Leaves the uid reserved because something of the sandbox is left; a later start cleans it. */
  void abandon() throws IOException {
    channel.close();
    OWN.remove(directory);
  }

  private static @Nullable Reservation tryTake(Path run, int uid) throws IOException {
    Path directory = runs(run).resolve(Integer.toString(uid));
    try {
      Files.createDirectory(directory, PRIVATE);
    } catch (FileAlreadyExistsException e) {
      return null;
    }
    FileChannel channel = tryLock(directory);
    if (channel == null) {
      throw new IOException(directory + " is locked although it is new");
    }
    return new Reservation(uid, directory, channel);
  }

  private static @Nullable FileChannel tryLock(Path directory) throws IOException {
    if (OWN.contains(directory)) {
      return null;
    }
    FileChannel channel =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (channel.tryLock() == null) {
      channel.close();
      return null;
    }
    OWN.add(directory);
    return channel;
  }

  private static FileChannel guard(Path run) throws IOException {
    if (!Files.isDirectory(run)) {
      Files.createDirectories(run, PRIVATE);
    }
    Files.createDirectories(runs(run), PRIVATE);
    return FileChannel.open(
        run.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  static Path runs(Path run) {
    return run.resolve("runs");
  }

  private static int parse(String name) {
    try {
      return Integer.parseInt(name);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
