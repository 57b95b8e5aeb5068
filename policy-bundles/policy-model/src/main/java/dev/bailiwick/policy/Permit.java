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
  /** A shell and the host's tools. */
  SHELL("shell", "every interpreter and tool of the host is at the agent's hand"),
  /** UDP sockets. */
  UDP("udp", "the destinations in reach can be spoken to over UDP as well, and UDP ports bound"),
  /** Accepting connections of the sandbox itself. */
  LISTEN("listen", "which ports the agent listens at can be seen on the host"),
  /** Accepting connections of the host as well. */
  LISTEN_TO_HOST(
      "listen-to-host", "any process of the host can connect to the agent and carry data out"),
  /** Unix sockets. */
  UNIX_SOCKETS(
      "unix-sockets", "any daemon whose socket file is open to all can be asked to act for it"),
  /** Netlink, for interfaces and routes. */
  NETLINK("netlink", "the host's interfaces, addresses and routes can be read"),
  /** The clone3 system call, whose flags no filter can see. */
  CLONE3("clone3", "user namespaces can be made, and kernel code reached that is closed otherwise"),
  /** Files without a name. */
  MEMFD("memfd", "what the agent makes in memory it can run, as if it had written a program");

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
