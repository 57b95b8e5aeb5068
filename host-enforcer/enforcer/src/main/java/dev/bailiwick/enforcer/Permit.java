// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A named compatibility option of a sandbox, each with its price. Without one it is denied. */
public enum Permit {
  SHELL("every interpreter and tool of the host is at the agent's hand"),
  UDP("the destinations in reach can be spoken to over UDP as well, and UDP ports can be bound"),
  LISTEN("any local process can connect to the sandbox over loopback and carry data out"),
  UNIX_SOCKETS(
      "any local daemon whose socket file is open to all can be asked to act for the sandbox"),
  NETLINK("the host's interfaces, addresses and routes can be read"),
  CLONE3("user namespaces can be made, and with them kernel code reached that is closed otherwise"),
  MEMFD("a file without a name can be made and executed, so no-execute on writable trees is void");

  private final String price;

  Permit(String price) {
    this.price = price;
  }

  /** As bundles and the launcher spell it: {@code unix-sockets}. */
  public String option() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether the launcher's filters must know it; the others are expressed as paths and maps. */
  boolean isLaunchers() {
    return switch (this) {
      case SHELL, UDP -> false;
      case LISTEN, UNIX_SOCKETS, NETLINK, CLONE3, MEMFD -> true;
    };
  }

  /** What is given away by it. */
  public String price() {
    return price;
  }

  static Set<Permit> parse(String sandbox, Set<String> options) throws SandboxException {
    Set<Permit> permits = EnumSet.noneOf(Permit.class);
    for (String option : options) {
      permits.add(
          find(option)
              .orElseThrow(
                  () ->
                      new SandboxException(
                          "sandboxes."
                              + sandbox
                              + ".permit names an unknown option: "
                              + option
                              + "; known are "
                              + known())));
    }
    return permits;
  }

  private static Optional<Permit> find(String option) {
    return Arrays.stream(values()).filter(permit -> permit.option().equals(option)).findFirst();
  }

  private static String known() {
    return Arrays.stream(values()).map(Permit::option).collect(Collectors.joining(", "));
  }
}
