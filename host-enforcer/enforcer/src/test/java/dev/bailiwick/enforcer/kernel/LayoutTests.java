// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.enforcer.kernel.Endpoint.Protocol;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Java and C must mean the same bytes: the sample was written by {@code tests/golden.c}. */
class LayoutTests {
  private static final int EVENT = 64;
  private static final int EXACT = 24;
  private static final int RANGE = 28;

  private final byte[] golden = read();

  @Test
  void decodeWhenWrittenByCThenEveryFieldIsInItsPlace() throws Exception {
    ByteBuffer buffer = ByteBuffer.wrap(golden, 0, EVENT).order(ByteOrder.nativeOrder());

    KernelEvent event = KernelEvent.decode(buffer);

    assertThat(event)
        .isEqualTo(
            new KernelEvent(
                0x1122334455667788L,
                7,
                4321,
                1_900_000_001,
                KernelEvent.Hook.SENDMSG4,
                2,
                2,
                17,
                InetAddress.getByName("198.51.100.7"),
                53,
                "resolver?"));
    assertThat(event.destination()).isEqualTo("udp 198.51.100.7:53");
    assertThat(buffer.hasRemaining()).isFalse();
  }

  @Test
  void exactKeyWhenWrittenByCThenIsTheSame() throws Exception {
    Endpoint destination =
        new Endpoint(Protocol.TCP, InetAddress.getByName("198.51.100.7"), 32, 8443);

    assertThat(destination.exactKey(1)).isEqualTo(Arrays.copyOfRange(golden, EVENT, EVENT + EXACT));
  }

  @Test
  void rangeKeyWhenWrittenByCThenIsTheSame() throws Exception {
    Endpoint destination =
        new Endpoint(Protocol.UDP, InetAddress.getByName("198.51.100.0"), 24, 53);

    assertThat(destination.rangeKey(1))
        .isEqualTo(Arrays.copyOfRange(golden, EVENT + EXACT, EVENT + EXACT + RANGE));
  }

  private static byte[] read() {
    try {
      return Files.readAllBytes(Path.of("target/attempts/golden-event.bin"));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
