// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.util.concurrent.CompletableFuture;

/**
 * A receipt that says when somebody begins to wait for it: every stage that hangs on another is
 * made by {@link #newIncompleteFuture}, and everybody else has to ask for the future first.
 */
final class WatchedReceipt extends CompletableFuture<AuditLog.Receipt> {
  private final Runnable awaited;

  WatchedReceipt(Runnable awaited) {
    this.awaited = awaited;
  }

  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    awaited.run();
    return new CompletableFuture<>();
  }

  @Override
  public CompletableFuture<AuditLog.Receipt> toCompletableFuture() {
    awaited.run();
    return this;
  }
}
