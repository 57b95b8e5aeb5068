// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.connector.Headers;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** An upstream that records what it receives byte for byte and answers by script. */
final class FakeUpstream implements AutoCloseable {

  /** A request as it arrived. */
  record Seen(String requestLine, Headers headers, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  /** Answers on the raw connection; returning keeps the connection open for the next request. */
  interface Script {
    void answer(Seen request, OutputStream out, Socket socket) throws Exception;
  }

  private final ServerSocket server;
  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private volatile Script script = ok("hello");

  FakeUpstream() {
    try {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  static Script ok(String body, String... headers) {
    return answer(200, body, headers);
  }

  static Script answer(int status, String body, String... headers) {
    return (request, out, socket) -> {
      StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Scripted\r\n");
      for (String header : headers) {
        head.append(header).append("\r\n");
      }
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      head.append("Content-Length: ").append(bytes.length).append("\r\n\r\n");
      out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
      if (!request.requestLine().startsWith("HEAD ")) {
        out.write(bytes);
      }
      out.flush();
    };
  }

  URI origin() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort());
  }

  void script(Script next) {
    script = next;
  }

  List<Seen> seen() {
    return List.copyOf(seen);
  }

  void reset() {
    seen.clear();
    script = ok("hello");
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        connections.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      while (true) {
        Seen request = read(in);
        if (request == null) {
          return;
        }
        seen.add(request);
        script.answer(request, socket.getOutputStream(), socket);
      }
    } catch (Exception e) {
      // The connection is over; the test sees that from its own side.
    } finally {
      connections.remove(socket);
    }
  }

  private static Seen read(InputStream in) throws IOException {
    String requestLine = readLine(in);
    if (requestLine == null) {
      return null;
    }
    List<Headers.Field> fields = new ArrayList<>();
    for (String line = readLine(in); line != null && !line.isEmpty(); line = readLine(in)) {
      int colon = line.indexOf(':');
      fields.add(new Headers.Field(line.substring(0, colon), line.substring(colon + 1).strip()));
    }
    Headers headers = Headers.of(fields);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    if (headers.first("transfer-encoding").filter("chunked"::equalsIgnoreCase).isPresent()) {
      int size;
      do {
        size = Integer.parseInt(readLine(in), 16);
        body.write(in.readNBytes(size));
        readLine(in);
      } while (size > 0);
    } else if (headers.has("content-length")) {
      body.write(in.readNBytes(Integer.parseInt(headers.first("content-length").orElseThrow())));
    }
    return new Seen(requestLine, headers, body.toByteArray());
  }

  private static String readLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        return null;
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : connections) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
