// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.gateway.Denial;
import dev.bailiwick.gateway.DenyReason;
import dev.bailiwick.gateway.GatewayResponse;
import dev.bailiwick.gateway.UpstreamCall;
import dev.bailiwick.gateway.UpstreamCall.Next;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.web.server.ServerWebExchange;

/**
 * An allowed exchange on its way from the {@link DecisionFilter} to the {@link UpstreamFilter}. It
 * lives in an exchange attribute, holds the call with its credential and prints nothing of it.
 * Thread-safe.
 */
final class Passage {
  private static final String ATTRIBUTE = Passage.class.getName();

  private enum State {
    /** Decided; nothing was sent. */
    ALLOWED,
    /** The client has the request, but no connection to write it to. */
    CLAIMED,
    /** The request was handed to a connection: the core waits to be told how it went. */
    SENT,
    /** The core knows how it went. */
    REPORTED
  }

  private final Route route;
  private final UpstreamCall call;
  private final RequestBody body;
  private final AtomicReference<State> state = new AtomicReference<>(State.ALLOWED);
  private volatile boolean abandoned;
  private volatile @Nullable Rewriting rewriting;

  Passage(Route route, UpstreamCall call, RequestBody body) {
    this.route = route;
    this.call = call;
    this.body = body;
  }

  /**
   * The passage of an exchange. It belongs to the route that it was decided for: an exchange that
   * was dispatched again to another route has none.
   */
  static @Nullable Passage of(ServerWebExchange exchange) {
    Passage passage = exchange.getAttribute(ATTRIBUTE);
    Route route = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
    return passage != null && Objects.equals(passage.route, route) ? passage : null;
  }

  /** Ends the passage of an exchange that is over, if it has one. */
  static void end(ServerWebExchange exchange, String why) {
    Passage passage = exchange.getAttribute(ATTRIBUTE);
    if (passage != null) {
      passage.abandon(why);
    }
  }

  void attachTo(ServerWebExchange exchange) {
    exchange.getAttributes().put(ATTRIBUTE, this);
  }

  URI origin() {
    return call.origin();
  }

  Optional<Credential.ClientCertificate> clientCertificate() {
    return call.clientCertificate();
  }

  Duration timeout() {
    return call.timeout();
  }

  RequestBody body() {
    return body;
  }

  /**
   * Claims the right to send; empty when the call was sent, or given up, before. One decision is
   * one call: whoever repeats it would act without a record.
   */
  Optional<OutboundRequest> send() {
    return state.compareAndSet(State.ALLOWED, State.CLAIMED)
        ? Optional.of(call.request())
        : Optional.empty();
  }

  /**
   * The request is about to be written.
   *
   * @throws IllegalStateException when it was given up, and must not be
   */
  void handOver() {
    if (!state.compareAndSet(State.CLAIMED, State.SENT) && state.get() != State.SENT) {
      throw new IllegalStateException("the request was given up before it was written");
    }
  }

  CompletionStage<Next> answered(int status, Headers headers) {
    state.set(State.REPORTED);
    return call.answered(status, headers, body.replayable()).thenApply(this::expectMore);
  }

  CompletionStage<Next> inspected(byte[] bytes, boolean complete) {
    state.set(State.REPORTED);
    return call.inspected(bytes, complete, body.replayable()).thenApply(this::expectMore);
  }

  CompletionStage<GatewayResponse> failed(Throwable cause) {
    state.set(State.REPORTED);
    return call.failed(cause);
  }

  private Next expectMore(Next next) {
    if (next instanceof Next.Retry || next instanceof Next.Inspect) {
      state.set(State.SENT);
      if (abandoned) {
        abandon("the agent hung up");
      }
    }
    return next;
  }

  /**
   * The exchange is over. When the core still waits for an outcome it gets one here, so that the
   * evidence does not stay open: another filter answered or failed, or the agent hung up.
   */
  void abandon(String why) {
    abandoned = true;
    var unused =
        switch (state.getAndSet(State.REPORTED)) {
          case ALLOWED, CLAIMED -> giveUp(call, why);
          case SENT -> call.failed(new CancellationException(why));
          case REPORTED -> null;
        };
  }

  /** Nothing was sent and nothing will be. */
  static CompletionStage<GatewayResponse> giveUp(UpstreamCall call, String why) {
    return call.unsent(new Denial(DenyReason.UPSTREAM_FAILED, why));
  }

  /** Rewrites the answer's body from now on. */
  void rewriteWith(Rewriting wanted) {
    rewriting = wanted;
  }

  /** How the answer's body is rewritten, if it is. */
  @Nullable Rewriting rewriting() {
    return rewriting;
  }

  @Override
  public String toString() {
    return "Passage[" + route.getId() + ", " + state.get() + "]";
  }
}
