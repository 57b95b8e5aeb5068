// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Objects;

/**
 * The file at the end of a trail. It knows how long the file must be and which file it must be, so
 * that another hand on it is noticed before anything is written behind it.
 */
final class Segment implements AutoCloseable {

  private final WriterFiles files;
  private final int number;
  private FileChannel channel;
  private WholeBlocks blocks;
  private Object identity;
  private long committed;
  private boolean ownBytesMayFollow;

  private Segment(WriterFiles files, int number, FileChannel channel) throws IOException {
    this.files = files;
    this.number = number;
    this.channel = channel;
    this.identity = identity(path());
    this.blocks = WholeBlocks.of(path());
  }

  /** Opens a segment, or creates it; nothing in it counts as committed yet. */
  static Segment open(WriterFiles files, int number) throws IOException {
    FileChannel channel =
        WriterFiles.open(
            files.segment(number),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    try {
      return new Segment(files, number, channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  Path path() {
    return files.segment(number);
  }

  int number() {
    return number;
  }

  /** Length in bytes up to the last durable record. */
  long committed() {
    return committed;
  }

  /** What was read and found good when the trail was opened. */
  void commitUpTo(long length) {
    committed = length;
  }

  boolean holdsMore() throws IOException {
    return channel.size() > committed;
  }

  /** Where in the memory of a batch the next line is to be put. */
  int offset() {
    return blocks.offset(committed);
  }

  /**
   * Appends whole lines and returns when they are durable, or leaves {@link #committed} alone.
   *
   * @param lines in {@link WholeBlocks#memory}, at {@link #offset}
   */
  void append(ByteBuffer lines) throws IOException {
    requireInPlace();
    if (channel.size() != committed) {
      throw new TouchedException(
          path() + " was changed by somebody else while this process wrote it.");
    }
    ownBytesMayFollow = true;
    long end = committed + lines.remaining();
    blocks.write(channel, lines, committed);
    channel.force(false);
    requireInPlace();
    ownBytesMayFollow = false;
    committed = end;
  }

  /** A file that was moved away or removed could still be written to, for nobody to find. */
  private void requireInPlace() throws IOException {
    if (!identity(path()).equals(identity)) {
      throw new NoSuchFileException(path().toString());
    }
  }

  /**
   * Opens the file anew after a failure and cuts what the failed attempt left in it. Writing again
   * is the only way to be sure: after a failed sync the system may forget what it could not write.
   *
   * @param lastHash of the last committed record
   * @return whether somebody else's bytes were found and kept aside
   */
  boolean reopen(String lastHash, Quarantine quarantine) throws IOException {
    close();
    channel = WriterFiles.open(path(), StandardOpenOption.READ, StandardOpenOption.WRITE);
    identity = identity(path());
    blocks = WholeBlocks.of(path());
    if (channel.size() < committed || !endsWith(lastHash)) {
      throw new TouchedException(
          path() + " no longer holds what was written to it: put back the file that was there.");
    }
    boolean foreign = holdsMore() && !ownBytesMayFollow;
    if (foreign) {
      keepAside(quarantine);
    } else if (holdsMore()) {
      cut();
    }
    ownBytesMayFollow = false;
    return foreign;
  }

  /** Moves everything behind the last committed record into the quarantine. */
  void keepAside(Quarantine quarantine) throws IOException {
    quarantine.keep(channel, number, committed);
    cut();
  }

  private void cut() throws IOException {
    channel.truncate(committed);
    channel.force(true);
  }

  private boolean endsWith(String lastHash) throws IOException {
    if (committed == 0) {
      return true;
    }
    byte[] expected = SealedLine.ending(lastHash);
    ByteBuffer end = ByteBuffer.allocate(expected.length);
    while (end.hasRemaining()) {
      if (channel.read(end, committed - expected.length + end.position()) < 0) {
        return false;
      }
    }
    return Arrays.equals(expected, end.array());
  }

  private static Object identity(Path file) throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    return Objects.requireNonNullElse(attributes.fileKey(), file);
  }

  @Override
  public void close() throws IOException {
    try {
      blocks.close();
    } finally {
      channel.close();
    }
  }

  /** Somebody else had a hand on the files. The message is a sentence with the next step. */
  static final class TouchedException extends IOException {
    private static final long serialVersionUID = 1L;

    TouchedException(String message) {
      super(message);
    }
  }
}
