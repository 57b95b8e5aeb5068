// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import dev.bailiwick.gateway.Admission;
import dev.bailiwick.gateway.Admission.Admitted;
import dev.bailiwick.gateway.AnnouncedBody;
import dev.bailiwick.gateway.Decision;
import dev.bailiwick.gateway.Denial;
import dev.bailiwick.gateway.GatewayPipeline;
import dev.bailiwick.gateway.GatewayResponse;
import dev.bailiwick.gateway.InboundRequest;
import dev.bailiwick.gateway.ProxyingHost;
import dev.bailiwick.gateway.UpstreamCall;
import dev.bailiwick.policy.Bundle;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Walks one call through the core, on virtual threads: the runner's event loop carries many
 * connections, and neither a check of a signature nor a credential that is renewed may hold up any
 * of them. Thread-safe.
 */
final class CallDecider {

  /** Where a call stands after its head was looked at. */
  sealed interface Head {
    /** It is over. */
    record Answered(Answer answer) implements Head {}

    /** The core must see the body, or what is left to decide. */
    record Open(boolean needsBody) implements Head {}
  }

  private final GatewayPipeline pipeline;
  private final Supplier<Bundle> bundle;

  CallDecider(GatewayPipeline pipeline, Supplier<Bundle> bundle) {
    this.pipeline = pipeline;
    this.bundle = bundle;
  }

  /** Steps 1 to 5 of the walk. */
  CompletionStage<Head> admit(CallDecision decision) {
    return onVirtualThread(() -> head(decision));
  }

  /** The rest of it. */
  CompletionStage<Answer> decide(CallDecision decision, Admitted admitted, byte[] body) {
    return onVirtualThread(() -> outcome(decision, admitted, body));
  }

  private static <T> CompletionStage<T> onVirtualThread(Supplier<CompletionStage<T>> step) {
    CompletableFuture<T> result = new CompletableFuture<>();
    var unused =
        Thread.ofVirtual()
            .name("bailiwick-call")
            .start(
                () -> {
                  try {
                    var ignored =
                        step.get()
                            .whenComplete(
                                (value, failure) -> {
                                  if (failure == null) {
                                    result.complete(value);
                                  } else {
                                    result.completeExceptionally(failure);
                                  }
                                });
                  } catch (RuntimeException e) {
                    result.completeExceptionally(e);
                  }
                });
    return result;
  }

  private CompletionStage<Head> head(CallDecision decision) {
    RunnerCall call = decision.call();
    Optional<Denial> hidden = ProxyingHost.hiddenHeaders(call.lines().size());
    if (hidden.isPresent()) {
      return deny(call, hidden.get());
    }
    if (!call.keepsTarget()) {
      return deny(call, ProxyingHost.targetNotKept());
    }
    if (decision.route().protocol() && !call.keepsProtocol()) {
      return deny(call, ProxyingHost.protocolNotTold());
    }
    InboundRequest request;
    try {
      request = call.inbound();
    } catch (IllegalArgumentException e) {
      return deny(call, ProxyingHost.malformedHeader());
    }
    return pipeline
        .admit(request)
        .thenCompose(
            admission ->
                switch (admission) {
                  case Admission.Denied denied -> over(call, denied.response());
                  case Admitted admitted -> admitted(decision, admitted);
                });
  }

  private CompletionStage<Head> admitted(CallDecision decision, Admitted admitted) {
    RunnerCall call = decision.call();
    RouteConf route = decision.route();
    Optional<Denial> mismatch =
        ProxyingHost.wrongRoute(route.connector(), leadsToItsUpstream(route), admitted);
    if (mismatch.isPresent()) {
      return pipeline.deny(admitted, mismatch.get()).thenCompose(response -> over(call, response));
    }
    AnnouncedBody body = decision.announcedBody();
    boolean needsBody = admitted.needsBody() && !(body instanceof AnnouncedBody.None);
    if (needsBody && body.isLongerThan(admitted.maxBodyBytes())) {
      return pipeline.bodyTooLarge(admitted).thenCompose(response -> over(call, response));
    }
    decision.admitted(admitted);
    return CompletableFuture.completedStage(new Head.Open(needsBody));
  }

  private boolean leadsToItsUpstream(RouteConf route) {
    Bundle.ConnectorRule rule = bundle.get().connectors().get(route.connector());
    return rule != null && route.leadsTo(rule.upstream());
  }

  private CompletionStage<Answer> outcome(CallDecision decision, Admitted admitted, byte[] body) {
    RunnerCall call = decision.call();
    if (body.length > admitted.maxBodyBytes()) {
      return pipeline
          .bodyTooLarge(admitted)
          .thenApply(response -> Answer.stop(call.id(), response));
    }
    if (admitted.needsBody() && !decision.announcedBody().isShownBy(body)) {
      return pipeline
          .deny(admitted, ProxyingHost.hiddenBody())
          .thenApply(response -> Answer.stop(call.id(), response));
    }
    return pipeline
        .decide(admitted, body)
        .thenCompose(
            outcome ->
                switch (outcome) {
                  case Decision.Deny denied -> stop(call, denied.response());
                  case Decision.Answer granted -> stop(call, granted.response());
                  case Decision.Allow allow -> allowed(decision, admitted, allow.call());
                });
  }

  private CompletionStage<Answer> allowed(
      CallDecision decision, Admitted admitted, UpstreamCall upstream) {
    RunnerCall call = decision.call();
    Optional<Denial> obstacle =
        ProxyingHost.obstacle(upstream, decision.route().leadsTo(upstream.origin()));
    if (obstacle.isPresent()) {
      return unsent(call, upstream, obstacle.get());
    }
    Answer answer;
    try {
      answer =
          Answer.rewrite(
              call,
              upstream.request(),
              upstream.origin(),
              decision.announcedBody().mustBeKeptOut(admitted),
              admitted.correlationId());
    } catch (RuntimeException e) {
      return unsent(call, upstream, ProxyingHost.unsayable());
    }
    var unused = decision.allowed(upstream);
    return CompletableFuture.completedStage(answer);
  }

  private static CompletionStage<Answer> unsent(
      RunnerCall call, UpstreamCall upstream, Denial denial) {
    return upstream.unsent(denial).thenCompose(response -> stop(call, response));
  }

  private CompletionStage<Head> deny(RunnerCall call, Denial denial) {
    return pipeline
        .deny(call.withoutHeaders(), denial)
        .thenCompose(response -> over(call, response));
  }

  private static CompletionStage<Head> over(RunnerCall call, GatewayResponse response) {
    return CompletableFuture.completedStage(new Head.Answered(Answer.stop(call.id(), response)));
  }

  private static CompletionStage<Answer> stop(RunnerCall call, GatewayResponse response) {
    return CompletableFuture.completedStage(Answer.stop(call.id(), response));
  }
}
