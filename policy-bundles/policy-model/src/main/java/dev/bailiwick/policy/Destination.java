// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.net.InetAddress;

/** An address that a sandbox may reach, as {@code sandboxes.*.reach} writes it. */
public sealed interface Destination {

  /** The gateway, wherever {@code gateway.externalUrl} says that it is. */
  record Gateway() implements Destination {}

  /**
   * One literal address and port; never a name, because a sandbox has no resolver.
   *
   * @param port from 1 to 65535
   */
  record Address(InetAddress ip, int port) implements Destination {}

  /**
   * Parses the written form.
   *
   * @throws IllegalArgumentException with what was expected and why
   */
  static Destination parse(String text) {
    return text.equals("gateway") ? new Gateway() : LiteralAddress.parse(text);
  }
}
