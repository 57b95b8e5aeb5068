// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.report;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

/** Makes the JDK's HTTP server on a port of 127.0.0.1, bounded in connections and in time. */
public final class LoopbackServer {
  private static final int BACKLOG = 64;

  /** The JDK has these limits for the whole process, and reads them once; none by itself. */
  private static final String LONGEST_REQUEST_SECONDS = "sun.net.httpserver.maxReqTime";

  private static final String MOST_CONNECTIONS = "jdk.httpserver.maxConnections";

  /** How much of a body is read and thrown away after it was answered. */
  private static final String DRAINED_BYTES = "sun.net.httpserver.drainAmount";

  private LoopbackServer() {}

  /**
   * A server that does not run yet, with a virtual thread for every request. Heads and bodies that
   * take longer than 10 s end their connection, and so does an answer that comes before the body
   * was read; there are at most 1024 connections. The JDK's system properties may say otherwise.
   *
   * @param port 0 takes one that is free
   * @throws IOException when the port is taken
   */
  public static HttpServer create(int port) throws IOException {
    setUnlessSet(LONGEST_REQUEST_SECONDS, "10");
    setUnlessSet(MOST_CONNECTIONS, "1024");
    setUnlessSet(DRAINED_BYTES, "0");
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    return server;
  }

  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
