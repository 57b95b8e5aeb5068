// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** Bridges the core's stages to Reactor. */
final class Stages {
  private Stages() {}

  /**
   * Goes on with what a stage completes with. Most stages are complete at once, and then nothing
   * stands between them and what follows; the others come back to the agent's event loop, so that
   * the core's own threads never run the gateway's filters. A cancelled exchange never cancels the
   * stage: other requests may wait for the same renewal.
   *
   * @param stage one that was started because somebody has subscribed
   */
  static <T> Mono<Void> then(
      WireRequest wire, CompletionStage<T> stage, Function<T, Mono<Void>> next) {
    CompletableFuture<T> future = stage.toCompletableFuture();
    return future.isDone()
        ? next.apply(future.join())
        : Mono.fromFuture(future, true).publishOn(wire.eventLoop()).flatMap(next);
  }

  /**
   * As above; what comes when the exchange is cancelled already, and nobody goes on with it, is
   * left to {@code unheard}.
   */
  static <T> Mono<Void> then(
      WireRequest wire,
      CompletionStage<T> stage,
      Function<T, Mono<Void>> next,
      Consumer<T> unheard) {
    CompletableFuture<T> future = stage.toCompletableFuture();
    if (future.isDone()) {
      return next.apply(future.join());
    }
    AtomicBoolean taken = new AtomicBoolean();
    return then(
            wire,
            future,
            value -> taken.compareAndSet(false, true) ? next.apply(value) : Mono.empty())
        .doOnCancel(
            () -> {
              if (taken.compareAndSet(false, true)) {
                var unused = future.thenAccept(unheard);
              }
            });
  }
}
