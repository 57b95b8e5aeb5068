// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.audit.AuditLog;
import dev.bailiwick.audit.AuditRecord;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Evidence that something waits for. Stateless. */
final class Evidence {
  private static final long PATIENCE_SECONDS = 10;

  private Evidence() {}

  /** Waits until a record is durable; otherwise says why it is not. */
  static Optional<String> keep(AuditLog log, AuditRecord record) {
    try {
      log.append(record).toCompletableFuture().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(
          e.getCause() instanceof TimeoutException
              ? "it takes longer than " + PATIENCE_SECONDS + " s"
              : String.valueOf(e.getMessage()));
    }
  }
}
