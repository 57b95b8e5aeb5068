// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The process that looks after a sandbox, in a form that outlives a daemon: a pid alone may be
 * somebody else's by then.
 *
 * @param started in clock ticks since the machine's start, as {@code /proc/PID/stat} has it
 */
record Owner(int pid, long started) {
  private static final int STARTED = 19; // counted from the field behind the name

  /** Empty when there is no such process, or it is in a namespace that cannot be seen from here. */
  static Optional<Owner> of(int pid) throws IOException {
    Path stat = Path.of("/proc", Integer.toString(pid), "stat");
    if (pid <= 0 || !Files.exists(stat)) {
      return Optional.empty();
    }
    String line = Files.readString(stat);
    String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
    return fields[0].equals("Z")
        ? Optional.empty()
        : Optional.of(new Owner(pid, Long.parseLong(fields[STARTED])));
  }

  /** As {@link #toString} wrote it. */
  static Owner parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("an owner is pid:started");
    }
    return new Owner(
        Integer.parseInt(text.substring(0, colon)), Long.parseLong(text.substring(colon + 1)));
  }

  boolean isAlive() {
    try {
      return of(pid).filter(this::equals).isPresent();
    } catch (IOException e) {
      return false; // it ended while it was looked at
    }
  }

  @Override
  public String toString() {
    return pid + ":" + started;
  }
}
