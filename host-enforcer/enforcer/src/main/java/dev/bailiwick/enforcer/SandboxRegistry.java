// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The daemon's sandboxes by the two names under which the kernel speaks of them. Thread-safe. */
final class SandboxRegistry {
  private final Map<Long, LiveSandbox> byCgroup = new ConcurrentHashMap<>();
  private final Map<Integer, LiveSandbox> byUid = new ConcurrentHashMap<>();

  void add(LiveSandbox sandbox) {
    byUid.put(sandbox.identity().uid(), sandbox);
    byCgroup.put(sandbox.identity().cgroup(), sandbox);
  }

  void remove(LiveSandbox sandbox) {
    byCgroup.remove(sandbox.identity().cgroup(), sandbox);
    byUid.remove(sandbox.identity().uid(), sandbox);
  }

  Optional<LiveSandbox> ofCgroup(long cgroup) {
    return Optional.ofNullable(byCgroup.get(cgroup));
  }

  Optional<LiveSandbox> ofUid(int uid) {
    return Optional.ofNullable(byUid.get(uid));
  }

  boolean hasUid(int uid) {
    return byUid.containsKey(uid);
  }

  Collection<LiveSandbox> all() {
    return byUid.values();
  }

  List<LiveSandbox> ofTask(String task) {
    return byUid.values().stream()
        .filter(sandbox -> sandbox.identity().task().filter(task::equals).isPresent())
        .toList();
  }
}
