// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.Handle;
import dev.bailiwick.connector.LogIn;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.VendorCall;
import dev.bailiwick.gateway.ConnectorRoutes.Route;
import dev.bailiwick.gateway.credential.CredentialBroker;
import dev.bailiwick.gateway.credential.CredentialResult;
import dev.bailiwick.gateway.credential.UpstreamGate;
import dev.bailiwick.gateway.credential.UpstreamGate.Entry;
import dev.bailiwick.gateway.handle.DeferredHandles;
import dev.bailiwick.gateway.token.AgentToken;
import dev.bailiwick.gateway.token.ProofOfPossession;
import dev.bailiwick.gateway.token.Revocations;
import dev.bailiwick.gateway.token.TokenVerdict;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The request walk, in this order:
 *
 * <ol>
 *   <li>limits: {@link RequestLimits}
 *   <li>route: {@link ConnectorRoutes}
 *   <li>verify: {@link dev.bailiwick.gateway.token.TokenVerifier}
 *   <li>prove: {@link ProofOfPossession}
 *   <li>alive: {@link Revocations}
 *   <li>classify: {@link dev.bailiwick.connector.Connector#classify}
 *   <li>authorize: {@link Authorizer}
 *   <li>credential: {@link CredentialBroker}
 *   <li>outbound and inbound: {@link StandardUpstreamCall}
 *   <li>evidence: {@link Evidence}, for allow and deny alike
 * </ol>
 *
 * <p>A log-in goes from its route to verify, prove and alive once its body is read, and ends there.
 *
 * <p>Whatever a step throws becomes a denial {@link DenyReason#INTERNAL}.
 */
final class StandardGatewayPipeline implements GatewayPipeline {
  private static final Logger log = LoggerFactory.getLogger(StandardGatewayPipeline.class);

  /** How long to wait for handles to expire. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Supplier<GatewaySnapshot> snapshots;
  private final Revocations revocations;
  private final CredentialBroker credentials;
  private final UpstreamGate gate;
  private final UpstreamMeter meter;
  private final DeferredHandles handles;
  private final Evidence evidence;
  private final Clock clock;
  private final CorrelationIds correlationIds = new CorrelationIds();

  StandardGatewayPipeline(
      Supplier<GatewaySnapshot> snapshots,
      Revocations revocations,
      CredentialBroker credentials,
      UpstreamGate gate,
      UpstreamMeter meter,
      DeferredHandles handles,
      Evidence evidence,
      Clock clock) {
    this.snapshots = snapshots;
    this.revocations = revocations;
    this.credentials = credentials;
    this.gate = gate;
    this.meter = meter;
    this.handles = handles;
    this.evidence = evidence;
    this.clock = clock;
  }

  @Override
  public CompletionStage<Admission> admit(InboundRequest request) {
    Walk walk = new Walk(request, snapshots.get(), correlationIds.next());
    return guarded(walk, () -> head(walk), Admission.Denied::new);
  }

  @Override
  public CompletionStage<GatewayResponse> bodyTooLarge(Admission.Admitted admitted) {
    return deny(admitted, RequestLimits.bodyTooLarge(admitted.maxBodyBytes()));
  }

  @Override
  public CompletionStage<Decision> decide(Admission.Admitted admitted, byte[] body) {
    Walk walk = (Walk) admitted;
    return guarded(
        walk,
        () -> walk.logIn().isPresent() ? logIn(walk, body) : authorize(walk, body),
        Decision.Deny::new);
  }

  @Override
  public CompletionStage<GatewayResponse> deny(InboundRequest request, Denial denial) {
    Walk walk = new Walk(request, snapshots.get(), correlationIds.next());
    return CompletableFuture.completedStage(denied(walk, denial));
  }

  @Override
  public CompletionStage<GatewayResponse> deny(Admission.Admitted admitted, Denial denial) {
    return CompletableFuture.completedStage(denied((Walk) admitted, denial));
  }

  /** Steps 1 to 5. */
  private CompletionStage<Admission> head(Walk walk) {
    Optional<Denial> limit =
        RequestLimits.check(walk.request(), walk.snapshot().bundle().gateway().limits());
    if (limit.isPresent()) {
      return refuse(walk, limit.get());
    }
    RequestTarget target =
        RequestTarget.parseKeepingLineBreaks(walk.request().rawPath(), walk.request().rawQuery());
    walk.target(target);
    Optional<Route> route = walk.snapshot().routes().find(target);
    if (route.isEmpty()) {
      return refuse(walk, ConnectorRoutes.notFound());
    }
    walk.route(route.get());
    walk.connectorRequest(route.get().head(walk.request(), target));
    Optional<LogIn> logIn = route.get().connector().logIn(walk.connectorRequest());
    if (logIn.isPresent()) {
      walk.logIn(logIn.get());
      return CompletableFuture.completedStage(walk);
    }
    Optional<AuthorizationHeader> authorization =
        AuthorizationHeader.of(walk.request().headers()).filter(AuthorizationHeader::isToken);
    if (authorization.isEmpty()) {
      return refuse(
          walk,
          new Denial(
              DenyReason.TOKEN_MISSING,
              "send Authorization: DPoP <access token>, and a DPoP header with its proof"));
    }
    return identify(walk, authorization.get())
        .thenCompose(
            verdict ->
                guarded(
                    walk,
                    () ->
                        verdict instanceof TokenVerdict.Denied denied
                            ? refuse(walk, denied.denial())
                            : classify(walk),
                    Admission.Denied::new));
  }

  /** Steps 3 to 5: whose token it is, whether the caller holds its key, and whether it lives. */
  private CompletionStage<TokenVerdict> identify(Walk walk, AuthorizationHeader authorization) {
    return walk.snapshot()
        .verifier()
        .verify(authorization.token())
        .thenCompose(
            verdict ->
                verdict instanceof TokenVerdict.Verified verified
                    ? prove(walk, verified.token(), authorization)
                    : CompletableFuture.completedStage(verdict))
        .thenApply(this::alive);
  }

  /** From here on evidence names the token: also when somebody presents it who has not its key. */
  private static CompletionStage<TokenVerdict> prove(
      Walk walk, AgentToken token, AuthorizationHeader authorization) {
    walk.token(token);
    String path = walk.target().map(RequestTarget::path).orElse("/");
    return walk.snapshot()
        .proof()
        .prove(
            token,
            new ProofOfPossession.Presented(
                authorization.scheme(),
                authorization.token(),
                walk.request().headers().first("dpop"),
                walk.request().method(),
                walk.snapshot().bundle().gateway().externalUrl() + path,
                walk.request().clientCertificate()));
  }

  private TokenVerdict alive(TokenVerdict verdict) {
    return verdict instanceof TokenVerdict.Verified verified
        ? revocations
            .check(verified.token())
            .<TokenVerdict>map(TokenVerdict.Denied::new)
            .orElse(verdict)
        : verdict;
  }

  private CompletionStage<Admission> classify(Walk walk) {
    Route route = walk.route().orElseThrow();
    Classification<? extends VendorCall> classification =
        route.connector().classify(walk.connectorRequest());
    Optional<Denial> unexpected =
        RequestLimits.unexpectedBody(walk.request(), classification.bodyUse());
    if (unexpected.isPresent()) {
      return refuse(walk, unexpected.get());
    }
    walk.classification(classification);
    return CompletableFuture.completedStage(walk);
  }

  /**
   * A client that logs in gets back the token that it sent: verified, proved and alive like any
   * other, of an agent that the bundle knows. No new authority comes of it.
   */
  private CompletionStage<Decision> logIn(Walk walk, byte[] body) {
    AuthorizationHeader sent = LogInForm.token(walk.request(), body);
    return identify(walk, sent)
        .thenCompose(
            verdict -> guarded(walk, () -> loggedIn(walk, sent, verdict), Decision.Deny::new));
  }

  private CompletionStage<Decision> loggedIn(
      Walk walk, AuthorizationHeader sent, TokenVerdict verdict) {
    if (verdict instanceof TokenVerdict.Denied denied) {
      return deny(walk, denied.denial());
    }
    AgentToken token = walk.token().orElseThrow();
    Optional<Denial> unknown = Authorizer.authorize(walk, token, walk.route().orElseThrow().name());
    if (unknown.isPresent()) {
      return deny(walk, unknown.get());
    }
    GatewayResponse answer = LogInAnswer.of(walk, token, sent.token(), clock.instant());
    evidence.loggedIn(walk);
    return CompletableFuture.completedStage(new Decision.Answer(answer));
  }

  /** Steps 6 to 9. */
  private CompletionStage<Decision> authorize(Walk walk, byte[] body) {
    Route route = walk.route().orElseThrow();
    AgentToken token = walk.token().orElseThrow();
    VendorCall vendorCall = walk.classification().call(body, route.bodyLimits());
    walk.operations(vendorCall.operations());
    if (vendorCall.needsHandle() && !handles.hasRoom(holder(token))) {
      return deny(
          walk,
          new Denial(
              DenyReason.HANDLES_FULL,
              "this agent has begun as many queries and jobs in this task as can be kept apart; go on"
                  + " when some of them have expired"),
          PATIENCE);
    }
    return withHandles(walk, route, vendorCall, token)
        .thenCompose(
            denial ->
                guarded(
                    walk,
                    () ->
                        denial.isPresent()
                            ? deny(walk, denial.get())
                            : covered(walk, route, vendorCall, token),
                    Decision.Deny::new));
  }

  /** Adds what goes on under the handles that the request uses, or denies a foreign one. */
  private CompletionStage<Optional<Denial>> withHandles(
      Walk walk, Route route, VendorCall vendorCall, AgentToken token) {
    CompletionStage<Optional<Denial>> denial = CompletableFuture.completedStage(Optional.empty());
    for (Handle handle : vendorCall.uses()) {
      denial =
          denial.thenCombine(
              handles.find(route.name(), handle, holder(token)),
              (before, operations) -> {
                operations.ifPresent(walk::addOperations);
                return before.isPresent() || operations.isPresent()
                    ? before
                    : Optional.of(unknown(handle));
              });
    }
    return denial;
  }

  private static Denial unknown(Handle handle) {
    return new Denial(
        DenyReason.HANDLE_UNKNOWN,
        "this "
            + handle.kind()
            + " was not handed to this agent in this task, or has expired; begin the work again");
  }

  /** Whose locators and jobs a token may use. The pipeline has seen that it names an actor. */
  static DeferredHandles.Holder holder(AgentToken token) {
    String actor =
        token.actors().isEmpty()
            ? ""
            : token.actors().getFirst().issuer() + " " + token.actors().getFirst().subject();
    return new DeferredHandles.Holder(
        token.issuer().issuer(), actor, token.principal(), token.task());
  }

  private CompletionStage<Decision> covered(
      Walk walk, Route route, VendorCall vendorCall, AgentToken token) {
    if (walk.operations().isEmpty()) {
      throw new IllegalStateException("the connector names no operation");
    }
    Optional<Denial> missing = Authorizer.authorize(walk, token, route.name());
    if (missing.isPresent()) {
      return deny(walk, missing.get());
    }
    if (walk.writes() && evidence.failure().isPresent()) {
      return deny(walk, unrecorded(walk));
    }
    return evidence
        .room(walk)
        .handle((room, full) -> full == null)
        .thenCompose(
            room -> room ? credentialed(walk, route, vendorCall) : deny(walk, unrecorded(walk)));
  }

  private CompletionStage<Decision> credentialed(Walk walk, Route route, VendorCall vendorCall) {
    return credentials
        .credential(route.rule().credential())
        .thenCompose(
            result ->
                guarded(walk, () -> send(walk, route, vendorCall, result), Decision.Deny::new));
  }

  private CompletionStage<Decision> send(
      Walk walk, Route route, VendorCall vendorCall, CredentialResult result) {
    if (!(result instanceof CredentialResult.Available available)) {
      return CompletableFuture.completedStage(new Decision.Deny(credentialDenied(walk, result)));
    }
    OutboundRequest outbound = vendorCall.outbound(available.credential());
    Entry entry = gate.enter(route.name(), route.rule().limits());
    if (!(entry instanceof Entry.Open open)) {
      Entry.Closed closed = (Entry.Closed) entry;
      return CompletableFuture.completedStage(
          new Decision.Deny(
              denied(walk, notNow(route.name(), closed.cause()), closed.retryAfter())));
    }
    StandardUpstreamCall call =
        new StandardUpstreamCall(this, walk, route, vendorCall, available, outbound, open.pass());
    if (!walk.writes()) {
      return CompletableFuture.completedStage(new Decision.Allow(call));
    }
    return evidence
        .beforeWrite(walk)
        .handle(
            (receipt, failure) -> {
              if (failure == null) {
                return new Decision.Allow(call);
              }
              open.pass().abandoned();
              return unsent(walk);
            });
  }

  private Decision unsent(Walk walk) {
    return new Decision.Deny(denied(walk, unrecorded(walk)));
  }

  private static Denial notNow(String connector, UpstreamGate.Cause cause) {
    return switch (cause) {
      case LIMITED_BY_UPSTREAM ->
          new Denial(
              DenyReason.UPSTREAM_LIMITED,
              connector + " answered that it gets too many calls; wait as it asks (Retry-After)");
      case PAUSED_BY_UPSTREAM ->
          new Denial(
              DenyReason.UPSTREAM_UNAVAILABLE,
              connector + " answered that it is unavailable; wait as it asks (Retry-After)");
      case RATE ->
          new Denial(
              DenyReason.CALLS_LIMITED,
              "the calls to "
                  + connector
                  + " that the bundle allows in this period are used up; wait for the next"
                  + " (Retry-After)");
      case CONCURRENCY ->
          new Denial(
              DenyReason.CALLS_CROWDED,
              "as many calls to " + connector + " as the bundle allows are under way; try again");
      case FAILING ->
          new Denial(
              DenyReason.UPSTREAM_UNAVAILABLE,
              "calls to " + connector + " are suspended after repeated failures; try again later");
    };
  }

  private Denial unrecorded(Walk walk) {
    return new Denial(
        DenyReason.AUDIT_UNAVAILABLE,
        (walk.writes() ? "a write" : "a read")
            + " that cannot be recorded is denied: "
            + evidence.failure().orElse("its record could not be kept in time; try again"));
  }

  /** A credential that is not to be had, as an answer. */
  GatewayResponse credentialDenied(Walk walk, CredentialResult result) {
    return switch (result) {
      case CredentialResult.Available available ->
          throw new IllegalArgumentException("an available credential is no denial");
      case CredentialResult.Missing missing ->
          denied(walk, new Denial(DenyReason.CREDENTIAL_MISSING, missing.sentence()));
      case CredentialResult.NeedsConsent consent ->
          denied(walk, new Denial(DenyReason.CREDENTIAL_CONSENT, consent.sentence()));
      case CredentialResult.Unavailable unavailable ->
          denied(
              walk,
              new Denial(DenyReason.CREDENTIAL_UNAVAILABLE, unavailable.sentence()),
              unavailable.retryAfter());
    };
  }

  /** Records a denial and makes its answer. */
  GatewayResponse denied(Walk walk, Denial denial) {
    return denied(walk, denial, Duration.ZERO);
  }

  GatewayResponse denied(Walk walk, Denial denial, Duration retryAfter) {
    evidence.denied(walk, denial);
    Optional<String> nonce =
        denial.reason() == DenyReason.PROOF_NONCE
            ? walk.snapshot().proof().nonce()
            : Optional.empty();
    return walk.logIn().isPresent()
        ? LogInAnswer.denied(walk, denial, nonce, retryAfter)
        : DenialResponses.of(walk, denial, nonce, retryAfter);
  }

  /** The answer for whatever was not foreseen. Only the class of the failure is logged. */
  GatewayResponse internal(Walk walk, Throwable failure) {
    log.error(
        "request {} failed unexpectedly: {} at {}",
        walk.correlationId(),
        failure.getClass().getName(),
        failure.getStackTrace().length == 0 ? "(unknown)" : failure.getStackTrace()[0]);
    return denied(
        walk,
        new Denial(
            DenyReason.INTERNAL,
            "the gateway failed; give the operator correlation id " + walk.correlationId()));
  }

  Evidence evidence() {
    return evidence;
  }

  CredentialBroker credentials() {
    return credentials;
  }

  DeferredHandles handles() {
    return handles;
  }

  UpstreamMeter meter() {
    return meter;
  }

  Clock clock() {
    return clock;
  }

  private CompletionStage<Admission> refuse(Walk walk, Denial denial) {
    return CompletableFuture.completedStage(new Admission.Denied(denied(walk, denial)));
  }

  private CompletionStage<Decision> deny(Walk walk, Denial denial) {
    return deny(walk, denial, Duration.ZERO);
  }

  private CompletionStage<Decision> deny(Walk walk, Denial denial, Duration retryAfter) {
    return CompletableFuture.completedStage(new Decision.Deny(denied(walk, denial, retryAfter)));
  }

  /** Runs a step so that nothing that it throws, now or later, can let a request through. */
  <T> CompletionStage<T> guarded(
      Walk walk, Supplier<CompletionStage<T>> step, Function<GatewayResponse, T> denial) {
    CompletionStage<T> stage;
    try {
      stage = step.get();
    } catch (MalformedRequestException e) {
      return CompletableFuture.completedStage(denial.apply(denied(walk, Denial.of(e))));
    } catch (RuntimeException | StackOverflowError e) {
      // Not even a parser that ran out of stack may leave a request without an answer.
      return CompletableFuture.completedStage(denial.apply(internal(walk, e)));
    }
    return stage.exceptionally(failure -> denial.apply(internal(walk, failure)));
  }

  @Override
  public void close() {
    credentials.close();
    snapshots.get().verifier().close();
  }
}
