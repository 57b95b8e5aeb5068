// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** An append-only trail. Thread-safe; {@link #append} never blocks. */
public interface AuditLog extends AutoCloseable {

  /** Where a record stands in its chain. {@code hash} is lower-case hex SHA-256. */
  record Receipt(long sequence, String hash) {}

  /**
   * Appends a record. The stage completes when the record is durable (synced to disk together with
   * others), or exceptionally with {@link AuditException} when it is not durable in time. A record
   * that failed because of the disk may still be written later; it is never dropped silently.
   *
   * <p>What is attached by the stage's own methods runs on another thread than the log's. What is
   * attached to it as another stage's argument ({@code allOf}, {@code thenCombine}, the result of a
   * {@code thenCompose}) may run on the log's own thread, and every other record waits for it: it
   * must not block. {@code thenApply} first, or wait with {@code toCompletableFuture().get()}.
   */
  CompletionStage<Receipt> append(AuditRecord record);

  /**
   * Completes when there is room for the records of another call: at once where there is, later
   * where the disk has to catch up first, and exceptionally where it does not. No place is held:
   * who asks before an allowed call has its record kept as long as fewer calls are under way than
   * an eighth of what may wait; what comes to more is counted. Denials take no more than a part of
   * the room, so that nobody can crowd out allowed calls with denied ones. What hangs on the stage
   * may run on any thread.
   */
  CompletionStage<Void> room();

  /** Why records cannot be kept at the moment, if they cannot. Cheap; asked on every request. */
  Optional<String> failure();

  /** Makes everything durable that was appended, then releases the files. */
  @Override
  void close();
}
