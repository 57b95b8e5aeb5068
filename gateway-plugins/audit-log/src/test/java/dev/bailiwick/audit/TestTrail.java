// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A trail below a directory, and what tests do to it. */
record TestTrail(Path directory, String writer) {

  AuditOptions options() {
    return AuditOptions.of(directory, writer, Clock.fixed(TestRecords.TIME, ZoneOffset.UTC))
        .withRetryAge(Duration.ofMillis(10));
  }

  WriterFiles files() {
    return new WriterFiles(directory, writer);
  }

  Path segment(int number) {
    return files().segment(number);
  }

  /** Appends one by one, each after the one before is durable, and closes. */
  TestTrail write(AuditRecord... records) {
    return write(options(), List.of(records));
  }

  TestTrail write(AuditOptions options, List<? extends AuditRecord> records) {
    try (FileAuditLog log = FileAuditLog.open(options)) {
      for (AuditRecord record : records) {
        receipt(log, record);
      }
    }
    return this;
  }

  AuditVerification verify() {
    return AuditVerifier.verify(directory);
  }

  /** What is wrong with this writer's trail; fails when nothing is. */
  AuditVerification.Problem problem() {
    return verify().writers().stream()
        .filter(report -> report.writer().equals(writer))
        .findFirst()
        .orElseThrow()
        .problem()
        .orElseThrow(() -> new AssertionError("the trail is sound"));
  }

  List<String> lines(int segment) {
    try {
      return Files.readAllLines(segment(segment));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void replaceLines(int segment, List<String> lines) throws IOException {
    Files.writeString(segment(segment), String.join("\n", lines) + "\n");
  }

  /** Waits for a receipt; an {@link AuditException} comes through as it is. */
  static AuditLog.Receipt receipt(AuditLog log, AuditRecord record) {
    try {
      return log.append(record).toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AuditException failed) {
        throw failed;
      }
      throw new AssertionError(e);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  /** Waits until the log says that it works, or that it does not. */
  static void awaitFailure(AuditLog log, boolean failing) throws InterruptedException {
    for (int n = 0; log.failure().isPresent() != failing; n++) {
      if (n == 3000) {
        throw new AssertionError("still " + log.failure());
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }
}
