// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileAuditLogTest {

  @TempDir Path dir;

  private AuditOptions options() {
    return AuditOptions.of(
            dir.resolve("audit"), "gateway-a", Clock.fixed(TestRecords.TIME, ZoneOffset.UTC))
        .withRetryAge(Duration.ofMillis(10));
  }

  private static AuditLog.Receipt receipt(AuditLog log, AuditRecord record) throws Exception {
    return log.append(record).toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void appendWhenDurableThenReceiptNamesSequenceAndHash() throws Exception {
    try (FileAuditLog log = FileAuditLog.open(options())) {
      AuditLog.Receipt first = receipt(log, TestRecords.allowed(1));
      AuditLog.Receipt second = receipt(log, TestRecords.allowed(2));

      assertThat(first.sequence()).isEqualTo(1);
      assertThat(second.sequence()).isEqualTo(2);
      List<String> lines = Files.readAllLines(segment(1));
      assertThat(lines.get(0)).endsWith(",\"hash\":\"" + first.hash() + "\"}}}");
      assertThat(lines.get(1)).contains("\"previous\":\"" + first.hash() + "\"");
      assertThat(log.failure()).isEmpty();
    }
  }

  @Test
  void openWhenWriterReturnsThenChainContinues() throws Exception {
    try (FileAuditLog log = FileAuditLog.open(options())) {
      receipt(log, TestRecords.allowed(1));
    }

    try (FileAuditLog log = FileAuditLog.open(options())) {
      assertThat(receipt(log, TestRecords.allowed(2)).sequence()).isEqualTo(2);
    }
    AuditVerification found = AuditVerifier.verify(options().directory());
    assertThat(found.sound()).as(found.toText()).isTrue();
    assertThat(found.records()).isEqualTo(2);
  }

  @Test
  void openWhenNewThenOnlyTheOwnerMayReadAnything() throws Exception {
    try (FileAuditLog log = FileAuditLog.open(options())) {
      receipt(log, TestRecords.allowed(1));
    }

    try (var files = Files.walk(options().directory())) {
      for (Path file : files.toList()) {
        String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        assertThat(mode)
            .as("%s", file)
            .isEqualTo(Files.isDirectory(file) ? "rwx------" : "rw-------");
      }
    }
  }

  @Test
  void closeWhenRecordsWaitThenAllAreDurable() throws Exception {
    AuditOptions slow = options().withBatchAges(Duration.ofSeconds(30), Duration.ofSeconds(30));
    List<CompletableFuture<AuditLog.Receipt>> receipts = new ArrayList<>();
    FileAuditLog log = FileAuditLog.open(slow);
    for (int n = 1; n <= 3000; n++) {
      receipts.add(log.append(TestRecords.allowed(n)).toCompletableFuture());
    }

    log.close();

    for (int n = 0; n < receipts.size(); n++) {
      assertThat(receipts.get(n).resultNow().sequence()).isEqualTo(n + 1);
    }
    assertThat(Files.readAllLines(segment(1))).hasSize(3000);
  }

  @Test
  void appendWhenClosedThenFails() throws Exception {
    FileAuditLog log = FileAuditLog.open(options());
    log.close();

    CompletableFuture<AuditLog.Receipt> receipt =
        log.append(TestRecords.allowed(1)).toCompletableFuture();

    assertThatThrownBy(receipt::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(AuditException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void rotateWhenSegmentIsFullThenChainContinuesInTheNext() throws Exception {
    AuditOptions small = options().withSegmentBytes(4000);
    try (FileAuditLog log = FileAuditLog.open(small)) {
      for (int n = 1; n <= 20; n++) {
        receipt(log, TestRecords.allowed(n));
      }
    }

    try (FileAuditLog log = FileAuditLog.open(small)) {
      assertThat(receipt(log, TestRecords.allowed(21)).sequence()).isEqualTo(21);
    }
    assertThat(segment(5)).exists();
    AuditVerification found = AuditVerifier.verify(options().directory());
    assertThat(found.sound()).as(found.toText()).isTrue();
    assertThat(found.records()).isEqualTo(21);
  }

  private Path segment(int number) {
    return new WriterFiles(options().directory(), "gateway-a").segment(number);
  }
}
