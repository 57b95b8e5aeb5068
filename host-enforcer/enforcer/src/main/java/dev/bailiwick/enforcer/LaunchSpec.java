// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.bailiwick.policy.Permit;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Writes the launcher's specification: {@code key=value} records, each ended by a NUL, as {@code
 * launcher/spec.c} reads them. Not thread-safe.
 */
final class LaunchSpec {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  LaunchSpec() throws SandboxException {
    put("version", "1");
  }

  LaunchSpec put(String key, String value) throws SandboxException {
    return put(key, value.getBytes(UTF_8));
  }

  LaunchSpec put(String key, byte[] value) throws SandboxException {
    for (byte one : value) {
      if (one == 0) {
        throw new SandboxException("the sandbox's " + key + " contains a NUL character");
      }
    }
    bytes.writeBytes((key + "=").getBytes(UTF_8));
    bytes.writeBytes(value);
    bytes.write(0);
    return this;
  }

  LaunchSpec put(String key, long value) throws SandboxException {
    return put(key, Long.toString(value));
  }

  LaunchSpec put(String key, Iterable<Path> paths) throws SandboxException {
    for (Path path : paths) {
      put(key, path.toString());
    }
    return this;
  }

  byte[] end() throws SandboxException {
    put("end", "");
    if (bytes.size() > Message.MAX_BYTES) {
      throw new SandboxException(
          "the command line is too long: with everything else it must fit into 2 MiB");
    }
    return bytes.toByteArray();
  }

  /** Who looks after the command; see {@code enum supervisor} of the launcher. */
  enum Supervisor {
    /** The launcher, as long as this process lives. */
    OF_THIS_PROCESS,
    /** The launcher, which a caller has become. */
    OF_CALLER,
    /** This process itself. */
    THIS_PROCESS
  }

  /**
   * Everything about a sandbox.
   *
   * @param command program and arguments
   * @param reportDenials whether the kernel's audit is asked for denials
   */
  static byte[] of(
      SandboxPlan plan,
      int uid,
      CgroupTree cgroups,
      Optional<Path> workspace,
      Supervisor supervisor,
      boolean reportDenials,
      List<byte[]> command)
      throws SandboxException {
    LaunchSpec spec = new LaunchSpec();
    switch (supervisor) {
      case OF_THIS_PROCESS -> spec.put("parent", ProcessHandle.current().pid());
      case OF_CALLER -> spec.put("supervisor", "caller");
      case THIS_PROCESS -> spec.put("supervisor", "enforcer");
    }
    List<Path> writable = new ArrayList<>(plan.write());
    workspace.ifPresent(writable::add);
    spec.put("uid", uid)
        .put("gid", uid)
        .put("cgroup", cgroups.cgroup(uid).toString())
        .put("legacy-cgroup", cgroups.legacyCgroups(uid))
        .put("directory", workspace.map(Path::toString).orElse("/"))
        .put("read", plan.read())
        .put("read-if-present", plan.readIfPresent())
        .put("write", writable)
        .put("device", plan.devices());
    for (String word : launchersPermits(plan.permits())) {
      spec.put("permit", word);
    }
    if (reportDenials) {
      spec.put("report-denials", "yes");
    }
    if (plan.limits().processes().isPresent()) {
      spec.put("max-processes", plan.limits().processes().getAsInt());
    }
    if (plan.limits().openFiles().isPresent()) {
      spec.put("max-open-files", plan.limits().openFiles().getAsInt());
    }
    for (Map.Entry<String, String> variable : environment(plan, workspace).entrySet()) {
      spec.put("env", variable.getKey() + "=" + variable.getValue());
    }
    for (byte[] argument : command) {
      spec.put("arg", argument);
    }
    return spec.end();
  }

  /** What the launcher's filters must know; the others are expressed as paths and maps. */
  private static Set<String> launchersPermits(Set<Permit> permits) {
    Set<String> words = new TreeSet<>();
    for (Permit permit : permits) {
      switch (permit) {
        case SHELL, UDP -> {
          // paths, and destinations of the maps
        }
        case LISTEN_TO_HOST -> words.add(Permit.LISTEN.word()); // who may call, the maps say
        case LISTEN, UNIX_SOCKETS, NETLINK, CLONE3, MEMFD -> words.add(permit.word());
      }
    }
    return words;
  }

  private static Map<String, String> environment(SandboxPlan plan, Optional<Path> workspace) {
    Map<String, String> environment = new TreeMap<>();
    environment.put("HOME", workspace.map(Path::toString).orElse("/"));
    workspace.ifPresent(path -> environment.put("TMPDIR", path.toString()));
    environment.putAll(plan.environment());
    return environment;
  }
}
