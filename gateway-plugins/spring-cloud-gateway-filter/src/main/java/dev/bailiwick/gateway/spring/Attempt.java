// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Exceptions;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * Routes a request, waits for its end no longer than it may take, and goes on with how it ended. It
 * stands for a context, a time limit, a materialization and a flat map: as four operators, every
 * signal would pass each of them and every look-up of the context would climb them.
 */
final class Attempt extends Mono<Void> {
  private final UpstreamHop hop;
  private final Supplier<UpstreamRequest> request;
  private final Duration limit;
  private final ScheduledExecutorService timers;
  private final Function<@Nullable Throwable, Mono<Void>> next;

  /**
   * @param request makes the request
   * @param limit how long the routing may take before it is cancelled
   * @param timers where that is watched
   * @param next what comes after the routing; gets why it failed, or null when it did not
   */
  Attempt(
      UpstreamHop hop,
      Supplier<UpstreamRequest> request,
      Duration limit,
      ScheduledExecutorService timers,
      Function<@Nullable Throwable, Mono<Void>> next) {
    this.hop = hop;
    this.request = request;
    this.limit = limit;
    this.timers = timers;
    this.next = next;
  }

  @Override
  public void subscribe(CoreSubscriber<? super Void> actual) {
    Run run = new Run(actual);
    actual.onSubscribe(run);
    run.start();
  }

  /** What one subscriber sees: the routing first, then what comes after it. */
  private final class Run implements Subscription {
    private final CoreSubscriber<? super Void> actual;
    private final Disposable.Swap current = Disposables.swap();
    private final AtomicBoolean ended = new AtomicBoolean();
    private @Nullable Future<?> timer;

    Run(CoreSubscriber<? super Void> actual) {
      this.actual = actual;
    }

    void start() {
      try {
        UpstreamRequest upstream = request.get();
        Routing routing = new Routing(actual.currentContext().put(UpstreamRequest.class, upstream));
        if (!current.replace(routing)) {
          return;
        }
        timer = timers.schedule(this::late, limit.toNanos(), TimeUnit.NANOSECONDS);
        hop.route(upstream).subscribe(routing);
      } catch (Throwable e) {
        Exceptions.throwIfFatal(e);
        ended(e);
      }
    }

    private void late() {
      ended(new TimeoutException("no answer within " + limit.toMillis() + " ms"));
    }

    /** The first to say how the routing ended is believed. */
    private void ended(@Nullable Throwable failure) {
      if (!ended.compareAndSet(false, true)) {
        return;
      }
      stop();
      Mono<Void> rest;
      try {
        rest = next.apply(failure);
      } catch (Throwable e) {
        Exceptions.throwIfFatal(e);
        rest = Mono.error(e);
      }
      Rest last = new Rest();
      if (current.replace(last)) {
        rest.subscribe(last);
      }
    }

    /** Ends the timer, and the routing when it is not over. */
    private void stop() {
      Future<?> started = timer;
      if (started != null) {
        started.cancel(false);
      }
      Disposable routing = current.get();
      if (routing != null) {
        routing.dispose();
      }
    }

    /** Nothing but the end is ever sent. */
    @Override
    public void request(long n) {}

    @Override
    public void cancel() {
      if (ended.compareAndSet(false, true)) {
        stop();
      }
      current.dispose();
    }

    private final class Routing extends BaseSubscriber<Void> {
      private final Context context;

      Routing(Context context) {
        this.context = context;
      }

      @Override
      public Context currentContext() {
        return context;
      }

      @Override
      protected void hookOnComplete() {
        ended(null);
      }

      @Override
      protected void hookOnError(Throwable failure) {
        ended(failure);
      }
    }

    private final class Rest extends BaseSubscriber<Void> {
      @Override
      public Context currentContext() {
        return actual.currentContext();
      }

      @Override
      protected void hookOnComplete() {
        actual.onComplete();
      }

      @Override
      protected void hookOnError(Throwable failure) {
        actual.onError(failure);
      }
    }
  }
}
