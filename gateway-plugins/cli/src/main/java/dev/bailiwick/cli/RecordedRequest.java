// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import dev.bailiwick.connector.Headers;
import dev.bailiwick.gateway.InboundRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request in a file: request line, headers, an empty line and the body (RFC 9112 §2.1).
 * Lines end in CRLF or LF. No sentence about a wrong file repeats what stands in it, since that may
 * be a token.
 */
record RecordedRequest(InboundRequest request, byte[] body) {
  private static final int MAX_BYTES = 64 * 1024 * 1024;

  /**
   * Reads a file of at most 64 MiB, the longest body that a bundle permits.
   *
   * @throws IllegalArgumentException with file, line and what was expected
   */
  static RecordedRequest read(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IllegalArgumentException(file + " is a directory: name a file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new IllegalArgumentException(
            file + ": a recorded request may hold at most " + MAX_BYTES + " bytes");
      }
      return new Reader(file.toString(), bytes).read();
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("there is no file " + file, e);
    }
  }

  /** Reads one file from its first line to its last byte. */
  private static final class Reader {
    private final String file;
    private final byte[] bytes;
    private int at;
    private int line;
    private int lengthLine;

    Reader(String file, byte[] bytes) {
      this.file = file;
      this.bytes = bytes;
    }

    RecordedRequest read() {
      String[] words = requestLine();
      Headers headers = headers();
      byte[] body = body(headers);
      if (body.length > 0 && !headers.has("content-length")) {
        headers = headers.with("content-length", String.valueOf(body.length));
      }
      String target = words[1];
      int mark = target.indexOf('?');
      return new RecordedRequest(
          new InboundRequest(
              words[0],
              mark < 0 ? target : target.substring(0, mark),
              mark < 0 ? null : target.substring(mark + 1),
              headers,
              Optional.empty(),
              ""),
          body);
    }

    private String[] requestLine() {
      if (bytes.length > 2 && new String(bytes, 0, 3, StandardCharsets.UTF_8).equals("\ufeff")) {
        line = 1;
        throw wrong("a byte order mark stands before the request line: save the file without one");
      }
      @Nullable String first = nextLine();
      if (first == null && bytes.length > 0) {
        throw wrong(
            "the first line does not end: expected a request line, headers, and the empty line"
                + " that ends them");
      }
      String[] words = first == null ? new String[0] : first.split(" ", -1);
      boolean versioned = words.length == 3 && words[2].matches("HTTP/[0-9](\\.[0-9])?");
      if ((!versioned && words.length != 2) || !words[0].matches("[A-Z]+")) {
        throw wrong("expected a request line such as GET /servicenow/api/now/table/x HTTP/1.1");
      }
      if (!words[1].startsWith("/")) {
        throw wrong(
            "the target must be in origin-form (RFC 9112 §3.2.1): only path and query, from the"
                + " first slash after the host");
      }
      return words;
    }

    private Headers headers() {
      List<Headers.Field> fields = new ArrayList<>();
      for (String text = headerLine(); !text.isEmpty(); text = headerLine()) {
        if (text.startsWith(" ") || text.startsWith("\t")) {
          throw wrong("a header goes on over several lines (RFC 9112 §5.2): join them");
        }
        int colon = text.indexOf(':');
        if (colon <= 0) {
          throw wrong("expected a header (name: value), or the empty line that ends the headers");
        }
        try {
          if (text.substring(0, colon).equalsIgnoreCase("content-length")) {
            lengthLine = line;
          }
          fields.add(
              new Headers.Field(text.substring(0, colon), text.substring(colon + 1).strip()));
        } catch (IllegalArgumentException e) {
          throw wrong(String.valueOf(e.getMessage()));
        }
      }
      return Headers.of(fields);
    }

    private String headerLine() {
      @Nullable String text = nextLine();
      if (text == null) {
        throw wrong("the file ends before the empty line that ends the headers: add it");
      }
      return text;
    }

    /**
     * What {@code Content-Length} counts; without it, the rest but for the editor's last line end.
     */
    private byte[] body(Headers headers) {
      if (headers.has("transfer-encoding")) {
        throw wrong(
            "the body must be recorded without Transfer-Encoding: decode it, drop the line");
      }
      int end = withoutLineEnd(bytes.length);
      Optional<String> length = headers.first("content-length");
      if (length.isPresent()) {
        int rest = bytes.length - at;
        int stated = length.get().matches("[0-9]{1,8}") ? Integer.parseInt(length.get()) : -1;
        if (stated != rest && stated != end - at) {
          line = lengthLine;
          throw wrong(
              "Content-Length does not fit the body, which holds "
                  + (end - at)
                  + " bytes: correct it, or drop the line");
        }
        end = at + stated;
      }
      return Arrays.copyOfRange(bytes, at, end);
    }

    private int withoutLineEnd(int end) {
      int shorter = end > at && bytes[end - 1] == '\n' ? end - 1 : end;
      return shorter < end && shorter > at && bytes[shorter - 1] == '\r' ? shorter - 1 : shorter;
    }

    /** The next line without its end; null when the file has no further line end. */
    private @Nullable String nextLine() {
      line++;
      int end = at;
      while (end < bytes.length && bytes[end] != '\n') {
        end++;
      }
      if (end == bytes.length) {
        return null;
      }
      int last = end > at && bytes[end - 1] == '\r' ? end - 1 : end;
      String text = new String(bytes, at, last - at, StandardCharsets.ISO_8859_1);
      if (text.indexOf('\r') >= 0) {
        throw wrong("a carriage return stands in the middle of a line (RFC 9112 §2.2)");
      }
      at = end + 1;
      return text;
    }

    private IllegalArgumentException wrong(String sentence) {
      return new IllegalArgumentException(file + ":" + line + ": " + sentence);
    }
  }
}
