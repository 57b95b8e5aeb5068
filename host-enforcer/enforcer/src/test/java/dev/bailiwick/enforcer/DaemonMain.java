// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * A process with a daemon in it: {@code BUNDLE AUDIT IN_ALL OF_ONE_USER [UID…]}, where each uid may
 * start a sandbox.
 */
final class DaemonMain {
  private DaemonMain() {}

  public static void main(String[] arguments) throws Exception {
    Map<Integer, Set<String>> launchers = new HashMap<>();
    for (int i = 4; i < arguments.length; i++) {
      launchers.put(Integer.parseInt(arguments[i]), Set.of(Sandboxes.NAME));
    }
    try {
      EnforcerDaemon daemon =
          EnforcerDaemon.start(
              new EnforcerSettings(
                  Path.of(arguments[0]),
                  Path.of(arguments[1]),
                  DaemonHost.PATHS,
                  launchers,
                  new Quotas(Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3])),
                  true),
              Clock.systemUTC());
      Runtime.getRuntime().addShutdownHook(new Thread(daemon::close));
      System.out.println("ready");
      daemon.await();
    } catch (SandboxException e) {
      System.out.println(e.getMessage());
      System.exit(1);
    }
  }
}
