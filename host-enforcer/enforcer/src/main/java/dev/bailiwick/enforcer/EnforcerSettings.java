// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * How a daemon runs.
 *
 * @param bundle whose sandbox rules are enforced
 * @param audit directory of the one trail that it writes
 * @param launchers uids other than root that may ask for sandboxes, and for which
 * @param quotas how many sandboxes live at once
 * @param countRuns whether the kernel counts runs and time of the programs, which costs a little on
 *     every run
 */
public record EnforcerSettings(
    Path bundle,
    Path audit,
    HostPaths paths,
    Map<Integer, Set<String>> launchers,
    Quotas quotas,
    boolean countRuns) {

  /** Name of the daemon's trail. */
  static final String WRITER = "enforcer";

  public EnforcerSettings {
    launchers = Map.copyOf(launchers);
  }

  /** The daemon of this host, for root only. */
  public static EnforcerSettings of(Path bundle, Path audit) {
    return new EnforcerSettings(
        bundle, audit, HostPaths.defaults(), Map.of(), Quotas.defaults(), false);
  }
}
