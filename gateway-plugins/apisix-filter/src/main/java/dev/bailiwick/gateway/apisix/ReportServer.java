// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import com.sun.net.httpserver.HttpServer;
import dev.bailiwick.gateway.report.LoopbackServer;
import dev.bailiwick.gateway.report.ReportHandler;
import dev.bailiwick.gateway.report.ReportToken;
import java.io.IOException;
import java.nio.file.Path;

/** Takes what {@code http-logger} posts to {@code /report} on a port of 127.0.0.1. Thread-safe. */
final class ReportServer implements AutoCloseable {
  private final HttpServer server;

  private ReportServer(HttpServer server) {
    this.server = server;
  }

  /**
   * Starts it.
   *
   * @param tokenFile what a report must carry, so that nobody else can complete records
   * @throws FilterStartException when the port is taken, the file is not one, or others may read it
   */
  static ReportServer start(int port, Path tokenFile, SentCalls sent) {
    try {
      ReportToken token = ReportToken.of(tokenFile);
      HttpServer server = LoopbackServer.create(port);
      server.createContext(
          "/report",
          new ReportHandler(
              token,
              (request, status) -> {
                var unused = sent.reported(request, status);
              }));
      server.start();
      return new ReportServer(server);
    } catch (IllegalArgumentException e) {
      throw new FilterStartException("bailiwick.report.token-file: " + e.getMessage());
    } catch (IOException e) {
      throw new FilterStartException(
          "bailiwick.report: " + e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
