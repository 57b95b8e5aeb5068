// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.demo;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.Optional;

/**
 * Somebody outside who waits for leaked data on a UDP port. Whether data got out is for it to say,
 * not for the agent.
 */
final class Canary implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 300;

  private final DatagramSocket socket;

  Canary() throws IOException {
    socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    socket.setSoTimeout(PATIENCE_MILLIS);
  }

  int port() {
    return socket.getLocalPort();
  }

  /** What arrived, if anything did. */
  Optional<String> heard() throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[512], 512);
    try {
      socket.receive(packet);
      return Optional.of(packet.getLength() + " bytes from " + packet.getSocketAddress());
    } catch (SocketTimeoutException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
