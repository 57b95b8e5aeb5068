// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import dev.bailiwick.gateway.Admission;
import dev.bailiwick.gateway.Admission.Admitted;
import dev.bailiwick.gateway.AnnouncedBody;
import dev.bailiwick.gateway.Decision;
import dev.bailiwick.gateway.Denial;
import dev.bailiwick.gateway.DenyReason;
import dev.bailiwick.gateway.GatewayPipeline;
import dev.bailiwick.gateway.GatewayResponse;
import dev.bailiwick.gateway.InboundRequest;
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
    if (call.lines().size() >= RunnerCall.SHOWN_LINES) {
      return deny(
          call,
          call.withoutHeaders(),
          DenyReason.HEADER_TOO_LARGE,
          "APISIX shows only the first " + RunnerCall.SHOWN_LINES + " header lines: send fewer");
    }
    if (!call.keepsTarget()) {
      return deny(
          call,
          call.withoutHeaders(),
          DenyReason.INTERNAL,
          "the route does not keep the raw target: print it again with bailiwick apisix route");
    }
    if (decision.route().protocol() && !call.keepsProtocol()) {
      return deny(
          call,
          call.withoutHeaders(),
          DenyReason.INTERNAL,
          "the route does not tell the protocol: print it again with bailiwick apisix route");
    }
    InboundRequest request;
    try {
      request = call.inbound();
    } catch (IllegalArgumentException e) {
      return deny(
          call,
          call.withoutHeaders(),
          DenyReason.MALFORMED_REQUEST,
          "a header line is malformed (RFC 9110 §5.5): send names and values without control"
              + " characters");
    }
    return pipeline
        .admit(request)
        .thenCompose(
            admission ->
                switch (admission) {
                  case Admission.Denied denied -> over(call, denied.response());
                  case Admitted admitted -> admitted(decision, request, admitted);
                });
  }

  private CompletionStage<Head> admitted(
      CallDecision decision, InboundRequest request, Admitted admitted) {
    RunnerCall call = decision.call();
    Optional<String> mismatch = mismatch(decision.route(), admitted);
    if (mismatch.isPresent()) {
      return deny(call, request, DenyReason.INTERNAL, mismatch.get());
    }
    AnnouncedBody body = decision.announcedBody();
    boolean needsBody = admitted.needsBody() && !(body instanceof AnnouncedBody.None);
    if (needsBody && body.isLongerThan(admitted.maxBodyBytes())) {
      return pipeline.bodyTooLarge(admitted).thenCompose(response -> over(call, response));
    }
    decision.admitted(admitted);
    return CompletableFuture.completedStage(new Head.Open(needsBody));
  }

  /** APISIX proxies to the route's upstream, whatever we say: it has to be the connector's. */
  private Optional<String> mismatch(RouteConf route, Admitted admitted) {
    if (!admitted.connector().equals(route.connector())) {
      return Optional.of(
          "the route leads to connector "
              + route.connector()
              + ", but the path is one of "
              + admitted.connector());
    }
    Bundle.ConnectorRule rule = bundle.get().connectors().get(route.connector());
    return rule != null && route.leadsTo(rule.upstream())
        ? Optional.empty()
        : Optional.of(
            "the route leads to another upstream than the bundle names for "
                + route.connector()
                + ": print it again with bailiwick apisix route");
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
          .deny(
              call.inbound(),
              new Denial(
                  DenyReason.BODY_MALFORMED,
                  "APISIX does not show the body that the request announces, or that HTTP/2 leaves"
                      + " open: send it whole and with its Content-Length"))
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
    Answer answer;
    try {
      if (upstream.clientCertificate().isPresent()) {
        throw new IllegalStateException("APISIX cannot present a certificate that is not its own");
      }
      if (!decision.route().leadsTo(upstream.origin())) {
        // The bundle was replaced in between: the credential is for another system.
        throw new IllegalStateException("the route leads elsewhere");
      }
      answer =
          Answer.rewrite(
              call,
              upstream.request(),
              upstream.origin(),
              noBody(decision, admitted),
              admitted.correlationId());
    } catch (RuntimeException e) {
      return upstream.failed(e).thenApply(response -> Answer.stop(call.id(), response));
    }
    var unused = decision.allowed(upstream);
    return CompletableFuture.completedStage(answer);
  }

  /**
   * Whether nginx itself has to deny a body. Of a request that may have one by its head, and none
   * by what it does, nobody has looked at any; nginx does not send one that is longer than said.
   */
  private static boolean noBody(CallDecision decision, Admitted admitted) {
    return decision.announcedBody() instanceof AnnouncedBody.Unsaid
        && !admitted.needsBody()
        && !admitted.streamsBody();
  }

  private CompletionStage<Head> deny(
      RunnerCall call, InboundRequest request, DenyReason reason, String sentence) {
    return pipeline
        .deny(request, new Denial(reason, sentence))
        .thenCompose(response -> over(call, response));
  }

  private static CompletionStage<Head> over(RunnerCall call, GatewayResponse response) {
    return CompletableFuture.completedStage(new Head.Answered(Answer.stop(call.id(), response)));
  }

  private static CompletionStage<Answer> stop(RunnerCall call, GatewayResponse response) {
    return CompletableFuture.completedStage(Answer.stop(call.id(), response));
  }
}
