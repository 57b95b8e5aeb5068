// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.benchmarks.whole;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/**
 * A SaaS with attachments of one size, made while they are sent; of an upload only the length is
 * kept, and told.
 */
final class LargeUpstream {
  private static final int BLOCK = 64 * 1024;

  private LargeUpstream() {}

  /**
   * @param arguments the port, and the bytes of a download
   */
  public static void main(String[] arguments) throws IOException {
    long bytes = Long.parseLong(arguments[1]);
    HttpServer server =
        HttpServer.create(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0])),
            0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            if (exchange.getRequestMethod().equals("GET")) {
              download(exchange, bytes);
            } else {
              upload(exchange);
            }
          }
        });
    server.start();
  }

  private static void download(HttpExchange exchange, long bytes) throws IOException {
    exchange.getResponseHeaders().add("Content-Type", "application/octet-stream");
    exchange.sendResponseHeaders(200, bytes);
    byte[] block = new byte[BLOCK];
    try (OutputStream out = exchange.getResponseBody()) {
      for (long left = bytes; left > 0; left -= block.length) {
        out.write(block, 0, (int) Math.min(left, block.length));
      }
    }
  }

  private static void upload(HttpExchange exchange) throws IOException {
    long bytes = 0;
    byte[] block = new byte[BLOCK];
    try (InputStream in = exchange.getRequestBody()) {
      for (int read = in.read(block); read >= 0; read = in.read(block)) {
        bytes += read;
      }
    }
    byte[] answer =
        "{\"result\":{\"size_bytes\":\"%d\"}}".formatted(bytes).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(201, answer.length);
    exchange.getResponseBody().write(answer);
  }
}
