// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every way out that is known, tried twice: without a sandbox, where it must work (or the attempt
 * proves nothing), and in one, where it must be stopped and nobody outside may have noticed.
 */
class EscapeTests {
  private static Outside outside;

  /** A second world, to be harmed: where each attempt is shown to work. */
  private static Outside harmed;

  @BeforeAll
  static void arrangeTheWorlds() throws Exception {
    outside = new Outside();
    harmed = new Outside();
  }

  @AfterAll
  static void leaveTheWorlds() throws Exception {
    outside.vanish();
    harmed.vanish();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tcp4 OTHER_PORT",
        "tcp4 OTHER_ADDRESS",
        "tcp6 V6",
        "tcp-mapped OTHER_PORT",
        "reconnect GATEWAY OTHER_PORT",
        "mptcp OTHER_PORT",
        "fast-open OTHER_PORT",
        "fast-open-option OTHER_PORT",
        "udp-sendto OTHER_PORT",
        "udp-sendto GATEWAY",
        "udp-sendto6 V6",
        "udp-mapped OTHER_PORT",
        "udp-v4-on-v6 OTHER_PORT",
        "udp-unspec OTHER_PORT",
        "udp-sendmsg OTHER_PORT",
        "udp-sendmmsg OTHER_PORT",
        "udp-connected OTHER_PORT",
        "udp-lite OTHER_PORT",
        "source-route OTHER_ADDRESS",
        "bind 127.0.0.1 0",
        "bind-udp 127.0.0.1 0",
        "autobind",
        "join-group 239.1.2.3",
      })
  void addressOutOfReach(String attempt) throws Exception {
    assertStopped(attempt);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "raw",
        "ping",
        "packet",
        "netlink",
        "netlink-audit",
        "vsock",
        "unix-stream STREAM",
        "unix-datagram DATAGRAM",
        "abstract ABSTRACT",
        "pair-redirected DATAGRAM2",
        "io-uring",
        "bind-device",
      })
  void socketThatIsNotIp(String attempt) throws Exception {
    assertStopped(attempt);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ptrace VICTIM",
        "signal VICTIM",
        "pidfd-signal VICTIM",
        "environ VICTIM",
        "cmdline VICTIM",
        "memory VICTIM",
        "process-vm VICTIM",
        "pidfd-getfd VICTIM",
        "leave-cgroup CGROUP_PROCS",
        "user-namespace",
        "clone-namespace",
        "clone3-namespace",
        "setns VICTIM",
        "mount DIRECTORY",
        "chroot DIRECTORY",
        "bpf",
        "perf",
        "userfaultfd",
        "shared-memory SHARED_MEMORY",
        "message-queue /bailiwick-test",
        "keyring",
        "memfd-exec /usr/bin/true",
        "core-limit",
        "core-dump",
        "int80",
        "personality",
        "setuid",
      })
  void processOrKernel(String attempt) throws Exception {
    assertStopped(attempt);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "read FILE",
        "write FILE",
        "list DIRECTORY",
        "list /root",
        "list /proc",
        "list /tmp",
        "read /etc/shadow",
        "mknod ./device",
        "exec-written /usr/bin/true ./program",
      })
  void fileOutside(String attempt) throws Exception {
    assertStopped(attempt);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "truncate FILE",
        "create NEW_FILE",
        "rename ./mine NEW_FILE2",
        "link FILE ./linked",
        "mkfifo NEW_FILE3",
      })
  void fileChanged(String attempt) throws Exception {
    assertStopped(attempt);
  }

  private static void assertStopped(String attempt) throws Exception {
    String[] here = outside.resolve(attempt);
    String[] there = harmed.resolve(attempt);

    Verdict confined =
        new Sandboxes()
            .reach("gateway")
            .gateway("http://" + outside.gateway.endpoint())
            .uid(outside.uid)
            .attempt(here[0], rest(here));
    Verdict free = Sandboxes.attemptOutside(there[0], rest(there));

    assertThat(confined.stopped()).as("in a sandbox: " + confined.detail()).isTrue();
    assertThat(outside.isUntouched()).as("somebody outside noticed").isTrue();
    assertThat(free.gotOut()).as("outside a sandbox: " + free.detail()).isTrue();
  }

  private static String[] rest(String[] words) {
    return Arrays.copyOfRange(words, 1, words.length);
  }
}
