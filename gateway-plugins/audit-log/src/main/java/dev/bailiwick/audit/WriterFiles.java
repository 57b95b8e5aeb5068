// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names, places and modes of the files of one writer. */
record WriterFiles(Path root, String writer) {

  private static final Pattern WRITER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final Pattern SEGMENT = Pattern.compile("([0-9]{6,9})\\.jsonl");

  static boolean isWriterName(String name) {
    return WRITER.matcher(name).matches();
  }

  /** Names of all writers below a directory, sorted; one whose files are gone still has its key. */
  static List<String> writers(Path root) throws IOException {
    Set<String> names = new HashSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS) && isWriterName(name)) {
          names.add(name);
        } else if (name.endsWith(".pub")) {
          names.add(name.substring(0, name.length() - ".pub".length()));
        }
      }
    }
    return names.stream().filter(WriterFiles::isWriterName).sorted().toList();
  }

  Path directory() {
    return root.resolve(writer);
  }

  Path segment(int number) {
    return directory().resolve(String.format(Locale.ROOT, "%06d.jsonl", number));
  }

  Path head() {
    return directory().resolve("head");
  }

  Path lock() {
    return directory().resolve("lock");
  }

  Path quarantine() {
    return directory().resolve("quarantine");
  }

  Path signingKey() {
    return root.resolve(writer + ".key");
  }

  Path publicKey() {
    return root.resolve(writer + ".pub");
  }

  /** Numbers of the segments that exist, ascending; holes are possible. */
  List<Integer> segments() throws IOException {
    List<Integer> numbers = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory())) {
      for (Path entry : entries) {
        Matcher name = SEGMENT.matcher(entry.getFileName().toString());
        if (name.matches()) {
          numbers.add(Integer.parseInt(name.group(1)));
        }
      }
    }
    numbers.sort(null);
    return numbers;
  }

  /** Creates a directory and the missing ones above it with mode 0700; keeps one that exists. */
  static void createDirectories(Path directory) throws IOException {
    try {
      Files.createDirectories(directory, mode(directory, "rwx------"));
    } catch (FileAlreadyExistsException e) {
      throw (NotDirectoryException) new NotDirectoryException(directory.toString()).initCause(e);
    }
  }

  /** Opens a file, with mode 0600 if this creates it, and never through a symbolic link. */
  static FileChannel open(Path file, OpenOption... options) throws IOException {
    Set<OpenOption> all = new HashSet<>(Arrays.asList(options));
    all.add(LinkOption.NOFOLLOW_LINKS);
    return FileChannel.open(file, all, mode(file, "rw-------"));
  }

  /** Writes a whole small file that is either there completely or not at all. */
  static void replace(Path file, String text) throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + ".tmp");
    try (FileChannel channel =
        open(
            draft,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(false);
    }
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Makes created, renamed and removed names durable. */
  static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static FileAttribute<?>[] mode(Path path, String mode) {
    boolean posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
    return posix
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))
        }
        : new FileAttribute<?>[0];
  }
}
