// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/** Bridges the core's stages to Reactor. */
final class Stages {
  private Stages() {}

  /**
   * Starts a stage on subscription. Most stages are complete at once and cost no hop; the others
   * come back to the agent's event loop, so that the core's own threads never run the gateway's
   * filters. A cancelled exchange never cancels the stage: other requests may wait for the same
   * renewal.
   */
  static <T> Mono<T> mono(WireRequest wire, Supplier<? extends CompletionStage<T>> start) {
    return Mono.defer(
        () -> {
          CompletableFuture<T> future = start.get().toCompletableFuture();
          Mono<T> mono = Mono.fromFuture(future, true);
          return future.isDone() ? mono : mono.publishOn(wire.eventLoop());
        });
  }
}
