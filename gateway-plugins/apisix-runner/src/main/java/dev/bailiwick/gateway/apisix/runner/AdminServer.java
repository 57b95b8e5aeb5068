// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Readiness, metrics and reports, on a port of 127.0.0.1. Thread-safe. */
final class AdminServer implements AutoCloseable {
  private static final int LONGEST_REPORT = 64 << 10;
  private static final int REPORTS_AT_ONCE = 256;

  /** What it shows. */
  record View(BooleanSupplier ready, Supplier<String> status, Supplier<String> metrics) {}

  private final HttpServer server;
  private final View view;
  private final Optional<ReportToken> token;
  private final PendingCalls pending;
  private final Semaphore room = new Semaphore(REPORTS_AT_ONCE);

  private AdminServer(
      HttpServer server, View view, Optional<ReportToken> token, PendingCalls pending) {
    this.server = server;
    this.view = view;
    this.token = token;
    this.pending = pending;
  }

  /**
   * Starts it.
   *
   * @throws RunnerStartException when the port is taken
   */
  static AdminServer start(int port, View view, Optional<ReportToken> token, PendingCalls pending) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 64);
      AdminServer admin = new AdminServer(server, view, token, pending);
      server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      server.createContext("/ready", admin::ready);
      server.createContext("/metrics", admin::metrics);
      server.createContext("/report", admin::report);
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

  private void report(HttpExchange exchange) throws IOException {
    if (!exchange.getRequestMethod().equals("POST") || token.isEmpty()) {
      answer(exchange, token.isEmpty() ? 404 : 405, "text/plain", "");
    } else if (!authorized(exchange, token.get())) {
      answer(exchange, 401, "text/plain", "");
    } else if (!room.tryAcquire()) {
      answer(exchange, 503, "text/plain", "");
    } else {
      try {
        taken(exchange);
      } finally {
        room.release();
      }
    }
  }

  private static boolean authorized(HttpExchange exchange, ReportToken token) {
    var lines = exchange.getRequestHeaders().getOrDefault("Authorization", List.of());
    return lines.size() == 1
        && MessageDigest.isEqual(
            lines.get(0).getBytes(StandardCharsets.ISO_8859_1),
            token.authorization().getBytes(StandardCharsets.ISO_8859_1));
  }

  private void taken(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(LONGEST_REPORT + 1);
    if (body.length > LONGEST_REPORT) {
      answer(exchange, 413, "text/plain", "");
      return;
    }
    try {
      for (ReportReader.Report report : ReportReader.read(body)) {
        var unused = pending.reported(report.request(), report.status());
      }
      answer(exchange, 204, "text/plain", "");
    } catch (IllegalArgumentException e) {
      answer(exchange, 400, "text/plain", e.getMessage() + "\n");
    }
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
