// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.enforcer.kernel.Connection;

/** Who asks, as the kernel noted it when the connection was made. */
record Caller(int uid, int pid) {
  private static final int ROOT = 0;

  static Caller of(Connection connection) {
    return new Caller(connection.uid(), connection.pid());
  }

  /** Root becomes the launcher of its sandboxes, and looks after them itself. */
  boolean isRoot() {
    return uid == ROOT;
  }
}
