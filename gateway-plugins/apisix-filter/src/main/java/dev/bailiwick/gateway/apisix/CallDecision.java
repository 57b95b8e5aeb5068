// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import dev.bailiwick.gateway.Admission.Admitted;
import dev.bailiwick.gateway.AnnouncedBody;
import dev.bailiwick.gateway.ProxyingHost;
import dev.bailiwick.gateway.UpstreamCall;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What is known about one call on a route of ours. Thread-safe. */
final class CallDecision {
  private enum State {
    OPEN,
    ABANDONED
  }

  private final RunnerCall call;
  private final RouteConf route;
  private final AtomicReference<Object> state = new AtomicReference<>(State.OPEN);
  private volatile @Nullable Admitted admitted;

  CallDecision(RunnerCall call, RouteConf route) {
    this.call = call;
    this.route = route;
  }

  RunnerCall call() {
    return call;
  }

  RouteConf route() {
    return route;
  }

  /** What its head says about its body. */
  AnnouncedBody announcedBody() {
    return call.announcedBody(route.protocol());
  }

  /** The caller is verified; what the request does is still to be decided. */
  void admitted(Admitted found) {
    admitted = found;
  }

  @Nullable Admitted admitted() {
    return admitted;
  }

  /** The request was allowed; whether anybody still waits to send it. */
  boolean allowed(UpstreamCall upstream) {
    boolean wanted = state.compareAndSet(State.OPEN, upstream);
    if (!wanted) {
      giveUp(upstream);
    }
    return wanted;
  }

  /** Nobody waits for the answer any more: what was allowed will not be sent. */
  void abandon() {
    if (state.getAndSet(State.ABANDONED) instanceof UpstreamCall upstream) {
      giveUp(upstream);
    }
  }

  /** The upstream call that leaves with the answer, if there is one; it is the caller's to end. */
  @Nullable UpstreamCall leaves() {
    return state.getAndSet(State.ABANDONED) instanceof UpstreamCall upstream ? upstream : null;
  }

  private static void giveUp(UpstreamCall upstream) {
    var unused = upstream.unsent(ProxyingHost.givenUp());
  }
}
