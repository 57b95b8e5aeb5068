// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes down what a sandbox leaves on the machine, its own or that of a run that was killed. */
final class Leftovers {
  private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

  private Leftovers() {}

  /** Cleans up after runs that cannot do so themselves any more. */
  static void clean(HostPaths paths, CgroupTree cgroups) throws IOException {
    for (Reservation stale : Reservation.takeStale(paths.run())) {
      LOG.info("cleaning up after a sandbox that was killed, uid {}", stale.uid());
      remove(stale, paths, cgroups);
    }
  }

  /**
   * Ends the sandbox's processes, then its cgroup, its pins, its workspace and, when all of it is
   * gone, the reservation of its uid. In this order: while a process lives, it stays confined.
   */
  static void remove(Reservation reservation, HostPaths paths, CgroupTree cgroups)
      throws IOException {
    int uid = reservation.uid();
    try {
      cgroups.kill(uid);
      cgroups.remove(uid);
      Workspace.removeTree(pins(paths, uid));
      Workspace.removeTree(paths.workspaces().resolve(Integer.toString(uid)));
    } catch (IOException e) {
      LOG.warn("sandbox uid {} stays reserved, something of it is left: {}", uid, e.getMessage());
      reservation.abandon();
      return;
    }
    reservation.close();
  }

  static Path pins(HostPaths paths, int uid) {
    return paths.pins().resolve(Integer.toString(uid));
  }
}
