// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.audit.AuditException;
import dev.bailiwick.audit.AuditLog;
import dev.bailiwick.audit.AuditRecord;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Keeps records in memory, except those that it is told to lose. */
final class MemoryAuditLog implements AuditLog {
  private final List<AuditRecord> records = new CopyOnWriteArrayList<>();
  private volatile Predicate<AuditRecord> losing = record -> false;
  private volatile Consumer<AuditRecord> onAppend = record -> {};
  private volatile Optional<String> failure = Optional.empty();

  void onAppend(Consumer<AuditRecord> listener) {
    onAppend = listener;
  }

  void lose(Predicate<AuditRecord> which) {
    losing = which;
  }

  void fail(String reason) {
    failure = Optional.of(reason);
  }

  List<AuditRecord> records() {
    return records;
  }

  <T extends AuditRecord> List<T> records(Class<T> type) {
    return records.stream().filter(type::isInstance).map(type::cast).toList();
  }

  @Override
  public CompletionStage<Receipt> append(AuditRecord record) {
    if (losing.test(record)) {
      return CompletableFuture.failedFuture(new AuditException("the disk is full"));
    }
    records.add(record);
    onAppend.accept(record);
    return CompletableFuture.completedFuture(new Receipt(records.size(), "00"));
  }

  @Override
  public CompletionStage<Place> place(int count) {
    throw new UnsupportedOperationException("the enforcer keeps no places");
  }

  @Override
  public Optional<String> failure() {
    return failure;
  }

  @Override
  public void close() {}
}
