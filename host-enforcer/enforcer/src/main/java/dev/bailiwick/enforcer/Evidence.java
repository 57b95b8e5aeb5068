// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.audit.AuditLog;
import dev.bailiwick.audit.AuditRecord;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Evidence that something waits for. Stateless. */
final class Evidence {
  private static final long PATIENCE_SECONDS = 10;

  private Evidence() {}

  /** Waits until a record is durable; otherwise says why it is not. */
  static Optional<String> keep(AuditLog log, AuditRecord record) {
    return await(log.append(record).toCompletableFuture());
  }

  /** The same for a record that is on its way. */
  static Optional<String> await(CompletableFuture<AuditLog.Receipt> receipt) {
    try {
      // Only waits: what hangs on a receipt would cost a thread of its own.
      receipt.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      return Optional.empty();
    } catch (TimeoutException e) {
      return Optional.of("it takes longer than " + PATIENCE_SECONDS + " s");
    } catch (ExecutionException e) {
      return Optional.of(
          String.valueOf(e.getCause() == null ? e.getMessage() : e.getCause().getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    }
  }
}
