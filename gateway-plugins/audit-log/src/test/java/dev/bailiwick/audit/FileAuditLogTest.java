// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import static dev.bailiwick.audit.TestTrail.receipt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileAuditLogTest {

  @TempDir Path dir;
  private TestTrail trail;

  @BeforeEach
  void setUp() {
    trail = new TestTrail(dir.resolve("audit"), "gateway-a");
  }

  @Test
  void appendWhenDurableThenReceiptNamesSequenceAndHash() {
    AuditLog.Receipt first;
    AuditLog.Receipt second;

    try (FileAuditLog log = FileAuditLog.open(trail.options())) {
      first = receipt(log, TestRecords.allowed(1));
      second = receipt(log, TestRecords.allowed(2));

      assertThat(log.failure()).isEmpty();
    }

    assertThat(first.sequence()).isEqualTo(1);
    assertThat(second.sequence()).isEqualTo(2);
    assertThat(trail.lines(1).get(0)).endsWith(",\"hash\":\"" + first.hash() + "\"}}}");
    assertThat(trail.lines(1).get(1)).contains("\"previous\":\"" + first.hash() + "\"");
  }

  @Test
  void openWhenWriterReturnsThenItsChainContinues() {
    trail.write(TestRecords.allowed(1));

    trail.write(TestRecords.allowed(2));

    AuditVerification found = trail.verify();
    assertThat(found.sound()).as(found.toText()).isTrue();
    assertThat(found.records()).isEqualTo(2);
  }

  @Test
  void openWhenNewThenOnlyTheOwnerMayReadAnything() throws Exception {
    trail.write(TestRecords.allowed(1));

    try (var files = Files.walk(trail.directory())) {
      for (Path file : files.toList()) {
        String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        assertThat(mode)
            .as("%s", file)
            .isEqualTo(Files.isDirectory(file) ? "rwx------" : "rw-------");
      }
    }
  }

  @Test
  void appendWhenNothingFollowsThenTheHeadIsSignedWithoutClosing() throws Exception {
    try (FileAuditLog log = FileAuditLog.open(trail.options())) {
      receipt(log, TestRecords.allowed(1));

      awaitHead(1);
    }
  }

  @Test
  void appendWhenRecordsKeepComingThenTheHeadFollowsAllTheSame() throws Exception {
    try (FileAuditLog log =
        FileAuditLog.open(trail.options(), Duration.ofMinutes(1), FileAuditLog.SIGN_LIMIT)) {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      int n = 0;

      while (headSequence() < 1 && System.nanoTime() < end) {
        receipt(log, TestRecords.allowed(++n));
      }

      assertThat(headSequence()).isPositive();
    }
  }

  private void awaitHead(long sequence) throws Exception {
    for (int n = 0; n < 3000 && headSequence() < sequence; n++) {
      Thread.sleep(5);
    }
    assertThat(headSequence()).isEqualTo(sequence);
  }

  private long headSequence() throws Exception {
    return Head.read(trail.files().head()).orElseThrow().sequence();
  }

  @Test
  void closeWhenRecordsWaitThenAllAreDurable() {
    AuditOptions slow =
        trail.options().withBatchAges(Duration.ofSeconds(30), Duration.ofSeconds(30));
    List<CompletableFuture<AuditLog.Receipt>> receipts = new ArrayList<>();
    FileAuditLog log = FileAuditLog.open(slow);
    for (int n = 1; n <= 3000; n++) {
      receipts.add(log.append(TestRecords.allowed(n)).toCompletableFuture());
    }

    log.close();

    for (int n = 0; n < receipts.size(); n++) {
      assertThat(receipts.get(n).join().sequence()).isEqualTo(n + 1);
    }
    assertThat(trail.lines(1)).hasSize(3000);
    assertThat(trail.verify().sound()).isTrue();
  }

  @Test
  void closeWhenCalledTwiceThenSecondDoesNothing() {
    FileAuditLog log = FileAuditLog.open(trail.options());

    log.close();
    log.close();

    assertThat(trail.verify().sound()).isTrue();
  }

  @Test
  void appendWhenClosedThenFails() {
    FileAuditLog log = FileAuditLog.open(trail.options());
    log.close();

    CompletableFuture<AuditLog.Receipt> receipt =
        log.append(TestRecords.allowed(1)).toCompletableFuture();

    assertThatThrownBy(receipt::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(AuditException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void appendWhenManyThreadsThenEveryReceiptMatchesItsLineAndEachThreadKeepsItsOrder()
      throws Exception {
    int threads = 8;
    int each = 250;
    Map<Long, String> hashes = new ConcurrentHashMap<>();
    List<Future<List<Long>>> sequences = new ArrayList<>();
    try (FileAuditLog log = FileAuditLog.open(trail.options().withSegmentBytes(200_000));
        ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (int t = 0; t < threads; t++) {
        Callable<List<Long>> work =
            () -> {
              List<CompletableFuture<AuditLog.Receipt>> receipts = new ArrayList<>();
              for (int n = 0; n < each; n++) {
                receipts.add(log.append(TestRecords.allowed(n)).toCompletableFuture());
              }
              List<Long> own = new ArrayList<>();
              for (CompletableFuture<AuditLog.Receipt> receipt : receipts) {
                AuditLog.Receipt value = receipt.get(30, TimeUnit.SECONDS);
                own.add(value.sequence());
                hashes.put(value.sequence(), value.hash());
              }
              return own;
            };
        sequences.add(pool.submit(work));
      }
      for (Future<List<Long>> own : sequences) {
        assertThat(own.get(60, TimeUnit.SECONDS)).hasSize(each).isSorted();
      }
    }

    AuditVerification found = trail.verify();
    assertThat(found.sound()).as(found.toText()).isTrue();
    assertThat(found.records()).isEqualTo(threads * each);
    assertThat(hashes).hasSize(threads * each);
    long sequence = 0;
    for (int segment : trail.files().segments()) {
      for (String line : trail.lines(segment)) {
        sequence++;
        assertThat(line).endsWith(",\"hash\":\"" + hashes.get(sequence) + "\"}}}");
      }
    }
  }

  @Test
  void appendWhenSomebodyWaitsThenBatchDoesNotWaitForTheIdleAge() {
    AuditOptions lazy = trail.options().withBatchAges(Duration.ofMillis(1), Duration.ofMinutes(10));

    try (FileAuditLog log = FileAuditLog.open(lazy)) {
      CompletableFuture<AuditLog.Receipt> unawaited =
          log.append(TestRecords.allowed(1)).toCompletableFuture();
      AuditLog.Receipt awaited = receipt(log, TestRecords.allowed(2));

      assertThat(awaited.sequence()).isEqualTo(2);
      assertThat(unawaited.join().sequence()).isEqualTo(1);
    }
  }

  @Test
  void appendWhenNobodyWaitsThenDurableAfterTheIdleAge() throws Exception {
    AuditOptions quick = trail.options().withBatchAges(Duration.ofMillis(1), Duration.ofMillis(20));

    try (FileAuditLog log = FileAuditLog.open(quick)) {
      CompletableFuture<AuditLog.Receipt> receipt =
          log.append(TestRecords.allowed(1)).toCompletableFuture();
      for (int n = 0; n < 3000 && !receipt.isDone(); n++) {
        TimeUnit.MILLISECONDS.sleep(10);
      }

      assertThat(receipt.resultNow().sequence()).isEqualTo(1);
    }
  }

  @Test
  void appendWhenReceiptCallbackHangsThenOthersStillComplete() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (FileAuditLog log = FileAuditLog.open(trail.options())) {
      CompletableFuture<Boolean> hanging =
          log.append(TestRecords.allowed(1))
              .toCompletableFuture()
              .thenApply(
                  done -> {
                    try {
                      return never.await(1, TimeUnit.MINUTES);
                    } catch (InterruptedException e) {
                      return false;
                    }
                  });

      AuditLog.Receipt second = receipt(log, TestRecords.allowed(2));

      assertThat(second.sequence()).isEqualTo(2);
      assertThat(hanging).isNotDone();
      never.countDown();
      assertThat(hanging.get(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void appendWhenWhatHangsOnAnArgumentHangsThenOthersStillComplete() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (FileAuditLog log = FileAuditLog.open(trail.options())) {
      CompletableFuture<Void> hanging =
          CompletableFuture.allOf(log.append(TestRecords.allowed(1)).toCompletableFuture())
              .thenRun(
                  () -> {
                    try {
                      never.await();
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  });

      AuditLog.Receipt second = receipt(log, TestRecords.allowed(2));

      assertThat(second.sequence()).isEqualTo(2);
      never.countDown();
      assertThat(hanging).succeedsWithin(Duration.ofSeconds(30));
    }
  }

  @Test
  void receiptWhenAskedAfterItIsSettledThenCompletesWhereItIsAsked() {
    try (FileAuditLog log = FileAuditLog.open(trail.options())) {
      CompletionStage<AuditLog.Receipt> early = log.append(TestRecords.allowed(1));
      receipt(log, TestRecords.allowed(2));
      AtomicReference<Thread> ran = new AtomicReference<>();

      var unused = early.thenAccept(receipt -> ran.set(Thread.currentThread()));

      assertThat(ran).hasValue(Thread.currentThread());
    }
  }

  @Test
  void placeWhenMoreCallsAreUnderWayThanAnEighthThenEveryRecordIsKept() {
    AuditOptions slow =
        trail
            .options()
            .withQueueRecords(16)
            .withBatchAges(Duration.ofMinutes(1), Duration.ofMinutes(1));
    try (FileAuditLog log = FileAuditLog.open(slow)) {
      List<AuditLog.Place> places = new ArrayList<>();
      for (int n = 1; n <= 16; n++) {
        places.add(log.place(1).toCompletableFuture().getNow(null));
      }

      for (int n = 1; n <= 16; n++) {
        var denied = log.append(TestRecords.decision(100 + n, "flood", false));
      }
      for (AuditLog.Place place : places) {
        var kept = place.append(TestRecords.allowed(1));
        place.close();
      }

      assertThat(log.placesTaken()).isEqualTo(16);
    }
    assertThat(trail.lines(1).stream().filter(line -> line.contains("\"ALLOW\""))).hasSize(16);
  }

  @Test
  void placeWhenUsedTwiceOrForNothingThenNoneStaysTaken() {
    try (FileAuditLog log = FileAuditLog.open(trail.options())) {
      AuditLog.Place place = log.place(3).toCompletableFuture().join();

      AuditLog.Receipt receipt = place.append(TestRecords.allowed(1)).toCompletableFuture().join();
      place.close();
      place.close();

      assertThat(receipt.sequence()).isEqualTo(1);
      assertThat(log.placesTaken()).isZero();
      place.append(TestRecords.allowed(2)).toCompletableFuture().join();
      assertThat(log.placesTaken()).isZero();
    }
  }

  @Test
  void appendWhenRecordIsTooLargeThenItFailsAloneAndTheTrailSaysSo() {
    AuditRecord huge =
        new AuditRecord.UpstreamAnswer(
            TestRecords.TIME,
            "call-1",
            Optional.empty(),
            "servicenow",
            OptionalInt.empty(),
            "x".repeat(SealedLine.MAX_BYTES));

    try (FileAuditLog log = FileAuditLog.open(trail.options())) {
      assertThatThrownBy(() -> receipt(log, huge))
          .isInstanceOf(AuditException.class)
          .hasMessageContaining("exceeds the limit");
      receipt(log, TestRecords.allowed(2));
    }

    assertThat(trail.verify().sound()).isTrue();
    assertThat(String.join("\n", trail.lines(1)))
        .contains("RECORDS_NOT_KEPT")
        .contains("too large: 1.")
        .contains("call-2");
  }

  @Test
  void appendWhenRecordCannotBeEncodedThenItFailsAlone() {
    AuditRecord impossible =
        new AuditRecord.EventsLost(Instant.MAX, Optional.empty(), "sandbox-1", 1);

    try (FileAuditLog log = FileAuditLog.open(trail.options())) {
      assertThatThrownBy(() -> receipt(log, impossible))
          .isInstanceOf(AuditException.class)
          .hasMessageContaining("cannot be written in the form of the trail");

      assertThat(receipt(log, TestRecords.allowed(2)).sequence()).isGreaterThan(0);
      assertThat(log.failure()).isEmpty();
    }

    assertThat(trail.verify().sound()).isTrue();
  }

  @Test
  void rotateWhenSegmentIsFullThenChainContinuesInTheNext() {
    AuditOptions small = trail.options().withSegmentBytes(4000);
    List<AuditRecord> records = new ArrayList<>();
    for (int n = 1; n <= 20; n++) {
      records.add(TestRecords.allowed(n));
    }
    trail.write(small, records);

    trail.write(small, List.of(TestRecords.allowed(21)));

    assertThat(trail.segment(5)).exists();
    AuditVerification found = trail.verify();
    assertThat(found.sound()).as(found.toText()).isTrue();
    assertThat(found.records()).isEqualTo(21);
  }

  @Test
  void verifyWhenTheTrailIsBeingWrittenThenItIsSound() throws Exception {
    CountDownLatch verified = new CountDownLatch(1);
    try (FileAuditLog log = FileAuditLog.open(trail.options().withSegmentBytes(100_000));
        ExecutorService pool = Executors.newSingleThreadExecutor()) {
      receipt(log, TestRecords.allowed(0));
      Future<Integer> writing =
          pool.submit(
              () -> {
                int n = 1;
                while (verified.getCount() > 0) {
                  receipt(log, TestRecords.allowed(n++));
                }
                return n;
              });

      for (int round = 0; round < 20; round++) {
        AuditVerification found = trail.verify();
        assertThat(found.sound()).as(found.toText()).isTrue();
      }

      verified.countDown();
      assertThat(writing.get(30, TimeUnit.SECONDS)).isGreaterThan(1);
    }
  }

  @Test
  void toStringWhenAskedThenNamesTheTrail() {
    try (FileAuditLog log = FileAuditLog.open(trail.options())) {
      assertThat(log).hasToString("FileAuditLog[" + trail.directory() + ", writer gateway-a]");
    }
  }
}
