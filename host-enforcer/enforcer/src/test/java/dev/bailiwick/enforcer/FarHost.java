// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Another network namespace behind a pair of devices, which is another machine as far as the
 * network goes: routes, neighbours, sources that are not one's own. It has two addresses of each
 * family, one to be harmed, so that a late packet of an attempt that is shown to work is not taken
 * for one of an attempt that must not.
 */
final class FarHost implements AutoCloseable {
  static final String KEPT = "198.18.77.2";
  static final String KEPT_V6 = "fd77:ba11::2";
  static final String HARMED = "198.18.77.3";
  static final String HARMED_V6 = "fd77:ba11::3";
  static final int PORT = 4711;

  private static final String NAME = "bailiwick-test";
  private static final String NEAR_DEVICE = "bwtest0";
  private static final String FAR_DEVICE = "bwtest1";

  private final Process observer;

  FarHost() throws IOException {
    ip("link del " + NEAR_DEVICE); // of a test that was killed
    ip("netns del " + NAME);
    must("netns add " + NAME);
    must("link add " + NEAR_DEVICE + " type veth peer name " + FAR_DEVICE + " netns " + NAME);
    must("addr add 198.18.77.1/24 dev " + NEAR_DEVICE);
    must("addr add fd77:ba11::1/64 dev " + NEAR_DEVICE + " nodad");
    for (String address : new String[] {KEPT + "/24", HARMED + "/24"}) {
      must("-n " + NAME + " addr add " + address + " dev " + FAR_DEVICE);
    }
    for (String address : new String[] {KEPT_V6 + "/64", HARMED_V6 + "/64"}) {
      must("-n " + NAME + " addr add " + address + " dev " + FAR_DEVICE + " nodad");
    }
    must("-n " + NAME + " link set " + FAR_DEVICE + " up");
    must("link set " + NEAR_DEVICE + " up");
    observer =
        new ProcessBuilder(
                "ip",
                "netns",
                "exec",
                NAME,
                "/usr/bin/python3",
                Path.of("src/test/resources/outside/far.py").toString(),
                FAR_DEVICE,
                Integer.toString(PORT),
                HARMED,
                HARMED_V6)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    if (!"ready".equals(observer.inputReader().readLine())) {
      throw new IOException("nobody observes in the other network namespace");
    }
  }

  /** Packets to anywhere but the addresses that may be harmed, since this was last asked. */
  int seen() throws IOException {
    return ask("kept");
  }

  /** Packets to the addresses that may be harmed. */
  int harm() throws IOException {
    return ask("harmed");
  }

  private int ask(String what) throws IOException {
    observer.outputWriter().write(what + "\n");
    observer.outputWriter().flush();
    return Integer.parseInt(observer.inputReader().readLine());
  }

  private static void must(String line) throws IOException {
    if (ip(line) != 0) {
      throw new IOException("ip " + line + " failed");
    }
  }

  private static int ip(String line) throws IOException {
    return new ProcessBuilder(("ip " + line).split(" ", -1))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .onExit()
        .join()
        .exitValue();
  }

  @Override
  public void close() throws IOException {
    observer.destroyForcibly().onExit().join();
    must("netns del " + NAME);
    ip("link del " + NEAR_DEVICE); // sooner than the kernel would
  }
}
