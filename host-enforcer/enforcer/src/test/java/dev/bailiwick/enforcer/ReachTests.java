// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bailiwick.enforcer.kernel.Endpoint;
import dev.bailiwick.enforcer.kernel.Endpoint.Protocol;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReachTests {
  private static final String WHERE = "sandboxes.s.reach";
  private final Path hosts = Sandboxes.freshDirectory().resolve("hosts");
  private final Reach reach = new Reach(new HostsFile(hosts));

  @BeforeEach
  void writeHosts() throws Exception {
    Files.writeString(
        hosts,
        """
        # the machine
        127.0.0.1\tlocalhost
        ::1 localhost ip6-localhost
        192.0.2.10  gateway.acme.example gw # the gateway
        2001:db8::10 gateway.acme.example
        192.0.2.10 gateway.acme.example
        """);
  }

  @ParameterizedTest
  @CsvSource({
    "https://192.0.2.1, 192.0.2.1, 443",
    "http://192.0.2.1, 192.0.2.1, 80",
    "https://192.0.2.1:8443/base, 192.0.2.1, 8443",
    "https://[2001:db8::1]:8443, 2001:db8::1, 8443",
    "https://GW:1, 192.0.2.10, 1",
  })
  void compileWhenGatewayThenItsAddressAndPortAreReached(String url, String address, int port)
      throws Exception {
    assertThat(reach.compile(WHERE, List.of("gateway"), URI.create(url), false))
        .containsExactly(tcp(address, port));
  }

  @Test
  void compileWhenGatewayHasSeveralAddressesThenEachIsReachedOnce() throws Exception {
    assertThat(
            reach.compile(
                WHERE, List.of("gateway"), URI.create("https://gateway.acme.example"), false))
        .containsExactly(tcp("192.0.2.10", 443), tcp("2001:db8::10", 443));
  }

  @Test
  void compileWhenGatewayIsNotInHostsThenSentenceSaysWhatToDo() {
    assertThatThrownBy(
            () ->
                reach.compile(
                    WHERE, List.of("gateway"), URI.create("https://gateway.example.com"), false))
        .isInstanceOf(SandboxException.class)
        .hasMessage(
            "the gateway is named gateway.example.com, and "
                + hosts
                + " gives no address for it; a sandbox has no resolver, so add a line there, or"
                + " give the gateway with its literal address");
  }

  @Test
  void compileWhenUdpIsPermittedThenBothProtocolsAreReached() throws Exception {
    assertThat(reach.compile(WHERE, List.of("192.0.2.1:443"), URI.create("http://192.0.2.2"), true))
        .extracting(Endpoint::protocol)
        .containsExactly(Protocol.TCP, Protocol.UDP);
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1:443, 192.0.2.1, 443",
    "[2001:db8::1]:8443, 2001:db8::1, 8443",
  })
  void compileWhenLiteralThenIsReached(String entry, String address, int port) throws Exception {
    assertThat(reach.compile(WHERE, List.of(entry), URI.create("http://192.0.2.2"), false))
        .containsExactly(tcp(address, port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "example.com:443",
        "192.0.2.1",
        "192.0.2.1:",
        "192.0.2.1:99999",
        "192.0.2.1:0",
        "192.0.2.256:443",
        "192.0.2:443",
        "192.0.2.1.:443",
        "2001:db8::1:443",
        "[2001:db8::1%eth0]:443",
        "[2001:db8::zz]:443",
        "192.0.2.1/24:443",
        "192.0.2.0/24:443",
        "[::ffff:192.0.2.1]:443",
        "0.0.0.0:443",
        "[::]:443",
        "*:443",
        "",
      })
  void compileWhenMalformedThenIsDeniedWithItsPlace(String entry) {
    assertThatThrownBy(
            () -> reach.compile(WHERE, List.of(entry), URI.create("http://192.0.2.2"), false))
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining(WHERE);
  }

  private static Endpoint tcp(String address, int port) throws Exception {
    InetAddress host = InetAddress.getByName(address);
    return new Endpoint(Protocol.TCP, host, host.getAddress().length * 8, port);
  }
}
