// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import java.util.HashMap;
import java.util.Map;

/**
 * How many sandboxes live, of each caller and in all. A caller who is not root has a quota, and all
 * of them together leave some places for root. Thread-safe.
 */
final class Places {
  private static final int ROOT = 0;

  private final Quotas quotas;
  private final Map<Integer, Integer> byCaller = new HashMap<>();
  private int inAll;

  Places(Quotas quotas) {
    this.quotas = quotas;
  }

  /**
   * Takes a place.
   *
   * @param uid of the caller
   * @throws SandboxException when there is none, with the quota that is used up
   */
  synchronized void take(int uid) throws SandboxException {
    if (uid != ROOT && byCaller.getOrDefault(uid, 0) >= quotas.ofOneUser()) {
      throw full("uid " + uid + " has", byCaller.getOrDefault(uid, 0), "--max-sandboxes-per-user");
    }
    if (inAll >= (uid == ROOT ? quotas.inAll() : quotas.inAll() - quotas.keptForRoot())) {
      throw full("there are", inAll, "--max-sandboxes");
    }
    adopt(uid);
  }

  /** Counts a sandbox that lives already, whatever the quotas are. */
  synchronized void adopt(int uid) {
    byCaller.merge(uid, 1, Integer::sum);
    inAll++;
  }

  synchronized void giveBack(int uid) {
    byCaller.computeIfPresent(uid, (same, count) -> count == 1 ? null : count - 1);
    inAll--;
  }

  private static SandboxException full(String who, int count, String option) {
    return new SandboxException(
        "nothing was started: "
            + who
            + " "
            + count
            + " live sandboxes, and the enforcer's "
            + option
            + " allows no more; end one, or have it started with another number");
  }
}
