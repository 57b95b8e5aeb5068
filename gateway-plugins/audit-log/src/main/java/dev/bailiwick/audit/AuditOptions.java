// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How a {@link FileAuditLog} keeps its trail. Start from {@link #of}; everything else has a
 * default.
 *
 * @param directory shared by all writers of a host; created with mode 0700 when it is missing
 * @param writer name of this process's own trail below the directory, such as {@code gateway-a1};
 *     letters, digits, dot, dash and underscore, at most 64
 * @param signingKey Ed25519 key file of the heads; by default {@code <directory>/<writer>.key}.
 *     Created with mode 0600 on first use
 * @param segmentBytes size after which the next file is begun; 64 MiB by default
 * @param queueRecords records that may wait to become durable; 16384 by default. Beyond it {@code
 *     append} fails
 * @param batchAge how long records are collected when somebody waits for a receipt; 2 ms by default
 * @param idleBatchAge how long records are collected when nobody does; 250 ms by default
 * @param retryAge pause between two attempts after writing failed; 1 s by default
 */
public record AuditOptions(
    Path directory,
    String writer,
    Clock clock,
    Optional<Path> signingKey,
    long segmentBytes,
    int queueRecords,
    Duration batchAge,
    Duration idleBatchAge,
    Duration retryAge) {

  public AuditOptions {
    Objects.requireNonNull(directory, "directory");
    Objects.requireNonNull(clock, "clock");
    if (!WriterFiles.isWriterName(writer)) {
      throw new IllegalArgumentException(
          "writer must be 1 to 64 letters, digits, dots, dashes or underscores and begin with a"
              + " letter or digit, but is '"
              + SafeText.escape(writer)
              + "'");
    }
    if (segmentBytes < 1) {
      throw new IllegalArgumentException("segmentBytes must be positive, but is " + segmentBytes);
    }
    if (queueRecords < 1) {
      throw new IllegalArgumentException("queueRecords must be positive, but is " + queueRecords);
    }
    if (batchAge.isNegative() || idleBatchAge.compareTo(batchAge) < 0) {
      throw new IllegalArgumentException(
          "batchAge must not be negative nor exceed idleBatchAge, but they are "
              + batchAge
              + " and "
              + idleBatchAge);
    }
    if (retryAge.isNegative() || retryAge.isZero()) {
      throw new IllegalArgumentException("retryAge must be positive, but is " + retryAge);
    }
  }

  /** The trail of {@code writer} below {@code directory}, with every default. */
  public static AuditOptions of(Path directory, String writer, Clock clock) {
    return new AuditOptions(
        directory,
        writer,
        clock,
        Optional.empty(),
        64L << 20,
        16_384,
        Duration.ofMillis(2),
        Duration.ofMillis(250),
        Duration.ofSeconds(1));
  }

  public AuditOptions withSigningKey(Path file) {
    return new AuditOptions(
        directory,
        writer,
        clock,
        Optional.of(file),
        segmentBytes,
        queueRecords,
        batchAge,
        idleBatchAge,
        retryAge);
  }

  public AuditOptions withSegmentBytes(long bytes) {
    return new AuditOptions(
        directory,
        writer,
        clock,
        signingKey,
        bytes,
        queueRecords,
        batchAge,
        idleBatchAge,
        retryAge);
  }

  public AuditOptions withQueueRecords(int records) {
    return new AuditOptions(
        directory,
        writer,
        clock,
        signingKey,
        segmentBytes,
        records,
        batchAge,
        idleBatchAge,
        retryAge);
  }

  /** Both ages of a batch: when somebody waits, and when nobody does. */
  public AuditOptions withBatchAges(Duration awaited, Duration idle) {
    return new AuditOptions(
        directory, writer, clock, signingKey, segmentBytes, queueRecords, awaited, idle, retryAge);
  }

  public AuditOptions withRetryAge(Duration age) {
    return new AuditOptions(
        directory,
        writer,
        clock,
        signingKey,
        segmentBytes,
        queueRecords,
        batchAge,
        idleBatchAge,
        age);
  }
}
