// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.gateway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;

/**
 * A loopback port that is known before its server starts. As long as this is open, the kernel gives
 * it to nobody who asks for any port; a server that asks for this one gets it, because servers set
 * {@code SO_REUSEADDR} and nothing listens here.
 */
public final class ReservedPort implements AutoCloseable {
  private final SocketChannel holder;
  private final int number;

  private ReservedPort(SocketChannel holder) throws IOException {
    this.holder = holder;
    number = ((InetSocketAddress) holder.getLocalAddress()).getPort();
  }

  public static ReservedPort take() {
    try {
      SocketChannel holder = SocketChannel.open();
      holder.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      holder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      return new ReservedPort(holder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int number() {
    return number;
  }

  @Override
  public void close() {
    try {
      holder.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
