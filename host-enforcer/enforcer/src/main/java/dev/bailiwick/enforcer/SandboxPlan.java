// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.enforcer.kernel.Endpoint;
import dev.bailiwick.enforcer.kernel.NetworkFilter;
import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.Bundle.HostLimits;
import dev.bailiwick.policy.Bundle.SandboxRule;
import dev.bailiwick.policy.Bundle.Tier;
import dev.bailiwick.policy.Permit;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A sandbox rule that was checked against this machine: endpoints are addresses, paths exist,
 * options are known. Nothing was changed on the machine to make it.
 */
record SandboxPlan(
    String name,
    Tier tier,
    List<Endpoint> endpoints,
    List<Path> read,
    List<Path> readIfPresent,
    List<Path> write,
    List<Path> devices,
    boolean usesWorkspace,
    Set<Permit> permits,
    Map<String, String> environment,
    HostLimits limits) {

  private static final String WORKSPACE = "workspace";

  /** What any program needs: the loader's cache, nothing and noise. */
  private static final List<String> ALWAYS_READ =
      List.of("/etc/ld.so.cache", "/etc/ld.so.preload", "/dev/random", "/dev/urandom");

  private static final List<String> ALWAYS_DEVICES = List.of("/dev/null", "/dev/zero", "/dev/full");

  /** What a name in the machine's hosts file needs to be found in the sandbox. */
  private static final List<String> NAMES =
      List.of("/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf");

  private static final List<String> SHELL_READ =
      List.of(
          "/bin",
          "/sbin",
          "/lib",
          "/lib32",
          "/lib64",
          "/usr",
          "/etc/alternatives",
          "/etc/bash.bashrc",
          "/etc/ca-certificates",
          "/etc/group",
          "/etc/inputrc",
          "/etc/localtime",
          "/etc/passwd",
          "/etc/profile",
          "/etc/profile.d",
          "/etc/protocols",
          "/etc/services",
          "/etc/ssl",
          "/etc/terminfo");

  private static final List<String> SHELL_DEVICES = List.of("/dev/tty");

  /** Where writing would undo the sandbox or harm the machine, whoever asks for it. */
  private static final List<Path> NEVER_WRITTEN =
      List.of(Path.of("/proc"), Path.of("/sys"), Path.of("/dev"), Path.of("/boot"));

  SandboxPlan {
    endpoints = List.copyOf(endpoints);
    read = List.copyOf(read);
    readIfPresent = List.copyOf(readIfPresent);
    write = List.copyOf(write);
    devices = List.copyOf(devices);
    permits = Set.copyOf(permits);
    environment = Map.copyOf(environment);
  }

  /** What the maps say about a sandbox with this plan. */
  NetworkFilter.Entry entry(int policy, int agent) {
    Set<NetworkFilter.Door> doors = EnumSet.noneOf(NetworkFilter.Door.class);
    for (Permit permit : permits) {
      switch (permit) {
        case UDP -> doors.add(NetworkFilter.Door.BIND_UDP);
        case LISTEN -> doors.add(NetworkFilter.Door.LISTEN);
        case LISTEN_TO_HOST ->
            doors.addAll(Set.of(NetworkFilter.Door.LISTEN, NetworkFilter.Door.SERVE_HOST));
        case UNIX_SOCKETS -> doors.add(NetworkFilter.Door.UNIX_SOCKETS);
        case NETLINK -> doors.add(NetworkFilter.Door.NETLINK);
        case MEMFD -> doors.add(NetworkFilter.Door.EXEC_MEMORY);
        case SHELL, CLONE3 -> {
          // Files and system calls: the launcher's business.
        }
      }
    }
    return new NetworkFilter.Entry(policy, agent, doors);
  }

  static SandboxPlan of(SandboxRequest request, HostsFile hosts) throws SandboxException {
    SandboxRule rule = rule(request.bundle(), request.sandbox());
    if (request.command().isEmpty() || request.command().get(0).isEmpty()) {
      throw new SandboxException("no command was given to run in sandbox " + rule.name());
    }
    return of(request.bundle(), request.sandbox(), request.gateway(), hosts);
  }

  /**
   * The plan of a sandbox for any command.
   *
   * @param moved where the gateway really is, when not at the bundle's {@code externalUrl}
   */
  static SandboxPlan of(Bundle bundle, String sandbox, Optional<URI> moved, HostsFile hosts)
      throws SandboxException {
    SandboxRule rule = rule(bundle, sandbox);
    String where = "sandboxes." + rule.name();
    Set<Permit> permits = permits(rule);
    URI gateway = moved.orElse(bundle.gateway().externalUrl());
    List<Path> read = existing(where + ".files.read", rule.read());
    List<Path> write =
        existing(
            where + ".files.write",
            rule.write().stream().filter(path -> !path.equals(WORKSPACE)).toList());
    for (Path path : write) {
      checkWritable(where, path);
    }
    List<Path> readIfPresent = paths(ALWAYS_READ, NAMES);
    List<Path> devices = paths(ALWAYS_DEVICES);
    if (permits.contains(Permit.SHELL)) {
      readIfPresent.addAll(paths(SHELL_READ));
      devices.addAll(paths(SHELL_DEVICES));
    }
    SandboxPlan plan =
        new SandboxPlan(
            rule.name(),
            rule.tier(),
            new Reach(hosts)
                .compile(where + ".reach", rule.reach(), gateway, permits.contains(Permit.UDP)),
            read,
            readIfPresent,
            write,
            devices,
            rule.write().contains(WORKSPACE),
            permits,
            environment(rule, gateway),
            rule.limits());
    for (Path path : write) {
      plan.checkApart(path);
    }
    return plan;
  }

  /**
   * What may be written is never executed, so no writable path may lie in a readable one or around
   * it.
   */
  void checkApart(Path writable) throws SandboxException {
    List<Path> executable = new ArrayList<>(read);
    executable.addAll(readIfPresent);
    for (Path path : executable) {
      Path real = real(path);
      if (writable.startsWith(real) || real.startsWith(writable)) {
        throw new SandboxException(
            "sandbox "
                + name
                + " may write "
                + writable
                + " and read "
                + real
                + ", and one lies in the other; what can be written must not be executable, so they"
                + " must be apart");
      }
    }
  }

  private static SandboxRule rule(Bundle bundle, String sandbox) throws SandboxException {
    SandboxRule rule = bundle.sandboxes().get(sandbox);
    if (rule == null) {
      throw new SandboxException(
          "bundle "
              + bundle.id()
              + " has no sandbox named "
              + sandbox
              + "; it has "
              + (bundle.sandboxes().isEmpty()
                  ? "none"
                  : String.join(", ", bundle.sandboxes().keySet().stream().sorted().toList())));
    }
    return rule;
  }

  private static Set<Permit> permits(SandboxRule rule) throws SandboxException {
    Set<Permit> permits = EnumSet.noneOf(Permit.class);
    for (String word : rule.permit()) {
      permits.add(
          Permit.of(word)
              .orElseThrow(
                  () ->
                      new SandboxException(
                          "sandboxes."
                              + rule.name()
                              + ".permit names an unknown option: "
                              + word
                              + "; known are "
                              + String.join(", ", Permit.words()))));
    }
    return permits;
  }

  private static Map<String, String> environment(SandboxRule rule, URI gateway)
      throws SandboxException {
    Map<String, String> environment = new TreeMap<>();
    environment.put("PATH", "/usr/local/bin:/usr/bin:/bin");
    environment.put("LANG", "C.UTF-8");
    environment.put("BAILIWICK_SANDBOX", rule.name());
    environment.put("BAILIWICK_GATEWAY", gateway.toString());
    for (Map.Entry<String, String> variable : rule.environment().entrySet()) {
      if (variable.getKey().isEmpty() || variable.getKey().contains("=")) {
        throw new SandboxException(
            "sandboxes." + rule.name() + ".environment has a malformed name: " + variable.getKey());
      }
      environment.put(variable.getKey(), variable.getValue());
    }
    return environment;
  }

  private static List<Path> existing(String where, List<String> names) throws SandboxException {
    List<Path> paths = new ArrayList<>();
    for (String name : names) {
      Path path = Path.of(name);
      if (!path.isAbsolute()) {
        throw new SandboxException(where + " names a path that is not absolute: " + name);
      }
      if (!Files.exists(path)) {
        throw new SandboxException(where + " names " + name + ", which does not exist here");
      }
      paths.add(real(path));
    }
    return paths;
  }

  private static void checkWritable(String where, Path path) throws SandboxException {
    boolean never = path.getNameCount() == 0 || NEVER_WRITTEN.stream().anyMatch(path::startsWith);
    if (never) {
      throw new SandboxException(
          where + ".files.write names " + path + ", which no sandbox may write");
    }
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (java.io.IOException e) {
      return path.normalize();
    }
  }

  @SafeVarargs
  private static List<Path> paths(List<String>... lists) {
    List<Path> paths = new ArrayList<>();
    for (List<String> list : lists) {
      list.stream().map(Path::of).forEach(paths::add);
    }
    return paths;
  }
}
