// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/**
 * Lines of a segment as bytes. A line that is longer than any the log writes is cut in pieces, so
 * that a damaged file cannot exhaust memory.
 */
final class LineReader implements AutoCloseable {

  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).limit(0);
  private long offset;
  private boolean terminated = true;

  /** Reads from {@code offset}; closing the reader closes the channel. */
  LineReader(FileChannel channel, long offset) throws IOException {
    this.channel = channel.position(offset);
    this.offset = offset;
  }

  /** The next line without its line feed, or null at the end of the file. */
  byte @Nullable [] next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(2048);
    terminated = false;
    while (!terminated && line.size() < SealedLine.MAX_BYTES && fill()) {
      int from = buffer.position();
      int end = Math.min(buffer.limit(), from + SealedLine.MAX_BYTES - line.size());
      int at = from;
      while (at < end && buffer.get(at) != '\n') {
        at++;
      }
      line.write(buffer.array(), from, at - from);
      terminated = at < end;
      buffer.position(terminated ? at + 1 : at);
    }
    if (line.size() == 0 && !terminated) {
      return null;
    }
    offset += line.size() + (terminated ? 1 : 0);
    return line.toByteArray();
  }

  private boolean fill() throws IOException {
    if (buffer.hasRemaining()) {
      return true;
    }
    int read = channel.read(buffer.clear());
    buffer.flip();
    return read > 0;
  }

  /**
   * Whether the last line ended in a line feed; if not, the file ends in the middle of it, or it is
   * a piece of an overlong one.
   */
  boolean terminated() {
    return terminated;
  }

  /** Position after the last line. */
  long offset() {
    return offset;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
