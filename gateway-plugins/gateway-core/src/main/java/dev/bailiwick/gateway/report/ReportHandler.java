// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.report;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;

/**
 * Takes reports: one JSON object or an array of them, each with the {@code request} and the
 * upstream's {@code status}. Answers 204; 401 before it reads a byte of the body, 405, 400, 413 for
 * more than 64 KiB, and 503 while 256 others are being read. Thread-safe.
 */
public final class ReportHandler implements HttpHandler {
  private static final int LONGEST = 64 << 10;
  private static final int AT_ONCE = 256;

  /** Who is told. */
  public interface Listener {
    /**
     * A request ended.
     *
     * @param request the name that the proxy gave it
     * @param status of the upstream; empty when it gave none
     */
    void reported(String request, OptionalInt status);
  }

  private final ReportToken token;
  private final Listener listener;
  private final Semaphore room = new Semaphore(AT_ONCE);

  /**
   * @param token what every report has to carry
   */
  public ReportHandler(ReportToken token, Listener listener) {
    this.token = token;
    this.listener = listener;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    if (!exchange.getRequestMethod().equals("POST")) {
      answer(exchange, 405, "");
    } else if (!token.isShownBy(
        exchange.getRequestHeaders().getOrDefault("Authorization", List.of()))) {
      answer(exchange, 401, "");
    } else if (announcesTooMuch(exchange)) {
      answer(exchange, 413, "");
    } else if (!room.tryAcquire()) {
      answer(exchange, 503, "");
    } else {
      try {
        take(exchange);
      } finally {
        room.release();
      }
    }
  }

  private static boolean announcesTooMuch(HttpExchange exchange) {
    String length = exchange.getRequestHeaders().getFirst("Content-Length");
    return length != null && !(length.matches("[0-9]{1,9}") && Integer.parseInt(length) <= LONGEST);
  }

  private void take(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(LONGEST + 1);
    if (body.length > LONGEST) {
      answer(exchange, 413, "");
      return;
    }
    List<ReportReader.Report> reports;
    try {
      reports = ReportReader.read(body);
    } catch (IllegalArgumentException e) {
      answer(exchange, 400, e.getMessage() + "\n");
      return;
    }
    reports.forEach(report -> listener.reported(report.request(), report.status()));
    answer(exchange, 204, "");
  }

  /** What was not read of the request by then is not read any more: the connection ends. */
  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }
}
