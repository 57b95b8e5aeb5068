// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Scheduler;
import dev.bailiwick.gateway.UpstreamCall;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Calls that APISIX sends upstream by itself, until a report says how they ended. Bounded: a call
 * that is not reported in time is recorded with an unknown status. Thread-safe.
 */
final class SentCalls implements AutoCloseable {
  private static final int MOST = 10_000;

  /** How long a report may be on its way. */
  private static final Duration GRACE = Duration.ofSeconds(30);

  private final Cache<String, UpstreamCall> waiting =
      Caffeine.newBuilder()
          .maximumSize(MOST)
          .expireAfter(
              Expiry.<String, UpstreamCall>creating((id, call) -> call.timeout().plus(GRACE)))
          .scheduler(Scheduler.systemScheduler())
          .<String, UpstreamCall>evictionListener((id, call, cause) -> unknown(call))
          .build();

  private final boolean awaited;

  /**
   * @param awaited whether reports are taken at all; otherwise no call waits for one
   */
  SentCalls(boolean awaited) {
    this.awaited = awaited;
  }

  /**
   * A call leaves now.
   *
   * @param request what the report will name it by; without it, there will be none
   */
  void sent(Optional<String> request, UpstreamCall call) {
    if (!awaited || request.isEmpty() || waiting.asMap().putIfAbsent(request.get(), call) != null) {
      unknown(call);
    }
  }

  /**
   * A report came; one that names nothing that is waited for is ignored. Completes when the
   * credential is renewed, if it had expired.
   */
  CompletionStage<Void> reported(String request, OptionalInt status) {
    UpstreamCall call = waiting.asMap().remove(request);
    return call == null ? CompletableFuture.completedStage(null) : call.reported(status);
  }

  private static void unknown(@Nullable UpstreamCall call) {
    if (call != null) {
      var unused = call.reported(OptionalInt.empty());
    }
  }

  /** Whatever is still open will not be reported any more. */
  @Override
  public void close() {
    for (String request : List.copyOf(waiting.asMap().keySet())) {
      unknown(waiting.asMap().remove(request));
    }
  }
}
