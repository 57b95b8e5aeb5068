// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.connector.BodyRewriter;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Handle;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.VendorCall;
import dev.bailiwick.gateway.ConnectorRoutes.Route;
import dev.bailiwick.gateway.credential.CredentialResult;
import dev.bailiwick.gateway.credential.UpstreamGate;
import dev.bailiwick.gateway.handle.DeferredHandles;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Steps 9 to 11 of one allowed request: what is sent, what its answer means, and the evidence.
 *
 * <p>An expired credential is renewed and the request sent again, once, if the host still holds its
 * body: a 401 says that nothing was done upstream, so even a write may be repeated. Nothing else is
 * ever repeated.
 */
final class StandardUpstreamCall implements UpstreamCall {
  private static final Duration AT_ONCE = Duration.ofSeconds(1);

  private final StandardGatewayPipeline pipeline;
  private final Walk walk;
  private final Route route;
  private final VendorCall vendorCall;
  private final UpstreamGate.Pass pass;
  private CredentialResult.Available credential;
  private OutboundRequest outbound;
  private Instant sent;
  private boolean retried;
  private int status;
  private Headers headers = Headers.none();
  private Optional<Inbound.Relay> longer = Optional.empty();

  StandardUpstreamCall(
      StandardGatewayPipeline pipeline,
      Walk walk,
      Route route,
      VendorCall vendorCall,
      CredentialResult.Available credential,
      OutboundRequest outbound,
      UpstreamGate.Pass pass) {
    this.pipeline = pipeline;
    this.walk = walk;
    this.route = route;
    this.vendorCall = vendorCall;
    this.credential = credential;
    this.outbound = outbound;
    this.pass = pass;
    this.sent = pipeline.clock().instant();
  }

  @Override
  public URI origin() {
    return route.rule().upstream();
  }

  @Override
  public OutboundRequest request() {
    return outbound;
  }

  @Override
  public Optional<Credential.ClientCertificate> clientCertificate() {
    return credential.credential() instanceof Credential.ClientCertificate certificate
        ? Optional.of(certificate)
        : Optional.empty();
  }

  @Override
  public Duration timeout() {
    return route.rule().timeout();
  }

  @Override
  public CompletionStage<Next> answered(
      int answerStatus, Headers answerHeaders, boolean replayable) {
    status = answerStatus;
    headers = answerHeaders;
    pass.answered(answerStatus, answerHeaders, elapsed());
    return guarded(
        () -> {
          route
              .connector()
              .usage(answerHeaders)
              .forEach(usage -> pipeline.meter().usage(route.name(), usage));
          return next(vendorCall.inbound(answerStatus, answerHeaders), replayable);
        });
  }

  @Override
  public CompletionStage<Next> inspected(byte[] body, boolean complete, boolean replayable) {
    return guarded(
        () ->
            complete
                ? next(vendorCall.inspect(status, headers, body), replayable)
                : longer.isPresent()
                    ? next(longer.get(), replayable)
                    : done(unusable("the answer is longer than can be inspected")));
  }

  /** A step whose outcome says whether the upstream is asked for more. */
  private CompletionStage<Next> guarded(Supplier<CompletionStage<Next>> step) {
    return pipeline
        .guarded(walk, step, Next.Replace::new)
        .thenApply(
            next -> {
              if (next instanceof Next.Relay || next instanceof Next.Replace) {
                pass.over();
                pipeline.evidence().over(walk);
              }
              return next;
            });
  }

  @Override
  public CompletionStage<GatewayResponse> failed(Throwable cause) {
    boolean givenUp = cause instanceof CancellationException;
    if (givenUp) {
      pass.abandoned();
    } else {
      pass.failed(elapsed(), cause);
    }
    if (walk.writes()) {
      pipeline
          .evidence()
          .answeredWrite(
              walk,
              OptionalInt.empty(),
              "no answer; the write may or may not have happened upstream");
    }
    Denial denial =
        cause instanceof TimeoutException
            ? new Denial(
                DenyReason.UPSTREAM_TIMEOUT,
                route.name() + " did not answer within " + timeout().toSeconds() + " s")
            : new Denial(
                DenyReason.UPSTREAM_FAILED,
                givenUp
                    ? "the request was given up before " + route.name() + " answered"
                    : route.name() + " could not be reached or broke off its answer");
    return CompletableFuture.completedStage(pipeline.denied(walk, denial));
  }

  @Override
  public CompletionStage<GatewayResponse> unsent(Denial denial) {
    pass.abandoned();
    Denial told =
        new Denial(denial.reason(), "nothing was sent: " + denial.sentence(), denial.scope());
    if (walk.writes()) {
      pipeline.evidence().answeredWrite(walk, OptionalInt.empty(), told.sentence());
    }
    return CompletableFuture.completedStage(pipeline.denied(walk, told));
  }

