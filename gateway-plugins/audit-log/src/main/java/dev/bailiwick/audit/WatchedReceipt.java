// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A receipt that says when somebody begins to wait for it: its own methods make what hangs on it by
 * {@link #newIncompleteFuture}, and everybody else has to ask for the future first.
 *
 * <p>Whoever settles it only leaves the outcome behind. The future itself is completed by who asks
 * later, or by a thread of its own for who asked before, so that nothing that hangs on it can run
 * on the log's thread.
 */
final class WatchedReceipt extends CompletableFuture<AuditLog.Receipt> {
  private final CommitQueue queue;
  private volatile boolean asked;
  private volatile @Nullable AuditException failure;
  private volatile AuditLog.@Nullable Receipt receipt;

  WatchedReceipt(CommitQueue queue) {
    this.queue = queue;
  }

  /** The record is durable. */
  void settle(AuditLog.Receipt durable) {
    receipt = durable;
    settled();
  }

  /** The record is not durable in time. */
  void settle(AuditException notInTime) {
    failure = notInTime;
    settled();
  }

  private void settled() {
    if (asked) {
      Thread.ofVirtual().name("bailiwick-audit-receipt").start(this::deliver);
    }
  }

  /** Completes the future if it is settled. Asked first and then looked, or the other way round. */
  private boolean deliver() {
    AuditException notInTime = failure;
    AuditLog.Receipt durable = receipt;
    if (notInTime != null) {
      completeExceptionally(notInTime);
    } else if (durable != null) {
      complete(durable);
    }
    return isDone();
  }

  private void ask() {
    asked = true;
    if (!deliver()) {
      queue.hurry();
    }
  }

  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    ask();
    return new CompletableFuture<>();
  }

  @Override
  public CompletableFuture<AuditLog.Receipt> toCompletableFuture() {
    ask();
    return this;
  }
}
