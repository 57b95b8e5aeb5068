// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.apisix;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request as nginx reads it from a connection, whose body still has to be read. HTTP/2 comes
 * written out as text: the version on the request line says so, and chunks stand for DATA frames,
 * which no header announces. Not thread-safe.
 */
final class NginxRequest {
  /** {@code large_client_header_buffers} is 4 8k. */
  private static final int MAX_LINE = 8 << 10;

  private static final int MAX_HEAD = 32 << 10;

  private static final String HTTP_2 = "HTTP/2.0";

  /** Lines that nginx takes once. */
  private static final Set<String> ONCE =
      Set.of(
          "host",
          "authorization",
          "content-length",
          "transfer-encoding",
          "expect",
          "upgrade",
          "range",
          "if-range");

  /** nginx answers by itself and closes. */
  static final class TurnedAwayException extends IOException {
    final int status;

    TurnedAwayException(int status) {
      this.status = status;
    }
  }

  final String method;

  /** Path and query as they stood on the request line, without an absolute form's authority. */
  final String target;

  /** Lower-case names. */
  final List<Entry> headers;

  /** {@code HTTP/1.1} or {@code HTTP/2.0}. */
  final String protocol;

  private final boolean framed;
  private final InputStream in;
  private byte @Nullable [] body;

  private NginxRequest(
      String method, String target, String protocol, List<Entry> headers, InputStream in) {
    this.method = method;
    this.target = target;
    this.protocol = protocol;
    this.in = in;
    this.framed = Entry.first(headers, "transfer-encoding").isPresent();
    this.headers =
        protocol.equals(HTTP_2)
            ? headers.stream().filter(h -> !h.name().equals("transfer-encoding")).toList()
            : headers;
  }

  /** The next request of a connection; null at its end. */
  static @Nullable NginxRequest read(InputStream in) throws IOException {
    int[] budget = {MAX_HEAD};
    String line = line(in, budget);
    if (line == null) {
      return null;
    }
    String[] words = line.split(" ", -1);
    if (words.length != 3
        || !Set.of("HTTP/1.1", HTTP_2).contains(words[2])
        || !words[0].matches("[A-Z_-]+")) {
      throw new TurnedAwayException(400);
    }
    if (words[0].equals("TRACE") || words[0].equals("CONNECT")) {
      throw new TurnedAwayException(405);
    }
    List<Entry> headers = new ArrayList<>();
    for (String header = line(in, budget); header != null; header = line(in, budget)) {
      if (header.isEmpty()) {
        return check(words[0], words[1], words[2], headers, in);
      }
      headers.add(header(header, headers));
    }
    throw new EOFException("the client broke off");
  }

  private static Entry header(String line, List<Entry> before) throws TurnedAwayException {
    int colon = line.indexOf(':');
    if (colon < 1 || line.substring(0, colon).chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
      throw new TurnedAwayException(400);
    }
    String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
    String value = line.substring(colon + 1).strip();
    if (value.indexOf(0) >= 0
        || (ONCE.contains(name) && before.stream().anyMatch(entry -> entry.name().equals(name)))) {
      throw new TurnedAwayException(400);
    }
    return new Entry(name, value);
  }

  private static NginxRequest check(
      String method, String target, String protocol, List<Entry> headers, InputStream in)
      throws TurnedAwayException {
    boolean length = Entry.first(headers, "content-length").isPresent();
    boolean coding = Entry.first(headers, "transfer-encoding").isPresent();
    if ((length && coding) || Entry.first(headers, "host").isEmpty()) {
      throw new TurnedAwayException(400);
    }
    if (length && !Entry.first(headers, "content-length").orElse("").matches("[0-9]{1,18}")) {
      throw new TurnedAwayException(400);
    }
    if (coding
        && !Entry.first(headers, "transfer-encoding").orElse("").equalsIgnoreCase("chunked")) {
      throw new TurnedAwayException(501);
    }
    String path = target.replaceFirst("(?i)^http://[^/?#]+", "");
    if (!path.startsWith("/") || path.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
      throw new TurnedAwayException(400);
    }
    return new NginxRequest(method, path, protocol, headers, in);
  }

  private static @Nullable String line(InputStream in, int[] budget) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (true) {
      int c = in.read();
      if (c < 0) {
        if (line.size() == 0) {
          return null;
        }
        throw new EOFException("the client broke off");
      }
      if (c == '\n') {
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
      }
      line.write(c);
      if (line.size() > MAX_LINE || --budget[0] < 0) {
        throw new TurnedAwayException(400);
      }
    }
  }

  boolean hasBody() {
    return framed
        || Entry.first(headers, "content-length").filter(n -> !n.matches("0+")).isPresent();
  }

  /** Whether everything of it came off the connection, so that another request may follow. */
  boolean whole() {
    return body != null || !hasBody();
  }

  /** The whole body, de-chunked; empty when there is none. */
  byte[] body() throws IOException {
    if (body == null) {
      body = readBody();
    }
    return body;
  }

  private byte[] readBody() throws IOException {
    if (framed) {
      return chunks();
    }
    long length = Entry.first(headers, "content-length").map(Long::parseLong).orElse(0L);
    byte[] bytes = in.readNBytes((int) length);
    if (bytes.length < length) {
      throw new EOFException("the client broke off");
    }
    return bytes;
  }

  private byte[] chunks() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    int[] budget = {Integer.MAX_VALUE};
    while (true) {
      String size = line(in, budget);
      if (size == null || !size.matches("[0-9a-fA-F]{1,7}")) {
        throw new TurnedAwayException(400);
      }
      int bytes = Integer.parseInt(size, 16);
      all.write(in.readNBytes(bytes));
      line(in, budget);
      if (bytes == 0) {
        return all.toByteArray();
      }
    }
  }
}
