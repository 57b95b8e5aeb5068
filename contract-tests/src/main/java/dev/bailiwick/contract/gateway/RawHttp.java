// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.gateway;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * An HTTP/1.1 client that sends exactly the bytes it is given, however wrong they are, over one
 * connection. Not thread-safe.
 */
public final class RawHttp implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private boolean bodyless;

  private RawHttp(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
    this.out = socket.getOutputStream();
  }

  /** Connects to a port of 127.0.0.1. */
  public static RawHttp connect(int port) {
    return connect(port, PATIENCE);
  }

  /** The same for somebody who waits no longer than this for the next byte. */
  public static RawHttp connect(int port, Duration patience) {
    try {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout((int) patience.toMillis());
      socket.setTcpNoDelay(true);
      return new RawHttp(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An answer as it was received. Header names are lower case. */
  public record Response(
      int status, Map<String, List<String>> headers, byte[] body, boolean whole) {
    public Optional<String> header(String name) {
      List<String> values = headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
      return values.stream().findFirst();
    }

    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    /** Everything the agent could read, for searching it. */
    public String everything() {
      return headers + "\n" + text();
    }
  }

  /** Sends one request of these lines and this body on a connection of its own. */
  public static Response exchange(int port, byte[] request) {
    try (RawHttp http = connect(port)) {
      http.send(request);
      return http.receive();
    }
  }

  /** The same, for a request without a body. */
  public static Response exchange(int port, String... lines) {
    return exchange(port, head(lines));
  }

  /** A head: the lines, each ended by CR LF, and the empty line. */
  public static byte[] head(String... lines) {
    return (String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Sends bytes as they are. */
  public void send(byte[] bytes) {
    bodyless = new String(bytes, StandardCharsets.ISO_8859_1).startsWith("HEAD ");
    try {
      out.write(bytes);
      out.flush();
    } catch (SocketException e) {
      // The gateway may have answered and closed before it read everything: the answer counts.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Receives one answer; {@link Response#whole} is false when it broke off. */
  public Response receive() {
    try {
      Head head = readHead();
      while (head.status() >= 100 && head.status() < 200) {
        head = readHead();
      }
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      boolean whole = bodyless || readBody(head, body);
      return new Response(head.status(), head.headers(), body.toByteArray(), whole);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Receives the head of an answer and leaves its body on the connection. */
  public Head readHead() throws IOException {
    String[] status = readLine().split(" ", 3);
    Map<String, List<String>> headers = new LinkedHashMap<>();
    for (String line = readLine(); !line.isEmpty(); line = readLine()) {
      int colon = line.indexOf(':');
      headers
          .computeIfAbsent(
              line.substring(0, colon).toLowerCase(Locale.ROOT), n -> new ArrayList<>())
          .add(line.substring(colon + 1).strip());
    }
    return new Head(Integer.parseInt(status[1]), headers);
  }

  /** Status and headers of an answer. */
  public record Head(int status, Map<String, List<String>> headers) {}

  private boolean readBody(Head head, ByteArrayOutputStream body) throws IOException {
    List<String> length = head.headers().getOrDefault("content-length", List.of());
    try {
      if (head.headers().containsKey("transfer-encoding")) {
        while (true) {
          int size = Integer.parseInt(readLine(), 16);
          body.write(in.readNBytes(size));
          readLine();
          if (size == 0) {
            return true;
          }
        }
      }
      if (!length.isEmpty() && head.status() != 204 && head.status() != 304) {
        int size = Integer.parseInt(length.get(0));
        body.write(in.readNBytes(size));
        return body.size() == size;
      }
      return true;
    } catch (EOFException | SocketException e) {
      return false;
    }
  }

  private String readLine() throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      int c = in.read();
      if (c < 0) {
        throw new EOFException("the gateway closed the connection");
      }
      if (c == '\n') {
        return line.toString();
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
  }

  /** Reads from a body that streams until the text has come, framing included. */
  public String readUntil(String text) throws IOException {
    StringBuilder read = new StringBuilder();
    while (read.indexOf(text) < 0) {
      int c = in.read();
      if (c < 0) {
        throw new EOFException("the body ended before \"" + text + "\": " + read);
      }
      read.append((char) c);
    }
    return read.toString();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
