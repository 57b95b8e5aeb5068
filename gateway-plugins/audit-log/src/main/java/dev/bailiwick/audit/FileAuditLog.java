// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import dev.bailiwick.audit.CommitQueue.Pending;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A trail in files: JSON Lines, chained by hash, synced in groups, with a signed head.
 *
 * <p>{@link #append} gives a record its place in the chain and queues it. One thread writes and
 * syncs a batch and completes its receipts. It signs the new head a little later, when nothing more
 * comes, so that nobody waits for a signature. When writing fails, pending receipts fail, their
 * records stay queued up to the bound, and the thread tries again until it succeeds; order is kept.
 * Records that did not fit the bound meanwhile are counted, and the count is recorded. Receipts
 * complete on virtual threads, so that a slow caller cannot hold up the log.
 */
public final class FileAuditLog implements AuditLog {

  private static final Logger log = LoggerFactory.getLogger(FileAuditLog.class);
  private static final Duration STALLED = Duration.ofSeconds(5);
  private static final Duration ROOM_LIMIT = Duration.ofSeconds(5);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

  /** The head is signed when no batch came for so long. */
  private static final Duration SIGN_QUIET = Duration.ofMillis(5);

  /** And never later than this after the first record that it lacks. */
  static final Duration SIGN_LIMIT = Duration.ofMillis(50);

  private final AuditOptions options;
  private final TrailWriter trail;
  private final Room room;
  private final CommitQueue queue;
  private final long signQuietNanos;
  private final long signLimitNanos;
  private final Thread committer;

  /** Not durable yet, oldest first. Only the committer touches it. */
  private final Deque<Pending> placed = new ArrayDeque<>();

  /** Since when the head lacks a durable record; only the committer touches it. */
  private @Nullable Long unsignedSince;

  private volatile @Nullable String failure;
  private volatile @Nullable Long busySince;
  private volatile @Nullable String lostAtClose;

  /**
   * Opens the trail of a writer, or begins it.
   *
   * @throws AuditException if the directory cannot be written, another log writes this trail, or
   *     the trail is not as this writer left it. What a crash left behind the last record is no
   *     reason: it is kept aside and recorded
   */
  public static FileAuditLog open(AuditOptions options) {
    return open(options, SIGN_QUIET, SIGN_LIMIT);
  }

  /** With other times after which the head is signed: of quiet, and at the latest. */
  static FileAuditLog open(AuditOptions options, Duration signQuiet, Duration signLimit) {
    try {
      FileAuditLog opened =
          new FileAuditLog(options, TrailWriter.open(options), signQuiet, signLimit);
      opened.begin();
      return opened;
    } catch (IOException e) {
      throw new AuditException(
          "The audit trail of writer '"
              + options.writer()
              + "' cannot be opened in "
              + options.directory()
              + " ("
              + SafeText.reason(e)
              + "): choose a directory on a disk with space that this user may write.",
          e);
    }
  }

  private FileAuditLog(
      AuditOptions options, TrailWriter trail, Duration signQuiet, Duration signLimit) {
    this.options = options;
    this.trail = trail;
    this.signQuietNanos = signQuiet.toNanos();
    this.signLimitNanos = signLimit.toNanos();
    this.room = new Room(options.queueRecords());
    this.queue = new CommitQueue(trail.sealer(), room, options.batchAge(), options.idleBatchAge());
    this.committer =
        Thread.ofPlatform()
            .name("bailiwick-audit-" + options.writer())
            .daemon()
            .unstarted(this::commitUntilClosed);
  }

  private void begin() throws IOException {
    try {
      writePlaced();
      sign();
    } catch (IOException | RuntimeException e) {
      trail.close();
      throw e;
    }
    committer.start();
  }

  @Override
  public CompletionStage<Receipt> append(AuditRecord record) {
    return append(record, false);
  }

  private CompletionStage<Receipt> append(AuditRecord record, boolean kept) {
    Objects.requireNonNull(record, "record");
    WatchedReceipt receipt = new WatchedReceipt(queue);
    CommitQueue.Offer offer;
    try {
      offer = queue.offer(record, receipt, kept);
    } catch (AuditException e) {
      return CompletableFuture.failedFuture(e);
    } catch (RuntimeException e) {
      log.error("A record cannot be written: {}", e.getClass().getName());
      return CompletableFuture.failedFuture(
          new AuditException("The record cannot be written in the form of the trail."));
    }
    return switch (offer) {
      case ACCEPTED -> {
        // Asked after queueing: either this sees the failure, or the committer sees the receipt.
        String reason = failure;
        if (reason != null) {
          receipt.settle(new AuditException(reason));
        }
        yield receipt;
      }
      case FULL -> CompletableFuture.failedFuture(new AuditException(queueFull()));
      case CLOSED ->
          CompletableFuture.failedFuture(
              new AuditException("The audit log is closed: nothing can be recorded any more."));
    };
  }

  @Override
  public CompletionStage<Place> place(int records) {
    int places = Math.min(records, options.queueRecords());
    if (room.tryKeep(places)) {
      return CompletableFuture.completedStage(new KeptPlace(places));
    }
    CompletableFuture<Void> kept = room.keep(places);
    CompletionStage<Place> place = kept.thenApply(granted -> new KeptPlace(places));
    queue.hurry();
    // Asked after queueing, as above.
    if (failure().isPresent()) {
      kept.completeExceptionally(new AuditException(queueFull()));
    }
    var unused =
        kept.orTimeout(ROOM_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
            .whenComplete((granted, gaveUp) -> room.forgetDone());
    return place;
  }

  /** How many places are taken by records or kept for them. */
  int placesTaken() {
    return room.taken();
  }

  private final class KeptPlace implements Place {
    private final AtomicInteger left;

    KeptPlace(int records) {
      this.left = new AtomicInteger(records);
    }

    @Override
    public CompletionStage<Receipt> append(AuditRecord record) {
      boolean kept = left.getAndUpdate(records -> Math.max(0, records - 1)) > 0;
      return FileAuditLog.this.append(record, kept);
    }

    @Override
    public void close() {
      int unused = left.getAndSet(0);
      if (unused > 0) {
        room.giveBack(unused);
      }
    }
  }

  private String queueFull() {
    return "No more than "
        + options.queueRecords()
        + " audit records can wait to be written. "
        + failure().orElse("The disk is too slow: send less, or use a faster one.");
  }

  @Override
  public Optional<String> failure() {
    String reason = failure;
    if (reason != null) {
      return Optional.of(reason);
    }
    Long since = busySince;
    if (since != null && System.nanoTime() - since > STALLED.toNanos()) {
      return Optional.of(
          "The disk below "
              + options.directory()
              + " has not answered for more than "
              + STALLED.toSeconds()
              + " s: check it; records wait in memory.");
    }
    return Optional.empty();
  }

  private void commitUntilClosed() {
    boolean more = true;
    try {
      while (more) {
        List<Pending> batch =
            failure == null
                ? queue.awaitBatch(untilSigning())
                : queue.awaitRetry(options.retryAge());
        more = !queue.isDrained();
        commit(batch);
      }
    } finally {
      finish();
    }
  }

  /** How long the head may wait for another batch. */
  private long untilSigning() {
    return unsignedSince == null
        ? Long.MAX_VALUE
        : Math.min(signQuietNanos, unsignedSince + signLimitNanos - System.nanoTime());
  }

  /** An empty batch is the word that nothing is due. */
  private void commit(List<Pending> batch) {
    busySince = System.nanoTime();
    try {
      placed.addAll(batch);
      if (failure != null) {
        trail.recover();
      }
      writePlaced();
      if (batch.isEmpty() || failure != null || untilSigning() <= 0 || queue.isDrained()) {
        sign();
      }
      if (failure != null) {
        failure = null;
        log.info("Audit trail of writer {}: writing works again.", options.writer());
      }
    } catch (IOException | RuntimeException e) {
      fail(e);
    } finally {
      busySince = null;
    }
  }

  /** Places what the log has to say about itself, and makes all that is placed durable. */
  private void writePlaced() throws IOException {
    List<AuditRecord.TrailNote> notes = notes();
    if (!notes.isEmpty()) {
      placed.addAll(queue.takeAllAnd(notes));
    }
    List<Pending> all = List.copyOf(placed);
    List<Sealer.Sealed> sealed = all.stream().map(Pending::sealed).toList();
    int durable = 0;
    while (durable < all.size()) {
      int more = trail.write(sealed.subList(durable, all.size()));
      release(all.subList(durable, durable + more));
      durable += more;
    }
    if (durable > 0 || failure != null) {
      trail.settle();
      if (unsignedSince == null) {
        unsignedSince = System.nanoTime();
      }
    }
  }

  private void sign() throws IOException {
    if (unsignedSince != null) {
      trail.sign();
      unsignedSince = null;
    }
  }

  private List<AuditRecord.TrailNote> notes() {
    List<AuditRecord.TrailNote> notes = new ArrayList<>(trail.takeNotes());
    long turnedAway = queue.takeTurnedAway();
    if (turnedAway > 0) {
      notes.add(
          new AuditRecord.TrailNote(
              options.clock().instant(),
              "RECORDS_NOT_KEPT",
              "Records that could not be kept because too many waited or they were too large: "
                  + turnedAway
                  + "."));
    }
    return notes;
  }

  private void release(List<Pending> durable) {
    int records = 0;
    for (Pending each : durable) {
      placed.remove();
      if (each.receipt() != null) {
        records++;
      }
    }
    room.release(records);
    for (Pending each : durable) {
      WatchedReceipt receipt = each.receipt();
      if (receipt != null) {
        receipt.settle(new Receipt(each.sealed().sequence(), each.sealed().hash()));
      }
    }
  }

  private void fail(Exception cause) {
    String reason = trail.explain(cause);
    if (!reason.equals(failure)) {
      log.warn("{}", reason, cause);
    }
    failure = reason;
    failReceipts(new AuditException(reason, cause));
  }

  private void failReceipts(AuditException failed) {
    List<WatchedReceipt> receipts = new ArrayList<>();
    for (Pending waiting : placed) {
      if (waiting.receipt() != null) {
        receipts.add(waiting.receipt());
      }
    }
    receipts.addAll(queue.receipts());
    room.fail(failed);
    receipts.forEach(receipt -> receipt.settle(failed));
  }

  private void finish() {
    if (queue.close()) {
      failure = "The audit log stopped on an internal error: restart this process.";
      log.error("{}", failure);
    }
    room.fail(new AuditException("The audit log is closed: nothing can be recorded any more."));
    try {
      trail.close();
    } catch (IOException e) {
      log.warn("The audit trail of writer {} was not closed cleanly.", options.writer(), e);
    }
    if (room.held() > 0) {
      String lost =
          room.held()
              + " audit records could not be written before the log closed. "
              + Objects.requireNonNullElse(failure, "");
      log.error("{}", lost);
      lostAtClose = lost;
      failReceipts(new AuditException(lost));
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws AuditException if not everything could be made durable; a second call does nothing
   */
  @Override
  public void close() {
    if (!queue.close()) {
      return;
    }
    try {
      if (!committer.join(CLOSE_LIMIT)) {
        throw new AuditException(
            "The disk below "
                + options.directory()
                + " did not answer within "
                + CLOSE_LIMIT.toSeconds()
                + " s: the last records may be missing.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AuditException("Closing was interrupted: the last records may be missing.", e);
    }
    String lost = lostAtClose;
    if (lost != null) {
      throw new AuditException(lost);
    }
  }

  /** Names the trail; never its content. */
  @Override
  public String toString() {
    return "FileAuditLog[" + options.directory() + ", writer " + options.writer() + "]";
  }
}
