// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer.kernel;

import java.io.IOException;

/** The sockets that a uid has open. Stateless. */
public final class OpenSockets {
  private OpenSockets() {}

  /**
   * What became of them.
   *
   * @param errno with which the kernel refused to end some; 0 when it refused none
   */
  public record Ended(int count, int errno) {}

  /**
   * Ends the TCP and UDP sockets of a uid: their owner gets an error, their peers a reset. Where
   * the kernel cannot (95, without {@code CONFIG_INET_DIAG_DESTROY}), flows starve when their
   * packets are dropped.
   */
  public static Ended end(int uid) throws IOException {
    long ended = NativeBridge.endSockets(uid);
    return new Ended((int) ended, (int) (ended >>> Integer.SIZE));
  }
}
