// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The right to write a trail, held by one process at a time and lost with it. */
final class WriterLock implements AutoCloseable {

  /*
   * POSIX drops a process's locks on a file as soon as the process closes any descriptor of it, so
   * a second attempt in this process must be turned away before it opens the file.
   */
  private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final Path key;
  private final Object identity;
  private final FileChannel channel;

  private WriterLock(Path file, Path key, Object identity, FileChannel channel) {
    this.file = file;
    this.key = key;
    this.identity = identity;
    this.channel = channel;
  }

  /**
   * @throws AuditException if another log holds it
   */
  static WriterLock acquire(WriterFiles files) throws IOException {
    Path key = files.directory().toRealPath();
    if (!HELD_HERE.add(key)) {
      throw inUse(files, "this process");
    }
    boolean locked = false;
    try {
      FileChannel channel =
          WriterFiles.open(
              files.lock(),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      try {
        FileLock lock = channel.tryLock();
        if (lock == null) {
          throw inUse(files, "process " + holder(channel));
        }
        channel.truncate(0);
        channel.write(
            ByteBuffer.wrap(
                Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
        locked = true;
        return new WriterLock(files.lock(), key, identity(files.lock()), channel);
      } finally {
        if (!locked) {
          channel.close();
        }
      }
    } finally {
      if (!locked) {
        HELD_HERE.remove(key);
      }
    }
  }

  /** Whether the locked file is still the one that the next process would try to lock. */
  boolean guards() throws IOException {
    return Files.exists(file) && identity(file).equals(identity);
  }

  private static Object identity(Path file) throws IOException {
    return Objects.requireNonNullElse(
        Files.readAttributes(file, BasicFileAttributes.class).fileKey(), file);
  }

  /** Gives the right up; what another log took since is left alone. */
  @Override
  public void close() throws IOException {
    if (channel.isOpen()) {
      try {
        channel.close();
      } finally {
        HELD_HERE.remove(key);
      }
    }
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(20);
    channel.read(text, 0);
    return SafeText.escape(
        new String(text.array(), 0, text.position(), StandardCharsets.ISO_8859_1));
  }

  private static AuditException inUse(WriterFiles files, String by) {
    return new AuditException(
        "The audit trail of writer '"
            + files.writer()
            + "' in "
            + files.root()
            + " is in use by "
            + by
            + ": stop it, or give this process a writer name of its own.");
  }
}
