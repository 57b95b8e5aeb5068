// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bailiwick.enforcer.kernel.Endpoint.Protocol;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointTests {

  @ParameterizedTest
  @CsvSource({"192.0.2.1, 33", "192.0.2.1, -1", "::1, 129", "192.0.2.1, 24", "2001:db8::1, 64"})
  void newWhenPrefixDoesNotFitThenFails(String address, int prefix) throws Exception {
    InetAddress host = InetAddress.getByName(address);

    assertThatThrownBy(() -> new Endpoint(Protocol.TCP, host, prefix, 443))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({"0.0.0.0, 0", "192.0.2.128, 25", "192.0.2.1, 32", "2001:db8::, 32", "::1, 128"})
  void newWhenBitsAfterPrefixAreZeroThenIsAccepted(String address, int prefix) throws Exception {
    Endpoint destination = new Endpoint(Protocol.TCP, InetAddress.getByName(address), prefix, 443);

    assertThat(destination.isExact())
        .isEqualTo(prefix == 32 && !address.contains(":") || prefix == 128);
  }

  @ParameterizedTest
  @CsvSource({"0", "65536", "-1"})
  void newWhenPortDoesNotExistThenFails(int port) {
    assertThatThrownBy(() -> new Endpoint(Protocol.TCP, InetAddress.getLoopbackAddress(), 32, port))
        .hasMessageContaining("port must be from 1 to 65535");
  }

  @Test
  void mappedWhenIpv4ThenComesBackAsIpv4() throws Exception {
    InetAddress v4 = InetAddress.getByName("192.0.2.1");

    assertThat(Endpoint.unmapped(Endpoint.mapped(v4))).isEqualTo(v4);
  }
}
