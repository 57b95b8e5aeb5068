// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.bailiwick.gateway.report.LoopbackServer;
import dev.bailiwick.gateway.report.ReportHandler;
import dev.bailiwick.gateway.report.ReportToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Readiness, metrics and reports, on a port of 127.0.0.1. Thread-safe. */
final class AdminServer implements AutoCloseable {
  /** What it shows. */
  record View(BooleanSupplier ready, Supplier<String> status, Supplier<String> metrics) {}

  private final HttpServer server;
  private final View view;

  private AdminServer(HttpServer server, View view) {
    this.server = server;
    this.view = view;
  }

  /**
   * Starts it.
   *
   * @throws RunnerStartException when the port is taken
   */
  static AdminServer start(int port, View view, Optional<ReportToken> token, PendingCalls pending) {
    try {
      HttpServer server = LoopbackServer.create(port);
      AdminServer admin = new AdminServer(server, view);
      server.createContext("/ready", admin::ready);
      server.createContext("/metrics", admin::metrics);
      token.ifPresent(
          known ->
              server.createContext(
                  "/report",
                  new ReportHandler(
                      known,
                      (request, status) -> {
                        var unused = pending.reported(request, status);
                      })));
      server.start();
      return admin;
    } catch (BindException e) {
      throw new RunnerStartException(
          "port " + port + " of 127.0.0.1 is taken: choose another --admin-port");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void ready(HttpExchange exchange) throws IOException {
    boolean ready = view.ready().getAsBoolean();
    answer(exchange, ready ? 200 : 503, "application/json", view.status().get());
  }

  private void metrics(HttpExchange exchange) throws IOException {
    answer(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", view.metrics().get());
  }

  private static void answer(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
