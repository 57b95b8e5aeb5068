// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A token endpoint on loopback that answers as told and remembers what it was asked. */
final class FakeTokenEndpoint implements AutoCloseable {

  interface Answer {
    void write(HttpExchange exchange) throws IOException, InterruptedException;
  }

  record Seen(String raw, Map<String, String> form, Headers headers) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final Queue<Answer> next = new ArrayDeque<>();
  private volatile Answer otherwise = json(200, "{\"access_token\":\"live\",\"expires_in\":1800}");

  FakeTokenEndpoint() {
    this(0);
  }

  FakeTokenEndpoint(int port) {
    try {
      server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/token", this::handle);
    server.start();
  }

  static Answer json(int status, String body) {
    return exchange -> send(exchange, status, body);
  }

  static Answer json(int status, String body, String header, String value) {
    return exchange -> {
      exchange.getResponseHeaders().add(header, value);
      send(exchange, status, body);
    };
  }

  static Answer token(String token) {
    return json(
        200, "{\"access_token\":\"" + token + "\",\"token_type\":\"Bearer\",\"expires_in\":1800}");
  }

  static Answer breakOff() {
    return HttpExchange::close;
  }

  void always(Answer answer) {
    otherwise = answer;
  }

  void then(Answer answer) {
    synchronized (next) {
      next.add(answer);
    }
  }

  String url() {
    return "http://127.0.0.1:" + port() + "/token";
  }

  int port() {
    return server.getAddress().getPort();
  }

  int requests() {
    return seen.size();
  }

  List<Seen> seen() {
    return List.copyOf(seen);
  }

  Seen last() {
    return seen.getLast();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try {
      String raw = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      Headers headers = new Headers();
      headers.putAll(exchange.getRequestHeaders());
      seen.add(new Seen(raw, form(raw), headers));
      Answer answer;
      synchronized (next) {
        answer = next.isEmpty() ? otherwise : next.remove();
      }
      answer.write(exchange);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      exchange.close();
    }
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) {
      exchange.getResponseBody().write(bytes);
    }
  }

  private static Map<String, String> form(String raw) {
    Map<String, String> form = new HashMap<>();
    for (String field : raw.split("&")) {
      String[] parts = field.split("=", 2);
      form.put(decode(parts[0]), decode(parts.length > 1 ? parts[1] : ""));
    }
    return form;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
