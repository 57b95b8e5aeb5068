// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** An append-only trail. Thread-safe; {@link #append} never blocks. */
public interface AuditLog extends AutoCloseable {

  /** Where a record stands in its chain. {@code hash} is lower-case hex SHA-256. */
  record Receipt(long sequence, String hash) {}

  /** Room that is kept for the records of one call. Thread-safe. */
  interface Place extends AutoCloseable {

    /** As {@link AuditLog#append}, in the room that is kept, or in any when that is used up. */
    CompletionStage<Receipt> append(AuditRecord record);

    /** Gives back what is not used. Again, it does nothing. */
    @Override
    void close();
  }

  /**
   * Appends a record. The stage completes when the record is durable (synced to disk together with
   * others), or exceptionally with {@link AuditException} when it is not durable in time. A record
   * that failed because of the disk may still be written later; it is never dropped silently.
   *
   * <p>What is attached to the stage runs on another thread than the log's.
   */
  CompletionStage<Receipt> append(AuditRecord record);

  /**
   * Keeps room for what is to be said of a call, so that neither other calls nor a flood of denials
   * can push its records out: at once where there is room, later where the disk has to catch up
   * first, and exceptionally where it does not. Who gets a place closes it. What hangs on the stage
   * may run on any thread.
   *
   * @param records how many records the call needs at most
   */
  CompletionStage<Place> place(int records);

  /** Why records cannot be kept at the moment, if they cannot. Cheap; asked on every request. */
  Optional<String> failure();

  /** Makes everything durable that was appended, then releases the files. */
  @Override
  void close();
}
