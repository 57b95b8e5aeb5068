// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.gateway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/** The audit trail of the gateway under test, read from its files while it runs. */
public final class AuditTrailReader {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final Path directory;

  /**
   * @param directory that the trails of all writers stand in
   */
  public AuditTrailReader(Path directory) {
    this.directory = directory;
  }

  /** Every record so far, one line each. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    try (DirectoryStream<Path> writers = Files.newDirectoryStream(directory, Files::isDirectory)) {
      for (Path writer : writers) {
        addLines(writer, lines);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines;
  }

  /** By name alone: a walk would look at temporary files, which are gone when it does. */
  private static void addLines(Path writer, List<String> lines) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> records = Files.newDirectoryStream(writer, "*.jsonl")) {
      records.forEach(files::add);
    }
    Collections.sort(files);
    for (Path file : files) {
      lines.addAll(wholeLines(Files.readAllBytes(file)));
    }
  }

  /** A line is a record when it is ended: the gateway may just be writing the last one. */
  private static List<String> wholeLines(byte[] bytes) {
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8).lines().toList();
  }

  /**
   * The record that names this id (of a token or of a denial) and this code. It may become durable
   * a little later than the answer.
   */
  public String await(String id, String code) {
    return await(line -> isRecordOf(line, id, code), id, code);
  }

  static boolean isRecordOf(String line, String id, String code) {
    return line.contains(id) && line.contains("\"rule\":\"" + code + "\"");
  }

  /** Waits until there is a line for each of these; what is left has none. */
  <T> List<T> awaitAll(List<T> wanted, BiPredicate<String, T> names) {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    List<T> left = new ArrayList<>(wanted);
    while (true) {
      List<String> lines = lines();
      left.removeIf(one -> lines.stream().anyMatch(line -> names.test(line, one)));
      if (left.isEmpty() || System.nanoTime() - deadline > 0) {
        return left;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** The record of how a write was answered. */
  public String awaitAnswer(String correlationId) {
    return await(
        line -> line.contains(correlationId) && line.contains("\"kind\":\"upstream-answer\""),
        correlationId,
        "upstream-answer");
  }

  private String await(Predicate<String> wanted, String id, String what) {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (System.nanoTime() < deadline) {
      for (String line : lines()) {
        if (wanted.test(line)) {
          return line;
        }
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    throw new AssertionError("no record of " + what + " for " + id);
  }
}
