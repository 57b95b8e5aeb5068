// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A listening socket whose file nobody but its readers could ever reach: it is bound inside a
 * directory of mode 0700, given its group and mode there, and moved to its place in one step.
 *
 * <p>The step also replaces the socket of a runner that still serves: the next runner is in place
 * before the last one stops, and no connection is turned away in between.
 */
final class SocketPlace implements AutoCloseable {
  /** {@code sun_path} of Linux, without its end. */
  private static final int LONGEST = 107;

  private static final int BACKLOG = 512;

  private final ServerSocketChannel channel;
  private final Path path;
  private final @Nullable Object file;

  private SocketPlace(ServerSocketChannel channel, Path path, @Nullable Object file) {
    this.channel = channel;
    this.path = path;
    this.file = file;
  }

  /**
   * Listens.
   *
   * @throws RunnerStartException when the place is not to be had
   */
  static SocketPlace open(RunnerSettings.Socket settings) {
    Path path = settings.path().toAbsolutePath();
    Path parent = Objects.requireNonNull(path.getParent(), "a socket below the root");
    if (path.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST) {
      throw new RunnerStartException(
          "the path of the socket is longer than " + LONGEST + " bytes: " + path);
    }
    if (!Files.isDirectory(parent)) {
      throw new RunnerStartException("the directory of the socket is not there: " + parent);
    }
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !isSocket(path)) {
      throw new RunnerStartException("there is something at " + path + " that is no socket");
    }
    try {
      return bind(settings, path, parent);
    } catch (IOException e) {
      throw new RunnerStartException("cannot listen at " + path + ": " + e.getMessage());
    } catch (IllegalArgumentException e) {
      throw new RunnerStartException(
          "the mode of the socket must read like rw-rw----, but is " + settings.mode());
    }
  }

  private static SocketPlace bind(RunnerSettings.Socket settings, Path path, Path parent)
      throws IOException {
    Path own =
        Files.createTempDirectory(
            parent,
            ".b",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path bound = own.resolve("s");
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.bind(UnixDomainSocketAddress.of(bound), BACKLOG);
      if (settings.group().isPresent()) {
        GroupPrincipal group =
            path.getFileSystem()
                .getUserPrincipalLookupService()
                .lookupPrincipalByGroupName(settings.group().get());
        view(bound).setGroup(group);
      }
      view(bound).setPermissions(PosixFilePermissions.fromString(settings.mode()));
      Object file = key(bound);
      Files.move(bound, path, StandardCopyOption.ATOMIC_MOVE);
      return new SocketPlace(channel, path, file);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    } finally {
      Files.deleteIfExists(bound);
      Files.deleteIfExists(own);
    }
  }

  private static PosixFileAttributeView view(Path file) {
    return Files.getFileAttributeView(file, PosixFileAttributeView.class);
  }

  private static boolean isSocket(Path path) {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .isOther();
    } catch (IOException e) {
      return false;
    }
  }

  private static @Nullable Object key(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }

  ServerSocketChannel channel() {
    return channel;
  }

  /**
   * Takes the file away, unless it is another runner's by now: nobody new connects. Whoever did
   * before is still accepted.
   */
  void withdraw() {
    try {
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && Objects.equals(key(path), file)) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stops listening. */
  @Override
  public void close() {
    withdraw();
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
