// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The cgroups of sandboxes: {@code bailiwick/<uid>} under wherever cgroup2 is mounted, and the same
 * under the version 1 memory hierarchy where memory is not a cgroup2 controller. Stateless.
 *
 * @param level how deep a sandbox's cgroup is in the hierarchy, as far as this process sees it
 */
record CgroupTree(Path unified, Optional<Path> legacyMemory, int level) {
  private static final String PARENT = "bailiwick";
  private static final String MEMORY = "memory";
  private static final int LEVELS_OF_OUR_OWN = 2;
  private static final int PATIENCE_MILLIS = 5000;
  private static final int PAUSE_MILLIS = 2;

  /** Reads {@code /proc/self/mountinfo}; empty when cgroup2 is not mounted. */
  static Optional<CgroupTree> find() throws IOException {
    return parse(Files.readAllLines(Path.of("/proc/self/mountinfo")));
  }

  static Optional<CgroupTree> parse(List<String> mountinfo) {
    Optional<Path> unified = Optional.empty();
    Optional<Path> memory = Optional.empty();
    int depth = 0;
    for (String line : mountinfo) {
      String[] halves = line.split(" - ", 2);
      String[] mount = halves[0].split(" ", -1);
      String[] filesystem = halves[halves.length - 1].split(" ", -1);
      if (mount.length < 5 || filesystem.length < 3) {
        continue;
      }
      if (filesystem[0].equals("cgroup2") && unified.isEmpty()) {
        unified = Optional.of(Path.of(mount[4]));
        depth = depth(mount[3]);
      } else if (filesystem[0].equals("cgroup")
          && Arrays.asList(filesystem[2].split(",", -1)).contains(MEMORY)) {
        memory = Optional.of(Path.of(mount[4]));
      }
    }
    int level = depth + LEVELS_OF_OUR_OWN;
    Optional<Path> legacy = memory;
    return unified.map(path -> new CgroupTree(path, legacy, level));
  }

  /** A part of the hierarchy may be mounted; above a namespace ({@code /..}) nothing is known. */
  private static int depth(String root) {
    return root.contains("..") ? 0 : Path.of(root).getNameCount();
  }

  Path cgroup(int uid) {
    return unified.resolve(PARENT).resolve(Integer.toString(uid));
  }

  /** Version 1 cgroups that a sandbox must be put into as well; they exist only for limits. */
  List<Path> legacyCgroups(int uid) {
    return legacyMemory.map(path -> path.resolve(PARENT).resolve(Integer.toString(uid))).stream()
        .filter(Files::isDirectory)
        .toList();
  }

  /** Makes the cgroup of a sandbox and sets its limit. */
  void create(int uid, OptionalLong memoryBytes) throws IOException, SandboxException {
    Path cgroup = cgroup(uid);
    Files.createDirectories(cgroup);
    if (memoryBytes.isEmpty()) {
      return;
    }
    if (controllers(unified).contains(MEMORY)) {
      limitUnified(cgroup, memoryBytes.getAsLong());
    } else if (legacyMemory.isPresent()) {
      Path legacy = legacyMemory.get().resolve(PARENT).resolve(Integer.toString(uid));
      Files.createDirectories(legacy);
      write(legacy.resolve("memory.limit_in_bytes"), Long.toString(memoryBytes.getAsLong()));
      writeIfPresent(
          legacy.resolve("memory.memsw.limit_in_bytes"), Long.toString(memoryBytes.getAsLong()));
    } else {
      throw new SandboxException(
          "limits.memory cannot be enforced here: no cgroup memory controller is to be had; enable"
              + " it, or take the limit out of the bundle");
    }
  }

  private void limitUnified(Path cgroup, long bytes) throws IOException, SandboxException {
    try {
      write(unified.resolve("cgroup.subtree_control"), "+" + MEMORY);
      write(unified.resolve(PARENT).resolve("cgroup.subtree_control"), "+" + MEMORY);
    } catch (IOException e) {
      throw new SandboxException(
          "limits.memory cannot be enforced here: the memory controller cannot be handed down from "
              + unified
              + " ("
              + e.getMessage()
              + "); enable it there, or take the limit out of the bundle");
    }
    write(cgroup.resolve("memory.max"), Long.toString(bytes));
    writeIfPresent(cgroup.resolve("memory.swap.max"), "0");
  }

  private static List<String> controllers(Path cgroup) throws IOException {
    return Arrays.asList(
        Files.readString(cgroup.resolve("cgroup.controllers")).strip().split(" ", -1));
  }

  /** Ends every process of a sandbox; does nothing when its cgroup is gone. */
  void kill(int uid) throws IOException {
    Path cgroup = cgroup(uid);
    if (!Files.isDirectory(cgroup)) {
      return;
    }
    Path kill = cgroup.resolve("cgroup.kill");
    if (Files.exists(kill)) {
      write(kill, "1");
    } else {
      for (String pid : Files.readAllLines(cgroup.resolve("cgroup.procs"))) {
        ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
      }
    }
  }

  /**
   * Removes the cgroups of a sandbox, with those that were made inside them. Waits a few seconds
   * for processes that are still ending.
   *
   * @throws IOException when some process does not end
   */
  void remove(int uid) throws IOException {
    List<Path> roots = new ArrayList<>(legacyCgroups(uid));
    roots.add(cgroup(uid));
    for (Path root : roots) {
      remove(root, uid);
    }
  }

  private void remove(Path root, int uid) throws IOException {
    for (int waited = 0; Files.isDirectory(root); waited += PAUSE_MILLIS) {
      try {
        removeTree(root);
      } catch (IOException e) {
        if (waited >= PATIENCE_MILLIS) {
          throw e;
        }
        kill(uid);
        pause();
      }
    }
  }

  private static void removeTree(Path root) throws IOException {
    try (var children = Files.newDirectoryStream(root, Files::isDirectory)) {
      for (Path child : children) {
        removeTree(child);
      }
    }
    Files.deleteIfExists(root);
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a sandbox was ending", e);
    }
  }

  /** Control files take one write and must never be made by it. */
  private static void write(Path file, String value) throws IOException {
    Files.writeString(file, value, java.nio.file.StandardOpenOption.WRITE);
  }

  private static void writeIfPresent(Path file, String value) throws IOException {
    if (Files.exists(file)) {
      write(file, value);
    }
  }
}
