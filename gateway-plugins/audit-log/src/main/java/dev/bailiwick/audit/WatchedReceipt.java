// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.util.concurrent.CompletableFuture;

/**
 * A receipt that says when somebody begins to wait for it: its own methods make what hangs on it by
 * {@link #newIncompleteFuture}, and everybody else has to ask for the future first. Whether those
 * only wait or attach something is not seen: {@link AuditLog#append} says what that means.
 */
final class WatchedReceipt extends CompletableFuture<AuditLog.Receipt> {
  private final CommitQueue queue;
  private volatile boolean continued;

  WatchedReceipt(CommitQueue queue) {
    this.queue = queue;
  }

  /** Whether anything would run on the thread that completes it. */
  boolean isContinued() {
    return continued;
  }

  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    continued = true;
    queue.hurry();
    return new CompletableFuture<>();
  }

  @Override
  public CompletableFuture<AuditLog.Receipt> toCompletableFuture() {
    queue.hurry();
    return this;
  }
}