  @Override
  public CompletionStage<Void> reported(OptionalInt reported) {
    if (reported.isEmpty()) {
      pass.abandoned();
      recordAnswer(reported, "the host did not say how it was answered");
      pipeline.evidence().over(walk);
      return CompletableFuture.completedStage(null);
    }
    status = reported.getAsInt();
    pass.answered(status, Headers.none(), elapsed());
    pass.over();
    if (status != 401) {
      recordAnswer(reported, "answered");
      pipeline.evidence().over(walk);
      return CompletableFuture.completedStage(null);
    }
    if (walk.writes()) {
      pipeline.evidence().answeredWrite(walk, reported, "the stored credential was not accepted");
    }
    return pipeline
        .guarded(walk, () -> expired(false), Next.Replace::new)
        .thenAccept(next -> pipeline.evidence().over(walk));
  }

  private CompletionStage<Next> next(Inbound inbound, boolean replayable) {
    return switch (inbound) {
      case Inbound.Relay relay -> {
        recordAnswer(OptionalInt.of(status), "answered");
        yield done(new Next.Relay(keeping(relay)));
      }
      case Inbound.Limited limited -> {
        pass.limited(limited.pause());
        yield next(limited.answer(), replayable);
      }
      case Inbound.Inspect inspect -> {
        longer = inspect.longer();
        yield done(new Next.Inspect(inspect.maxBytes()));
      }
      case Inbound.Unusable unusable -> done(unusable(unusable.sentence()));
      case Inbound.CredentialExpired expired -> expired(replayable);
    };
  }

  /** The answer, with every handle in it noted for the agent that gets it. */
  private Inbound.Relay keeping(Inbound.Relay relay) {
    List<Operation> handedOn =
        vendorCall.uses().isEmpty() ? vendorCall.handedOn() : walk.operations();
    if (relay.rewriter().isEmpty() || handedOn.isEmpty()) {
      return relay;
    }
    Supplier<BodyRewriter> rewriter = relay.rewriter().get();
    DeferredHandles.Holder holder = StandardGatewayPipeline.holder(walk.token().orElseThrow());
    Consumer<Handle> keeper =
        handle -> {
          // One that cannot be kept is denied when it is used.
          boolean unused = pipeline.handles().keep(route.name(), handle, holder, handedOn);
        };
    return new Inbound.Relay(
        relay.status(),
        relay.headers(),
        Optional.of(() -> new KeepingRewriter(rewriter.get(), keeper)));
  }

  private CompletionStage<Next> expired(boolean replayable) {
    if (retried) {
      return done(
          replace(
              new Denial(
                  DenyReason.UPSTREAM_UNAUTHORIZED,
                  route.name()
                      + " does not accept the stored credential even after renewal; the operator must"
                      + " check "
                      + route.rule().credential())));
    }
    retried = true;
    return pipeline
        .credentials()
        .renew(route.rule().credential(), credential.generation())
        .thenCompose(
            result -> pipeline.guarded(walk, () -> renewed(result, replayable), Next.Replace::new));
  }

  private CompletionStage<Next> renewed(CredentialResult result, boolean replayable) {
    if (!(result instanceof CredentialResult.Available fresh)) {
      return done(new Next.Replace(pipeline.credentialDenied(walk, result)));
    }
    if (!replayable) {
      return done(
          new Next.Replace(
              pipeline.denied(
                  walk,
                  new Denial(
                      DenyReason.RENEWED_RETRY,
                      "the stored credential had expired and is renewed; send the request again"),
                  AT_ONCE)));
    }
    credential = fresh;
    outbound = vendorCall.outbound(fresh.credential());
    sent = pipeline.clock().instant();
    return done(new Next.Retry(outbound));
  }

  private Next unusable(String sentence) {
    return replace(new Denial(DenyReason.UPSTREAM_UNUSABLE, route.name() + ": " + sentence));
  }

  private Next replace(Denial denial) {
    if (walk.writes()) {
      pipeline.evidence().answeredWrite(walk, OptionalInt.of(status), denial.sentence());
    }
    return new Next.Replace(pipeline.denied(walk, denial));
  }

  private void recordAnswer(OptionalInt answer, String sentence) {
    if (walk.writes()) {
      pipeline.evidence().answeredWrite(walk, answer, sentence);
    } else {
      pipeline.evidence().answeredRead(walk, answer);
    }
  }

  private Duration elapsed() {
    return Duration.between(sent, pipeline.clock().instant());
  }

  private static CompletionStage<Next> done(Next next) {
    return CompletableFuture.completedStage(next);
  }
}
