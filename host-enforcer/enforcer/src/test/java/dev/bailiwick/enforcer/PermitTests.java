// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bailiwick.policy.Bundle.Tier;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each option opens what it names, and nothing beside it. */
class PermitTests {
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
  @CsvSource({
    "udp, udp-sendto GATEWAY",
    "udp, udp-connected GATEWAY",
    "udp, bind-udp 127.0.0.1 0",
    "unix-sockets, unix-stream STREAM",
    "unix-sockets, unix-datagram DATAGRAM",
    "netlink, netlink",
    "memfd, memfd-exec /usr/bin/true",
    "listen, bind 127.0.0.1 0",
    "listen, autobind",
    "listen-to-host, accept CALLED",
  })
  void attemptWhenPermittedThenGetsThrough(String permit, String attempt) throws Exception {
    Verdict verdict = attempt(attempt, permit);

    assertThat(verdict.gotOut()).as(verdict.detail()).isTrue();
  }

  /** Part of these permits' price, which the LSM tier does not let anybody pay. */
  @ParameterizedTest
  @CsvSource({"clone3, clone3-namespace", "unix-sockets, passed-descriptor PASSING"})
  void attemptWhenItIsPartOfThePriceThenOnlyTheLsmTierStopsIt(String permit, String attempt)
      throws Exception {
    Verdict verdict = attempt(attempt, permit);

    assertThat(verdict.kind())
        .as(verdict.detail())
        .isEqualTo(
            HostProbe.probe().satisfies(Tier.LSM) ? Verdict.Kind.STOPPED : Verdict.Kind.GOT_OUT);
  }

  @ParameterizedTest
  @CsvSource({
    "udp, udp-sendto OTHER_PORT",
    "udp, udp-sendto6 V6",
    "udp, udp-override GATEWAY OTHER_PORT",
    "udp, bind-udp 127.0.0.1 5353",
    "udp, bind 127.0.0.1 0",
    "udp, udp-lite GATEWAY",
    "unix-sockets, abstract ABSTRACT",
    "unix-sockets, pair-redirected DATAGRAM",
    "netlink, netlink-audit",
    "clone3, clone-namespace",
    "clone3, user-namespace",
    "listen, bind 0.0.0.0 0",
    "listen, tcp4 OTHER_PORT",
    "listen, tcp6 V6",
    "listen, accept CALLED",
    "listen, udp-sendto OTHER_PORT",
    "listen-to-host, bind 0.0.0.0 0",
    "listen-to-host, tcp4 OTHER_PORT",
  })
  void attemptWhenSomethingElseIsPermittedThenIsStopped(String permit, String attempt)
      throws Exception {
    Verdict verdict = attempt(attempt, permit);

    assertThat(verdict.stopped()).as(verdict.detail()).isTrue();
    assertThat(outside.isUntouched()).isTrue();
  }

  @Test
  void readWhenShellIsPermittedThenAccountsAreReadable() throws Exception {
    Verdict with = attempt("read /etc/passwd", "shell");
    Verdict without = attempt("read /etc/passwd", "netlink");

    assertThat(with.gotOut()).as(with.detail()).isTrue();
    assertThat(without.stopped()).as(without.detail()).isTrue();
  }

  @Test
  void runWhenPermitIsUnknownThenNothingIsStarted() {
    Sandboxes sandbox = new Sandboxes().permit("everything");

    assertThatThrownBy(() -> sandbox.run("/bin/true"))
        .isInstanceOf(SandboxException.class)
        .hasMessage(
            "sandboxes.triage-agent.permit names an unknown option: everything; known are shell,"
                + " udp, listen, listen-to-host, unix-sockets, netlink, clone3, memfd");
  }

  private Verdict attempt(String attempt, String permit) throws Exception {
    String[] words = outside.resolve(attempt);
    return sandbox(permit).attempt(words[0], Arrays.copyOfRange(words, 1, words.length));
  }

  private Sandboxes sandbox(String permit) {
    return new Sandboxes()
        .permit(permit)
        .reach("gateway")
        .gateway("http://" + outside.gateway.endpoint());
  }
}
