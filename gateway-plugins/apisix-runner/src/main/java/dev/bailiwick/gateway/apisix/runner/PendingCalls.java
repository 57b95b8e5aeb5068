// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.bailiwick.gateway.UpstreamCall;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Allowed calls whose end is not known yet. Bounded: a call that is not reported in time, or for
 * which there is no room, is recorded with an unknown status. Thread-safe.
 */
final class PendingCalls implements AutoCloseable {
  private final Cache<String, UpstreamCall> calls;
  private final RunnerMetrics metrics;
  private final boolean awaited;

  /**
   * @param awaited whether reports are taken at all; otherwise no call waits for one
   */
  PendingCalls(
      RunnerSettings.Limits limits, boolean awaited, RunnerMetrics metrics, Ticker ticker) {
    this.metrics = metrics;
    this.awaited = awaited;
    this.calls =
        Caffeine.newBuilder()
            .maximumSize(limits.maxPending())
            .expireAfter(
                Expiry.<String, UpstreamCall>creating(
                    (request, call) -> call.timeout().plus(limits.reportAge())))
            .ticker(ticker)
            .executor(Runnable::run)
            .<String, UpstreamCall>evictionListener((request, call, cause) -> unknown(call))
            .build();
  }

  /**
   * A call leaves now.
   *
   * @param request by which it will be reported; without it, it never will
   */
  void sent(Optional<String> request, UpstreamCall call) {
    if (!awaited || request.isEmpty() || calls.asMap().putIfAbsent(request.get(), call) != null) {
      unknown(call);
    }
  }

  /** The call of a request, which is whoever takes it to end; empty when nobody waits for it. */
  Optional<UpstreamCall> take(String request) {
    return Optional.ofNullable(calls.asMap().remove(request));
  }

  /**
   * How a call was answered; empty when APISIX does not know either. Completes when the credential
   * is renewed, if it had expired.
   */
  CompletionStage<Void> reported(String request, OptionalInt status) {
    Optional<UpstreamCall> call = take(request);
    if (call.isEmpty()) {
      metrics.reportUnknown();
      return CompletableFuture.completedStage(null);
    }
    metrics.reported();
    return call.get().reported(status);
  }

  private void unknown(@Nullable UpstreamCall call) {
    if (call != null) {
      metrics.unreported();
      var unused = call.reported(OptionalInt.empty());
    }
  }

  /** Ends what is overdue. */
  void sweep() {
    calls.cleanUp();
  }

  long size() {
    return calls.estimatedSize();
  }

  /** Whatever is still open will not be reported any more. */
  @Override
  public void close() {
    for (String request : List.copyOf(calls.asMap().keySet())) {
      take(request).ifPresent(this::unknown);
    }
  }
}
