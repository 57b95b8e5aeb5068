// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Writes the whole blocks of a long batch from our memory to the disk, past the system's page
 * cache. What is not whole blocks, or short, or on a file system that knows no such way, goes
 * through the file's other channel. Not thread-safe.
 */
final class WholeBlocks implements AutoCloseable {

  /** A write past the cache waits for the device each time, so it has to be worth it. */
  private static final int LEAST_BYTES = 64 << 10;

  private static final int LARGEST_BLOCK = 64 << 10;

  private final int block;
  private @Nullable FileChannel past;

  private WholeBlocks(int block, @Nullable FileChannel past) {
    this.block = block;
    this.past = past;
  }

  static WholeBlocks of(Path file) {
    try {
      long block = Files.getFileStore(file).getBlockSize();
      if (block > 0 && block <= LARGEST_BLOCK && Long.bitCount(block) == 1) {
        return new WholeBlocks(
            (int) block, WriterFiles.open(file, StandardOpenOption.WRITE, pastTheCache()));
      }
    } catch (IOException | UnsupportedOperationException | ReflectiveOperationException e) {
      // Then everything goes the usual way.
    }
    return new WholeBlocks(1, null);
  }

  /** By name: the compiler warns of everything that is no part of Java itself. */
  private static OpenOption pastTheCache() throws ClassNotFoundException {
    for (Object option : Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants()) {
      if (option instanceof Enum<?> named
          && named.name().equals("DIRECT")
          && option instanceof OpenOption found) {
        return found;
      }
    }
    throw new UnsupportedOperationException();
  }

  /** Memory for a batch; lines are to be put behind {@link #offset} of it. */
  static ByteBuffer memory(int bytes) {
    return ByteBuffer.allocateDirect(bytes + 2 * LARGEST_BLOCK).alignedSlice(LARGEST_BLOCK);
  }

  /** Where in a block, and so in the memory, the byte of that place in the file stands. */
  int offset(long place) {
    return (int) (place % block);
  }

  /**
   * Writes bytes to a place.
   *
   * @param bytes in {@link #memory}, at the offset of the place
   */
  void write(FileChannel usual, ByteBuffer bytes, long place) throws IOException {
    int end = bytes.limit();
    int from = (bytes.position() + block - 1) / block * block;
    int to = end / block * block;
    if (past != null && to - from >= LEAST_BYTES) {
      long base = place - bytes.position();
      writeAll(usual, bytes.limit(from), place);
      writePast(past, bytes.limit(to), base + from);
      writeAll(usual, bytes.limit(end), base + bytes.position());
    } else {
      writeAll(usual, bytes, place);
    }
  }

  /** What cannot go past the cache is left for the usual way, which says what is wrong, if so. */
  private void writePast(FileChannel channel, ByteBuffer bytes, long place) throws IOException {
    int start = bytes.position();
    try {
      writeAll(channel, bytes, place);
    } catch (IOException e) {
      bytes.position(start);
      close();
    }
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes, long place)
      throws IOException {
    long at = place;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }

  @Override
  public void close() throws IOException {
    FileChannel open = past;
    past = null;
    if (open != null) {
      open.close();
    }
  }
}
