// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DestinationTest {

  @Test
  void parseWhenGatewayThenGateway() {
    assertThat(Destination.parse("gateway")).isEqualTo(new Destination.Gateway());
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.10:8443, 192.0.2.10, 8443",
    "10.0.0.1:1, 10.0.0.1, 1",
    "127.0.0.1:65535, 127.0.0.1, 65535",
    "[2001:db8::1]:443, 2001:db8::1, 443",
    "[::1]:443, ::1, 443",
    "[2001:1::1]:443, 2001:1::1, 443",
    "[64:ff9a::1]:443, 64:ff9a::1, 443"
  })
  void parseWhenLiteralThenAddressAndPort(String text, String ip, int port) throws Exception {
    assertThat(Destination.parse(text))
        .isEqualTo(new Destination.Address(InetAddress.getByName(ip), port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Gateway",
        "gateway:443",
        "localhost:80",
        "example.com:443",
        "1.2.3:80",
        "1.2.3.4.5:80",
        "1.2.3.256:80",
        "1.2.3.04:80",
        "0x1.2.3.4:80",
        "1.2.3.4",
        "1.2.3.4:",
        "1.2.3.4:-1",
        "1.2.3.4:0",
        "1.2.3.4:65536",
        "1.2.3.4:80 ",
        "1.2.3.4:\u0661",
        "::1:80",
        "[::1]",
        "[::1%1]:80",
        "[1.2.3.4]:80",
        "[example.com]:80",
        "[:::]:80",
        "[2001:db8::1::2]:80",
        "[::ffff:1.2.3.4]:80",
        "[64:ff9b:1::1]:80",
        "[fec0::1]:80",
        "239.255.255.255:80",
        "0.1.2.3:80"
      })
  void parseWhenAnythingElseThenRefused(String text) {
    assertThatThrownBy(() -> Destination.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected");
  }
}
