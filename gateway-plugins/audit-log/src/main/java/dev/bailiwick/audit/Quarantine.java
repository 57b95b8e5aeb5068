// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Where bytes go that a crash left behind the last whole record. A file stays {@code .pending}
 * until the trail has a durable note of it, so a second crash cannot make it forgotten.
 */
final class Quarantine {

  private static final String PENDING = ".pending";
  private static final String KEPT = ".kept";

  private final Path directory;

  Quarantine(WriterFiles files) {
    this.directory = files.quarantine();
  }

  /** Copies everything from {@code offset} on; durable when this returns. */
  void keep(FileChannel segment, int number, long offset) throws IOException {
    WriterFiles.createDirectories(directory);
    Path file = freeName(String.format(Locale.ROOT, "%06d-%d", number, offset));
    long end = segment.size();
    try (FileChannel copy =
        WriterFiles.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (long at = offset; at < end; ) {
        at += segment.transferTo(at, end - at, copy);
      }
      copy.force(true);
    }
    WriterFiles.syncDirectory(directory);
  }

  private Path freeName(String stem) {
    String name = stem;
    for (int copy = 2;
        Files.exists(directory.resolve(name + PENDING))
            || Files.exists(directory.resolve(name + KEPT));
        copy++) {
      name = stem + "-" + copy;
    }
    return directory.resolve(name + PENDING);
  }

  /** A sentence for each file of which the trail has no note yet. */
  List<String> pending() throws IOException {
    List<String> sentences = new ArrayList<>();
    for (Path file : files()) {
      byte[] content = Files.readAllBytes(file);
      sentences.add(
          content.length
              + " bytes behind the last whole record were no part of the chain; they are kept in "
              + directory.getFileName()
              + "/"
              + kept(file).getFileName()
              + " (SHA-256 "
              + SealedLine.hash(content)
              + ").");
    }
    return sentences;
  }

  /** Call this when the notes are durable. */
  void settle() throws IOException {
    for (Path file : files()) {
      Files.move(file, kept(file), StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private List<Path> files() throws IOException {
    List<Path> pending = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "*" + PENDING)) {
        entries.forEach(pending::add);
      }
    }
    pending.sort(null);
    return pending;
  }

  private Path kept(Path pending) {
    String name = pending.getFileName().toString();
    return directory.resolve(name.substring(0, name.length() - PENDING.length()) + KEPT);
  }
}
