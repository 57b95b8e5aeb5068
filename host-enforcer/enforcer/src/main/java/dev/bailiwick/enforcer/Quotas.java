// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

/**
 * How many sandboxes a daemon keeps at once.
 *
 * @param inAll of all callers; at most as many as the kernel's maps have room for
 * @param ofOneUser of one caller who is not root
 */
public record Quotas(int inAll, int ofOneUser) {
  /** As {@code bailiwick.h} has it. */
  public static final int MOST = 4096;

  public Quotas {
    if (inAll < 1 || inAll > MOST) {
      throw new IllegalArgumentException(
          "--max-sandboxes must be from 1 to " + MOST + ", not " + inAll);
    }
    if (ofOneUser < 1 || ofOneUser > inAll) {
      throw new IllegalArgumentException(
          "--max-sandboxes-per-user must be from 1 to --max-sandboxes, not " + ofOneUser);
    }
  }

  /** For a host that does not say. */
  public static Quotas defaults() {
    return new Quotas(2048, 64);
  }

  /** Places that other callers leave free. */
  int keptForRoot() {
    return Math.ceilDiv(inAll, 16);
  }
}
