// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Compatibility options of a sandbox. Each opens a door for programs that need it, and each has a
 * price; none of them widens what {@code reach} permits.
 */
public enum Permit {
  /** Start a shell or another interpreter. */
  SHELL("shell", "whatever the agent downloads or writes as a script can be run as a program"),
  /** UDP sockets. */
  UDP("udp", "destinations are then held by the cgroup programs alone; Landlock sees no UDP"),
  /** Accepting connections. */
  LISTEN("listen", "other processes of the same host can talk to the agent"),
  /** Unix sockets. */
  UNIX_SOCKETS(
      "unix-sockets",
      "local daemons can be reached by path, and open descriptors received; only tier lsm filters"
          + " either"),
  /** Reading interfaces and routes by netlink. */
  NETLINK("netlink", "the agent sees the host's interfaces, addresses and routes"),
  /** The clone3 system call. */
  CLONE3(
      "clone3", "its flags cannot be inspected, so new namespaces are held by other layers alone");

  private final String word;
  private final String price;

  Permit(String word, String price) {
    this.word = word;
    this.price = price;
  }

  /** The option with this word, as a bundle writes it. */
  public static Optional<Permit> of(String word) {
    return Arrays.stream(values()).filter(permit -> permit.word.equals(word)).findFirst();
  }

  /** All words, in the order of the reference. */
  public static List<String> words() {
    return Arrays.stream(values()).map(Permit::word).toList();
  }

  /** As a bundle writes it. */
  public String word() {
    return word;
  }

  /** What is given up by permitting it, in one line. */
  public String price() {
    return price;
  }
}
