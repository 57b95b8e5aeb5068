// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every way out that is known, tried twice: without a sandbox, where it must work (or the attempt
 * proves nothing), and in one, where it must be stopped and nobody outside may have noticed.
 */
class EscapeTests {
  private Outside outside;

  @BeforeEach
  void arrangeTheWorld() throws Exception {
    outside = new Outside();
  }

  @AfterEach
  void leaveTheWorld() throws Exception {
    outside.vanish();
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
        "leave-cgroup /sys/fs/cgroup/unified/cgroup.procs",
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

  /** These change what they touch, so outside they get something of their own to touch. */
  @ParameterizedTest
  @CsvSource({
    "truncate, FILE",
    "create, DIRECTORY/new",
    "rename ./mine, DIRECTORY/mine",
    "link /usr/bin/true, ./linked",
  })
  void fileChanged(String attempt, String target) throws Exception {
    Path scratch = Files.createTempFile(Path.of("/usr"), "bailiwick-test", "");
    Files.delete(scratch);
    String own = Sandboxes.freshDirectory().resolve("own").toString();
    if (attempt.equals("truncate")) {
      Files.writeString(Path.of(own), "own");
    }
    String there = target.replace("DIRECTORY", outside.directory.toString());

    Sandboxes.Verdict free =
        Sandboxes.attemptOutside(
            first(attempt + " " + own), rest(outside.resolve(attempt + " " + own)));
    Sandboxes.Verdict confined = confined(attempt + " " + there);

    assertThat(free.gotOut()).as("outside a sandbox: " + free.detail()).isTrue();
    assertThat(confined.stopped()).as("in a sandbox: " + confined.detail()).isTrue();
    assertThat(outside.isUntouched()).isTrue();
  }

  private void assertStopped(String attempt) throws Exception {
    Sandboxes.Verdict confined = confined(attempt);
    boolean untouched = outside.isUntouched();
    String[] words = outside.resolve(attempt);
    Sandboxes.Verdict free = Sandboxes.attemptOutside(words[0], rest(words));

    assertThat(confined.stopped()).as("in a sandbox: " + confined.detail()).isTrue();
    assertThat(untouched).as("somebody outside noticed").isTrue();
    assertThat(free.gotOut()).as("outside a sandbox: " + free.detail()).isTrue();
  }

  private Sandboxes.Verdict confined(String attempt) throws Exception {
    String[] words = outside.resolve(attempt);
    return new Sandboxes()
        .reach("gateway")
        .gateway("http://" + outside.gateway.endpoint())
        .uid(outside.uid)
        .attempt(words[0], rest(words));
  }

  private static String first(String attempt) {
    return attempt.split(" ", -1)[0];
  }

  private static String[] rest(String[] words) {
    return java.util.Arrays.copyOfRange(words, 1, words.length);
  }
}
