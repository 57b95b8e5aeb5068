// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What enforcer and clients say to each other, and what the enforcer writes down about a sandbox:
 * {@code key=value} records, each ended by a NUL, first {@code version=1}, last {@code end=}. Over
 * a socket, four bytes before it give its length, highest first. Not thread-safe.
 */
final class Message {
  /** As {@code MAX_SPEC_BYTES} of the launcher. */
  static final int MAX_BYTES = 2 << 20;

  /** Beyond any launch request: a record of two bytes costs the reader far more than that. */
  private static final int MAX_RECORDS = EnforcerRequest.MAX_ARGUMENTS + 16;

  static final int LENGTH_BYTES = Integer.BYTES;
  private static final String VERSION = "1";

  /** A value may be any bytes but NUL: arguments are the caller's and need not be text. */
  record Field(String key, byte[] value) {
    String text() {
      return new String(value, UTF_8);
    }
  }

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  Message() {
    put("version", VERSION);
  }

  Message put(String key, String value) {
    return put(key, value.replace('\0', ' ').getBytes(UTF_8));
  }

  Message put(String key, long value) {
    return put(key, Long.toString(value));
  }

  Message put(String key, byte[] value) {
    bytes.writeBytes((key + "=").getBytes(UTF_8));
    bytes.writeBytes(value);
    bytes.write(0);
    return this;
  }

  byte[] end() {
    put("end", "");
    return bytes.toByteArray();
  }

  /** The message with its length before it. */
  byte[] frame() {
    byte[] content = end();
    return ByteBuffer.allocate(LENGTH_BYTES + content.length)
        .putInt(content.length)
        .put(content)
        .array();
  }

  /**
   * The records between the first and the last.
   *
   * @throws SandboxException with the place where it stops making sense
   */
  static List<Field> parse(byte[] content) throws SandboxException {
    List<Field> fields = new ArrayList<>();
    int start = 0;
    while (start < content.length) {
      if (fields.size() > MAX_RECORDS) {
        throw malformed(fields, "it has more than " + MAX_RECORDS + " records");
      }
      int end = indexOf(content, (byte) 0, start, content.length);
      if (end < 0) {
        throw malformed(fields, "its last record has no end");
      }
      int equals = indexOf(content, (byte) '=', start, end);
      if (equals < 0) {
        throw malformed(fields, "a record is not key=value");
      }
      byte[] value = new byte[end - equals - 1];
      System.arraycopy(content, equals + 1, value, 0, value.length);
      fields.add(new Field(new String(content, start, equals - start, UTF_8), value));
      start = end + 1;
    }
    if (fields.isEmpty() || !is(fields.get(0), "version", VERSION)) {
      throw malformed(List.of(), "it does not begin with version=" + VERSION);
    }
    if (!is(fields.get(fields.size() - 1), "end", "")) {
      throw malformed(fields, "it was cut short");
    }
    return List.copyOf(fields.subList(1, fields.size() - 1));
  }

  private static boolean is(Field field, String key, String value) {
    return field.key().equals(key) && field.text().equals(value);
  }

  private static SandboxException malformed(List<Field> before, String what) {
    return new SandboxException(
        "the message is malformed: "
            + what
            + (before.isEmpty() ? "" : ", after " + before.get(before.size() - 1).key()));
  }

  private static int indexOf(byte[] bytes, byte wanted, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return -1;
  }
}
