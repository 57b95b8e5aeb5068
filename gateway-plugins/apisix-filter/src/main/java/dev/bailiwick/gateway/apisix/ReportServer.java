// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Takes what {@code http-logger} posts to {@code /report} on a port of 127.0.0.1: one entry or an
 * array of them, each with nginx's id of the request and the upstream's status. Thread-safe.
 */
final class ReportServer implements AutoCloseable {
  private static final int LONGEST = 64 << 10;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private record Report(String request, OptionalInt status) {}

  private final HttpServer server;
  private final SentCalls sent;
  private final byte[] authorization;

  private ReportServer(HttpServer server, SentCalls sent, byte[] authorization) {
    this.server = server;
    this.sent = sent;
    this.authorization = authorization;
  }

  /**
   * Starts it.
   *
   * @param tokenFile what a report must carry, so that nobody else can complete records
   * @throws FilterStartException when the port is taken, or the file is not one
   */
  static ReportServer start(int port, Path tokenFile, SentCalls sent) {
    try {
      String token = Files.readString(tokenFile, StandardCharsets.US_ASCII).strip();
      if (!token.matches("[A-Za-z0-9_-]{32,128}")) {
        throw new FilterStartException(
            "bailiwick.report.token-file must hold 32 to 128 letters, digits, - or _");
      }
      HttpServer http =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 64);
      ReportServer server =
          new ReportServer(http, sent, ("Bearer " + token).getBytes(StandardCharsets.US_ASCII));
      http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      http.createContext("/report", server::take);
      http.start();
      return server;
    } catch (IOException e) {
      throw new FilterStartException(
          "bailiwick.report: " + e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }

  private void take(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(LONGEST + 1);
    if (!exchange.getRequestMethod().equals("POST")) {
      answer(exchange, 405);
    } else if (!isAuthorized(exchange)) {
      answer(exchange, 401);
    } else if (body.length > LONGEST) {
      answer(exchange, 413);
    } else {
      try {
        for (Report report : read(body)) {
          var unused = sent.reported(report.request, report.status);
        }
        answer(exchange, 204);
      } catch (IllegalArgumentException e) {
        answer(exchange, 400);
      }
    }
  }

  private boolean isAuthorized(HttpExchange exchange) {
    List<String> lines = exchange.getRequestHeaders().getOrDefault("Authorization", List.of());
    return lines.size() == 1
        && MessageDigest.isEqual(lines.get(0).getBytes(StandardCharsets.ISO_8859_1), authorization);
  }

  private static void answer(HttpExchange exchange, int status) throws IOException {
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  private static List<Report> read(byte[] json) {
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("a report must be JSON", e);
    }
    List<Report> reports = new ArrayList<>();
    for (JsonNode entry : root.isArray() ? root : List.of(root)) {
      JsonNode request = entry.path("request");
      if (!request.isString()) {
        throw new IllegalArgumentException("a report must say its request, a string");
      }
      reports.add(new Report(request.stringValue(), status(entry.path("status").asString(""))));
    }
    return reports;
  }

  /** nginx lists one status for every upstream that it tried; the last one counts. */
  private static OptionalInt status(String text) {
    String last = text.substring(Math.max(text.lastIndexOf(','), text.lastIndexOf(':')) + 1);
    String status = last.strip();
    if (status.isEmpty() || status.equals("-")) {
      return OptionalInt.empty();
    }
    if (!status.matches("[1-5][0-9][0-9]")) {
      throw new IllegalArgumentException("the status of a report must be one of HTTP");
    }
    return OptionalInt.of(Integer.parseInt(status));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
