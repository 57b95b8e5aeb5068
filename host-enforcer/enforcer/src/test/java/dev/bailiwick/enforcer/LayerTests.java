// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each layer alone: what it stops by itself, and what it is not there for. The network rule has
 * tests of its own.
 */
class LayerTests {
  private static Outside outside;

  @BeforeAll
  static void arrangeTheWorld() throws Exception {
    outside = new Outside();
  }

  @AfterAll
  static void leaveTheWorld() throws Exception {
    outside.vanish();
  }

  @ParameterizedTest
  @CsvSource({
    "identity, raw",
    "identity, packet",
    "identity, mount DIRECTORY",
    "identity, chroot DIRECTORY",
    "identity, bpf",
    "identity, setns VICTIM",
    "identity, leave-cgroup CGROUP_PROCS",
    "identity, core-dump",
    "identity, setuid",
    "identity, mknod ./device",
    "landlock, read FILE",
    "landlock, write FILE",
    "landlock, truncate FILE",
    "landlock, create NEW_FILE",
    "landlock, exec-written /usr/bin/true ./program",
    "landlock, ptrace VICTIM",
    "landlock, memory VICTIM",
    "landlock, environ VICTIM",
    "landlock, process-vm VICTIM",
    "landlock, pidfd-getfd VICTIM",
    "landlock, signal VICTIM",
    "landlock, pidfd-signal VICTIM",
    "landlock, abstract ABSTRACT",
    "seccomp, mptcp OTHER_PORT",
    "seccomp, udp-lite OTHER_PORT",
    "seccomp, fast-open OTHER_PORT",
    "seccomp, fast-open-option OTHER_PORT",
    "seccomp, source-route OTHER_ADDRESS",
    "seccomp, join-group 239.1.2.3",
    "seccomp, autobind",
    "seccomp, raw",
    "seccomp, packet",
    "seccomp, netlink",
    "seccomp, vsock",
    "seccomp, unix-stream STREAM",
    "seccomp, unix-datagram DATAGRAM",
    "seccomp, abstract ABSTRACT",
    "seccomp, pair-redirected DATAGRAM",
    "seccomp, io-uring",
    "seccomp, bind-device",
    "seccomp, ptrace VICTIM",
    "seccomp, process-vm VICTIM",
    "seccomp, pidfd-getfd VICTIM",
    "seccomp, user-namespace",
    "seccomp, clone-namespace",
    "seccomp, clone3-namespace",
    "seccomp, bpf",
    "seccomp, perf",
    "seccomp, userfaultfd",
    "seccomp, shared-memory SHARED_MEMORY",
    "seccomp, message-queue /bailiwick-test",
    "seccomp, keyring",
    "seccomp, memfd-exec /usr/bin/true",
    "seccomp, core-limit",
    "seccomp, int80",
    "seccomp, personality",
  })
  void attemptWhenBehindItsLayerThenIsStopped(String layer, String attempt) throws Exception {
    Verdict verdict = behind(layer, attempt);

    assertThat(verdict.stopped()).as(verdict.detail()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "identity, netlink",
    "identity, user-namespace",
    "identity, signal VICTIM",
    "identity, shared-memory SHARED_MEMORY",
    "identity, read FILE",
    "landlock, udp-sendto GATEWAY",
    "landlock, tcp4 GATEWAY",
    "landlock, netlink",
    "landlock, shared-memory SHARED_MEMORY",
    "landlock, memfd-exec /usr/bin/true",
    "landlock, user-namespace",
    "seccomp, tcp4 GATEWAY",
    "seccomp, udp-sendto GATEWAY",
    "seccomp, read FILE",
    "seccomp, signal VICTIM",
    "seccomp, exec-written /usr/bin/true ./program",
  })
  void attemptWhenAnotherLayersBusinessThenIsNotStopped(String layer, String attempt)
      throws Exception {
    Verdict verdict = behind(layer, attempt);

    assertThat(verdict.gotOut()).as(verdict.detail()).isTrue();
  }

  private static Verdict behind(String layer, String attempt) throws Exception {
    String[] words = outside.resolve(attempt);
    return Sandboxes.attemptBehind(
        layer, outside.uid, words[0], Arrays.copyOfRange(words, 1, words.length));
  }
}
