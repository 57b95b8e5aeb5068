// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import dev.bailiwick.gateway.credential.CredentialStoreException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a vault on disk: one line of sealed text and one line with its SHA-256, so that a
 * cut or garbled file is told apart from a wrong key. A reader needs no lock, because a file is
 * only ever replaced as a whole; writers take turns through a lock file beside it.
 */
final class VaultFile {

  /** Identifies one state of the file without reading it. */
  record Stamp(FileTime modified, long size, @Nullable Object fileKey) {}

  private static final int MAX_BYTES = 16 * 1024 * 1024;
  private static final long LOCK_POLL_MILLIS = 20;
  private static final String DIGEST_PREFIX = "sha256:";
  private static final String TEMPORARY_SUFFIX = ".tmp";
  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  /** A file lock belongs to the whole process, so threads of this one take turns here first. */
  private static final Map<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();

  private static final SecureRandom RANDOM = new SecureRandom();

  private final Path path;
  private final Duration lockWait;

  /**
   * @param lockWait how long a writer waits for other writers
   */
  VaultFile(Path path, Duration lockWait) {
    this.path = path.toAbsolutePath().normalize();
    this.lockWait = lockWait;
  }

  Path path() {
    return path;
  }

  boolean exists() {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }

  Stamp stamp() {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** The sealed text; a file that is cut or changed is {@link Problem#DAMAGED}. */
  String read() {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(path)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    } catch (IOException e) {
      throw unreadable(e);
    }
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int end = text.indexOf('\n');
    if (bytes.length > MAX_BYTES
        || end < 0
        || !text.substring(end + 1).equals(trailer(text.substring(0, end)))) {
      throw new CredentialStoreException(
          Problem.DAMAGED,
          "the vault "
              + path
              + " is damaged: it was cut or changed, or it is not a vault; it was left as it is."
              + " Restore it from a backup");
    }
    return text.substring(0, end);
  }

  /**
   * Replaces the file by a new one with this text. The old file stays whole until the new one is on
   * disk. Call only while holding {@link #exclusively}.
   */
  void write(String sealed) {
    Path temporary = null;
    try {
      Path target = target();
      Path directory = Objects.requireNonNull(target.getParent(), "parent");
      removeLeftovers(target, directory);
      temporary = directory.resolve(temporaryPrefix(target) + random() + TEMPORARY_SUFFIX);
      writeDurably(temporary, sealed + "\n" + trailer(sealed));
      keepOwner(target, temporary);
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      temporary = null;
      try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
        entries.force(true);
      }
    } catch (IOException e) {
      throw unwritable(e);
    } finally {
      deleteQuietly(temporary);
    }
  }

  /** Runs an action while no other thread or process does. */
  <T> T exclusively(Supplier<T> action) {
    Path target = target();
    ReentrantLock threads = THREADS.computeIfAbsent(target, unused -> new ReentrantLock());
    long deadline = System.nanoTime() + lockWait.toNanos();
    try {
      if (!threads.tryLock(lockWait.toNanos(), TimeUnit.NANOSECONDS)) {
        throw busy();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw busy();
    }
    // Closing the channel releases the lock; the file stays, or two writers could lock two files.
    try (FileChannel channel = openLockFile(target)) {
      awaitLock(channel, deadline);
      return action.get();
    } catch (IOException e) {
      throw unwritable(e);
    } finally {
      threads.unlock();
    }
  }

  private void awaitLock(FileChannel channel, long deadline) throws IOException {
    Optional<FileLock> lock = tryLock(channel);
    while (lock.isEmpty()) {
      if (System.nanoTime() >= deadline) {
        throw busy();
      }
      try {
        Thread.sleep(LOCK_POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw busy();
      }
      lock = tryLock(channel);
    }
  }

  /** Where the bytes are: a link to a vault stays a link. */
  private Path target() {
    try {
      return exists() ? path.toRealPath() : path;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private static FileChannel openLockFile(Path target) throws IOException {
    Path lockFile = target.resolveSibling(target.getFileName() + ".lock");
    if (!Files.exists(lockFile, LinkOption.NOFOLLOW_LINKS)) {
      try {
        Files.createFile(lockFile, OWNER_ONLY);
        keepOwner(target, lockFile);
      } catch (FileAlreadyExistsException e) {
        // Another process was faster; its file serves as well.
      }
    }
    return FileChannel.open(lockFile, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
  }

  private static Optional<FileLock> tryLock(FileChannel channel) throws IOException {
    try {
      return Optional.ofNullable(channel.tryLock());
    } catch (OverlappingFileLockException e) {
      // The same vault opened through another class loader of this process.
      return Optional.empty();
    }
  }

  private static void writeDurably(Path file, String text) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), OWNER_ONLY)) {
      ByteBuffer buffer = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
  }

  /** So that an administrator's `vault put` does not take the vault away from the gateway. */
  private static void keepOwner(Path original, Path replacement) throws IOException {
    if (!Files.exists(original)) {
      return;
    }
    UserPrincipal owner = Files.getOwner(original);
    if (!owner.equals(Files.getOwner(replacement))) {
      Files.setOwner(replacement, owner);
    }
  }

  /** Of writers that were killed; nobody else writes while the lock is held. */
  private static void removeLeftovers(Path target, Path directory) throws IOException {
    String prefix = temporaryPrefix(target);
    try (DirectoryStream<Path> leftovers =
        Files.newDirectoryStream(
            directory,
            file -> {
              String name = String.valueOf(file.getFileName());
              return name.startsWith(prefix) && name.endsWith(TEMPORARY_SUFFIX);
            })) {
      for (Path leftover : leftovers) {
        Files.deleteIfExists(leftover);
      }
    }
  }

  private static String temporaryPrefix(Path target) {
    return "." + target.getFileName() + ".";
  }

  private static String random() {
    byte[] bytes = new byte[8];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static String trailer(String sealed) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(sealed.getBytes(StandardCharsets.ISO_8859_1));
      return DIGEST_PREFIX + HexFormat.of().formatHex(digest) + "\n";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java runtime lacks SHA-256", e);
    }
  }

  private CredentialStoreException unreadable(IOException e) {
    return e instanceof NoSuchFileException
        ? new CredentialStoreException(Problem.ABSENT, "there is no vault " + path)
        : new CredentialStoreException(
            Problem.STORAGE, "the vault " + path + " cannot be read: " + VaultKey.reason(e), e);
  }

  private CredentialStoreException unwritable(IOException e) {
    return new CredentialStoreException(
        Problem.STORAGE,
        "the vault "
            + path
            + " cannot be written: "
            + VaultKey.reason(e)
            + "; it was left as it was",
        e);
  }

  private CredentialStoreException busy() {
    return new CredentialStoreException(
        Problem.BUSY, "the vault " + path + " is being written by another process; try again");
  }

  private static void deleteQuietly(@Nullable Path file) {
    if (file != null) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        // The next writer removes it; what is inside is sealed.
      }
    }
  }
}
