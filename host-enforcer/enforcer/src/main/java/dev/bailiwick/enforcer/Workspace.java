// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.OptionalInt;

/**
 * The directory that belongs to a sandbox's uid: its home, its temporary files, where it starts.
 */
final class Workspace {
  private static final String OWNER_ONLY = "rwx------";
  private static final int OTHERS_MAY_PASS = 1;

  private Workspace() {}

  /**
   * The uid that a given workspace belongs to already, when a sandbox left it: its files are only
   * of use to the same uid.
   *
   * @throws SandboxException when the directory is somebody else's and holds files
   */
  static OptionalInt ownerOf(Path given) throws IOException, SandboxException {
    if (!Files.exists(given, LinkOption.NOFOLLOW_LINKS)) {
      return OptionalInt.empty();
    }
    if (!Files.isDirectory(given)) {
      throw new SandboxException("the workspace " + given + " is not a directory");
    }
    int owner = (Integer) Files.getAttribute(given, "unix:uid");
    if (Reservation.inRange(owner)) {
      return OptionalInt.of(owner);
    }
    try (var entries = Files.list(given)) {
      if (entries.findAny().isPresent()) {
        throw new SandboxException(
            "the workspace "
                + given
                + " holds files of uid "
                + owner
                + "; give an empty directory, one that a sandbox has used, or hand it over first"
                + " with chown -R "
                + Reservation.FIRST_UID);
      }
    }
    return OptionalInt.empty();
  }

  /** A fresh directory under the enforcer's own; {@link Leftovers} removes it. */
  static Path fresh(Path workspaces, int uid) throws IOException, SandboxException {
    Files.createDirectories(workspaces);
    Path enforcer = workspaces.getParent();
    if (enforcer != null) {
      Files.setPosixFilePermissions(enforcer, PosixFilePermissions.fromString("rwx--x--x"));
    }
    Files.setPosixFilePermissions(workspaces, PosixFilePermissions.fromString("rwx--x--x"));
    Path path = workspaces.resolve(Integer.toString(uid));
    removeTree(path);
    return handOver(path, uid);
  }

  /** The directory that the caller gave, made if absent. */
  static Path given(Path given, int uid) throws IOException, SandboxException {
    return handOver(given.toAbsolutePath().normalize(), uid);
  }

  private static Path handOver(Path path, int uid) throws IOException, SandboxException {
    if (!Files.exists(path)) {
      Files.createDirectory(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY)));
    }
    Path real = path.toRealPath();
    for (Path above = real.getParent(); above != null; above = above.getParent()) {
      if (Reservation.inRange((Integer) Files.getAttribute(above, "unix:uid"))) {
        throw new SandboxException(
            "the workspace "
                + real
                + " lies in "
                + above
                + ", which belongs to another sandbox; put it elsewhere");
      }
      if (((Integer) Files.getAttribute(above, "unix:mode") & OTHERS_MAY_PASS) == 0) {
        throw new SandboxException(
            "the workspace "
                + real
                + " cannot be reached by a sandbox: "
                + above
                + " lets only its owner pass; put the workspace elsewhere, or chmod o+x "
                + above);
      }
    }
    Files.setAttribute(real, "unix:uid", uid);
    Files.setAttribute(real, "unix:gid", uid);
    return real;
  }

  /**
   * Removes a directory and what is in it; links are removed, never followed. Directories inside
   * are moved up before they are emptied, because an agent can nest them deeper than any path can
   * name; and nothing is listed as a whole, because it can make more files than fit into memory.
   */
  static void removeTree(Path root) throws IOException {
    if (!Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)) {
      Files.deleteIfExists(root);
      return;
    }
    long moved = 0;
    boolean mayHoldMore = true;
    while (mayHoldMore) {
      mayHoldMore = false;
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
        for (Path entry : entries) {
          mayHoldMore = true; // what is moved up meanwhile may be listed, or not
          moved = remove(entry, root, moved);
        }
      }
    }
    Files.delete(root);
  }

  /** Removes one entry of the root; the directories in it become entries of the root. */
  private static long remove(Path entry, Path root, long moved) throws IOException {
    long number = moved;
    if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
      try (DirectoryStream<Path> inside = Files.newDirectoryStream(entry)) {
        for (Path each : inside) {
          if (Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS)) {
            Path up = root.resolve(".removing." + number++);
            while (Files.exists(up, LinkOption.NOFOLLOW_LINKS)) {
              up = root.resolve(".removing." + number++);
            }
            Files.move(each, up);
          } else {
            Files.delete(each);
          }
        }
      }
    }
    Files.delete(entry);
    return number;
  }
}
