// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;

/** A line that is being made, in memory that the next one uses again. Not thread-safe. */
final class LineBytes extends ByteArrayOutputStream {
  private static final int START = 4096;

  LineBytes() {
    super(START);
  }

  /** Bytes as they are. */
  void put(byte[] bytes) {
    room(bytes.length);
    System.arraycopy(bytes, 0, buf, count, bytes.length);
    count += bytes.length;
  }

  /** A text of printable ASCII; the first other character ends it, and nothing is put. */
  boolean putPrintable(String text) {
    int length = text.length();
    room(length);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~' || c == '"' || c == '\\') {
        return false;
      }
      buf[count + i] = (byte) c;
    }
    count += length;
    return true;
  }

  private void room(int more) {
    if (buf.length - count < more) {
      buf = Arrays.copyOf(buf, Math.max(buf.length * 2, count + more));
    }
  }

  void digestInto(MessageDigest digest) {
    digest.update(buf, 0, count);
  }

  /** What stands from one place to another. */
  byte[] part(int from, int to) {
    return Arrays.copyOfRange(buf, from, to);
  }

  /** All but the last {@code less} bytes, with room for {@code more} behind them. */
  byte[] resized(int less, int more) {
    byte[] copy = new byte[count - less + more];
    System.arraycopy(buf, 0, copy, 0, count - less);
    return copy;
  }
}
