// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.policy.Bundle.HostLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The cgroups of sandboxes: {@code <parent>/<uid>} under wherever cgroup2 is mounted, and the same
 * under the version 1 hierarchies of those controllers that are not cgroup2's. Stateless.
 *
 * @param legacy where a controller's version 1 hierarchy is mounted
 * @param level how deep a sandbox's cgroup is in the hierarchy, as far as this process sees it
 */
record CgroupTree(Path unified, Map<String, Path> legacy, int level, String parent) {
  private static final String MEMORY = "memory";
  private static final String PIDS = "pids";
  private static final String CPU = "cpu";
  private static final List<String> CONTROLLERS = List.of(MEMORY, PIDS, CPU);
  private static final int LEVELS_OF_OUR_OWN = 2;
  private static final int PATIENCE_MILLIS = 5000;
  private static final int PAUSE_MILLIS = 2;
  private static final int CPU_PERIOD_MICROS = 100_000;

  CgroupTree {
    legacy = Map.copyOf(legacy);
  }

  /** Reads {@code /proc/self/mountinfo}; empty when cgroup2 is not mounted. */
  static Optional<CgroupTree> find(String parent) throws IOException {
    return parse(Files.readAllLines(Path.of("/proc/self/mountinfo")), parent);
  }

  static Optional<CgroupTree> parse(List<String> mountinfo, String parent) {
    Optional<Path> unified = Optional.empty();
    Map<String, Path> legacy = new HashMap<>();
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
      } else if (filesystem[0].equals("cgroup")) {
        List<String> controllers = Arrays.asList(filesystem[2].split(",", -1));
        for (String controller : CONTROLLERS) {
          if (controllers.contains(controller)) {
            legacy.putIfAbsent(controller, Path.of(mount[4]));
          }
        }
      }
    }
    int level = depth + LEVELS_OF_OUR_OWN;
    return unified.map(path -> new CgroupTree(path, legacy, level, parent));
  }

  /** A part of the hierarchy may be mounted; above a namespace ({@code /..}) nothing is known. */
  private static int depth(String root) {
    return root.contains("..") ? 0 : Path.of(root).getNameCount();
  }

  /** The cgroup that holds all sandboxes of this tree. */
  Path root() {
    return unified.resolve(parent);
  }

  Path cgroup(int uid) {
    return root().resolve(Integer.toString(uid));
  }

  /** Version 1 cgroups that a sandbox must be put into as well; they exist only for limits. */
  List<Path> legacyCgroups(int uid) {
    return legacy.values().stream()
        .distinct()
        .map(path -> path.resolve(parent).resolve(Integer.toString(uid)))
        .filter(Files::isDirectory)
        .toList();
  }

  /** What a bundle could limit and no controller here can; processes are limited by uid as well. */
  List<String> missingControllers() {
    return Stream.of(MEMORY, CPU).filter(controller -> !has(controller)).toList();
  }

  private boolean has(String controller) {
    return legacy.containsKey(controller) || unifiedHas(controller);
  }

  private boolean unifiedHas(String controller) {
    try {
      return controllers(unified).contains(controller);
    } catch (IOException e) {
      return false;
    }
  }

  /** Makes the cgroup of a sandbox and sets its limits. */
  void create(int uid, HostLimits limits) throws IOException, SandboxException {
    Files.createDirectories(cgroup(uid));
    if (limits.memory().isPresent()) {
      Path memory = controlled(uid, MEMORY, "limits.memory");
      String most = Long.toString(limits.memory().getAsLong());
      if (isUnified(memory)) {
        write(memory.resolve("memory.max"), most);
        writeIfPresent(memory.resolve("memory.swap.max"), "0");
      } else {
        write(memory.resolve("memory.limit_in_bytes"), most);
        writeIfPresent(memory.resolve("memory.memsw.limit_in_bytes"), most);
      }
    }
    if (limits.cpuPercent().isPresent()) {
      Path cpu = controlled(uid, CPU, "limits.cpuPercent");
      long quota = (long) limits.cpuPercent().getAsInt() * CPU_PERIOD_MICROS / 100;
      if (isUnified(cpu)) {
        write(cpu.resolve("cpu.max"), quota + " " + CPU_PERIOD_MICROS);
      } else {
        write(cpu.resolve("cpu.cfs_period_us"), Integer.toString(CPU_PERIOD_MICROS));
        write(cpu.resolve("cpu.cfs_quota_us"), Long.toString(quota));
      }
    }
    // Where no controller counts processes, the launcher's limit by uid stands alone.
    if (limits.processes().isPresent() && has(PIDS)) {
      write(
          controlled(uid, PIDS, "limits.processes").resolve("pids.max"),
          Integer.toString(limits.processes().getAsInt()));
    }
  }

  private boolean isUnified(Path cgroup) {
    return cgroup.startsWith(unified);
  }

  /** The directory in which a controller's files for a sandbox are. */
  private Path controlled(int uid, String controller, String limit)
      throws IOException, SandboxException {
    if (unifiedHas(controller)) {
      handDown(controller, limit);
      return cgroup(uid);
    }
    Path mount = legacy.get(controller);
    if (mount == null) {
      throw new SandboxException(
          limit
              + " cannot be enforced here: no cgroup "
              + controller
              + " controller is to be had; enable it, or take the limit out of the bundle");
    }
    Path cgroup = mount.resolve(parent).resolve(Integer.toString(uid));
    Files.createDirectories(cgroup);
    return cgroup;
  }

  private void handDown(String controller, String limit) throws SandboxException {
    try {
      write(unified.resolve("cgroup.subtree_control"), "+" + controller);
      write(unified.resolve(parent).resolve("cgroup.subtree_control"), "+" + controller);
    } catch (IOException e) {
      throw new SandboxException(
          limit
              + " cannot be enforced here: the "
              + controller
              + " controller cannot be handed down from "
              + unified
              + " ("
              + e.getMessage()
              + "); enable it there, or take the limit out of the bundle");
    }
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

  /** Whether any process is in a sandbox, or in a cgroup that was made inside it. */
  boolean isPopulated(int uid) throws IOException {
    Path events = cgroup(uid).resolve("cgroup.events");
    return Files.exists(events) && Files.readAllLines(events).contains("populated 1");
  }

  /**
   * Removes the cgroups of a sandbox, with those that were made inside them. Waits a few seconds
   * for processes that are still ending.
   *
   * @throws IOException when some process does not end
   */
  void remove(int uid) throws IOException {
    for (Path root : roots(uid)) {
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

  /** Removes the cgroup of a sandbox; false when a process is in it, or a cgroup. */
  boolean removeIfEmpty(int uid) {
    return removeIfEmpty(cgroup(uid));
  }

  /** The same for all its cgroups. */
  boolean removeAllIfEmpty(int uid) {
    return roots(uid).stream().allMatch(CgroupTree::removeIfEmpty);
  }

  private static boolean removeIfEmpty(Path root) {
    try {
      Files.deleteIfExists(root);
      return true;
    } catch (IOException e) {
      return false; // the kernel removes no other
    }
  }

  private List<Path> roots(int uid) {
    List<Path> roots = new ArrayList<>(legacyCgroups(uid));
    roots.add(cgroup(uid));
    return roots;
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
