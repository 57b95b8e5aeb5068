// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An observer outside the sandbox: listens on TCP and UDP at one port of one address and counts who
 * came. It, not the attempt, decides whether something got out.
 */
public final class Canary implements AutoCloseable {
  private final ServerSocket tcp;
  private final DatagramSocket udp;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger bytes = new AtomicInteger();
  private final AtomicInteger datagrams = new AtomicInteger();

  private Canary(ServerSocket tcp, DatagramSocket udp) {
    this.tcp = tcp;
    this.udp = udp;
    start(this::accept);
    start(this::receive);
  }

  public static Canary at(String address) throws IOException {
    InetAddress host = InetAddress.getByName(address);
    while (true) {
      ServerSocket tcp = new ServerSocket(0, 50, host);
      try {
        return new Canary(tcp, new DatagramSocket(new InetSocketAddress(host, tcp.getLocalPort())));
      } catch (BindException e) {
        tcp.close(); // somebody has that port for UDP
      }
    }
  }

  public String address() {
    return tcp.getInetAddress().getHostAddress();
  }

  public String port() {
    return Integer.toString(tcp.getLocalPort());
  }

  public String endpoint() {
    return address() + ":" + port();
  }

  public boolean sawNobody() {
    return connections.get() == 0 && datagrams.get() == 0;
  }

  public int connections() {
    return connections.get();
  }

  public int bytes() {
    return bytes.get();
  }

  private static void start(Runnable loop) {
    Thread thread = new Thread(loop, "canary");
    thread.setDaemon(true);
    thread.start();
  }

  /** Answers like a small web server, so that curl is content. */
  private void accept() {
    while (!tcp.isClosed()) {
      try (Socket socket = tcp.accept()) {
        connections.incrementAndGet();
        socket.setSoTimeout(1500);
        bytes.addAndGet(Math.max(0, socket.getInputStream().read(new byte[4096])));
        socket
            .getOutputStream()
            .write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".getBytes());
      } catch (IOException e) {
        // The next caller, or the end.
      }
    }
  }

  private void receive() {
    while (!udp.isClosed()) {
      try {
        udp.receive(new DatagramPacket(new byte[64], 64));
        datagrams.incrementAndGet();
      } catch (IOException e) {
        // The end.
      }
    }
  }

  @Override
  public void close() throws IOException {
    tcp.close();
    udp.close();
  }
}
