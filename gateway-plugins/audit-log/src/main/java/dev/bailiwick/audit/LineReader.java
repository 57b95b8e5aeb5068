// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/**
 * Lines of a segment as bytes. A line that is longer than any the log writes is cut in pieces, so
 * that a damaged file cannot exhaust memory.
 */
final class LineReader implements AutoCloseable {

  private final InputStream in;
  private long offset;
  private boolean terminated = true;

  /** Reads from {@code offset}; closing the reader closes the channel. */
  LineReader(FileChannel channel, long offset) throws IOException {
    channel.position(offset);
    this.in = new BufferedInputStream(Channels.newInputStream(channel), 1 << 16);
    this.offset = offset;
  }

  /** The next line without its line feed, or null at the end of the file. */
  byte @Nullable [] next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(1024);
    int b = in.read();
    if (b < 0) {
      return null;
    }
    while (b >= 0 && b != '\n' && line.size() < SealedLine.MAX_BYTES) {
      line.write(b);
      b = in.read();
    }
    terminated = b >= 0;
    offset += line.size() + (terminated ? 1 : 0);
    return line.toByteArray();
  }

  /** Whether the last line ended in a line feed; if not, the file ends in the middle of it. */
  boolean terminated() {
    return terminated;
  }

  /** Position after the last line. */
  long offset() {
    return offset;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
