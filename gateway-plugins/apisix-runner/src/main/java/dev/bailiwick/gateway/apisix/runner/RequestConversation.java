// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import dev.bailiwick.gateway.Admission;
import dev.bailiwick.gateway.Admission.Admitted;
import dev.bailiwick.gateway.AnnouncedBody;
import dev.bailiwick.gateway.Decision;
import dev.bailiwick.gateway.Denial;
import dev.bailiwick.gateway.DenyReason;
import dev.bailiwick.gateway.GatewayPipeline;
import dev.bailiwick.gateway.GatewayResponse;
import dev.bailiwick.gateway.InboundRequest;
import dev.bailiwick.gateway.ProxyingHost;
import dev.bailiwick.gateway.UpstreamCall;
import io.github.api7.A6.Err.Code;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request: which route it came over, what the core says, and the body if the core must read it.
 */
final class RequestConversation implements Conversation {
  /** Room for a flatbuffer around the bytes. */
  private static final int WRAPPING = 64;

  private final RunnerConnection connection;
  private final RequestCall call;
  private final ConfTokens confs;
  private final RunnerMetrics metrics;
  private final GatewayPipeline pipeline;
  private final RunnerCore core;
  private final PendingCalls pending;
  private RouteConf.@Nullable Wired wired;
  private @Nullable Admitted admitted;
  private AnnouncedBody announced = new AnnouncedBody.Unsaid();
  private boolean over;

  RequestConversation(
      RunnerConnection connection,
      RequestCall call,
      ConfTokens confs,
      RunnerMetrics metrics,
      RunnerCore core,
      PendingCalls pending) {
    this.connection = connection;
    this.call = call;
    this.confs = confs;
    this.metrics = metrics;
    this.pipeline = core.pipeline();
    this.core = core;
    this.pending = pending;
  }

  @Override
  public void begin() {
    Optional<RouteConf> conf = confs.find(call.token());
    if (conf.isEmpty()) {
      over = true;
      metrics.confLost();
      connection.answer(connection.loop().writer().error(Code.CONF_TOKEN_NOT_FOUND));
      return;
    }
    switch (conf.get()) {
      case RouteConf.Miswired miswired ->
          deny(new Denial(DenyReason.INTERNAL, miswired.sentence()));
      case RouteConf.Wired wired -> admit(wired);
    }
  }

  private void admit(RouteConf.Wired route) {
    wired = route;
    Optional<Denial> hidden = ProxyingHost.hiddenHeaders(call.headers().size());
    if (hidden.isPresent()) {
      deny(hidden.get());
      return;
    }
    Optional<String> target =
        route.target() ? call.routeHeader(InboundCall.TARGET) : Optional.empty();
    if (route.target() && !target.filter(this::isOfThisPath).isPresent()) {
      deny(ProxyingHost.targetNotKept());
      return;
    }
    Optional<String> protocol =
        route.protocol() ? call.routeHeader(InboundCall.PROTOCOL) : Optional.empty();
    if (route.protocol() && protocol.isEmpty()) {
      deny(ProxyingHost.protocolNotTold());
      return;
    }
    InboundRequest request;
    try {
      request = InboundCall.of(call, target.orElse(null));
    } catch (IllegalArgumentException e) {
      deny(ProxyingHost.malformedHeader());
      return;
    }
    announced = AnnouncedBody.of(request.headers(), protocol.orElse(null));
    when(pipeline.admit(request), admission -> admitted(route, admission));
  }

  /** A client that sends the header by itself is found out: its path is not the one of APISIX. */
  private boolean isOfThisPath(String rawTarget) {
    int question = rawTarget.indexOf('?');
    return call.path().equals(question < 0 ? rawTarget : rawTarget.substring(0, question));
  }

  private void admitted(RouteConf.Wired route, Admission admission) {
    if (over) {
      return; // answered already; the connection may carry another call by now
    }
    switch (admission) {
      case Admission.Denied denied -> stop(denied.response());
      case Admitted found -> {
        Optional<Denial> mismatch =
            ProxyingHost.wrongRoute(
                route.connector(), core.isUpstreamOf(route.connector(), route.upstream()), found);
        if (mismatch.isPresent()) {
          deny(found, mismatch.get());
          return;
        }
        admitted = found;
        read(found);
      }
    }
  }

  private void read(Admitted found) {
    if (!found.needsBody() || announced instanceof AnnouncedBody.None) {
      decide(found, new byte[0]);
    } else if (announced.isLongerThan(found.maxBodyBytes())) {
      toldTooMuch();
    } else {
      metrics.bodyRead();
      connection.ask(connection.loop().writer().askRequestBody(), found.maxBodyBytes() + WRAPPING);
    }
  }

  @Override
  public void told(byte[] result) {
    Admitted found = admittedNow();
    if (result.length > found.maxBodyBytes()) {
      toldTooMuch();
    } else if (!announced.isShownBy(result)) {
      deny(found, ProxyingHost.hiddenBody());
    } else {
      decide(found, result);
    }
  }

  @Override
  public void toldTooMuch() {
    when(pipeline.bodyTooLarge(admittedNow()), this::stop);
  }

  private Admitted admittedNow() {
    if (admitted == null) {
      throw new IllegalStateException("nothing was asked for");
    }
    return admitted;
  }

  private void decide(Admitted found, byte[] body) {
    when(
        pipeline.decide(found, body),
        decision -> {
          switch (decision) {
            case Decision.Deny denied -> stop(denied.response());
            case Decision.Answer answered -> give(answered.response());
            case Decision.Allow allowed -> pass(found, allowed.call());
          }
        });
  }

  private void pass(Admitted found, UpstreamCall allowed) {
    if (over) {
      // Nobody is there to send it any more.
      var unused = allowed.unsent(ProxyingHost.givenUp());
      return;
    }
    Optional<Denial> obstacle = obstacle(allowed);
    if (obstacle.isPresent()) {
      when(allowed.unsent(obstacle.get()), this::stop);
      return;
    }
    over = true;
    metrics.allowed();
    pending.sent(call.routeHeader(InboundCall.REQUEST), allowed);
    connection.answer(
        Passing.frame(
            connection.loop().writer(),
            call,
            allowed.request(),
            allowed.origin(),
            announced.mustBeKeptOut(found),
            found.correlationId()));
  }

  private Optional<Denial> obstacle(UpstreamCall allowed) {
    boolean leadsThere = wired != null && RunnerCore.sameOrigin(allowed.origin(), wired.upstream());
    return ProxyingHost.obstacle(allowed, leadsThere)
        .or(
            () ->
                Passing.sayable(allowed.request(), Optional.of(call.method()))
                    ? Optional.empty()
                    : Optional.of(ProxyingHost.unsayable()));
  }

  private void deny(Denial denial) {
    when(pipeline.deny(InboundCall.withoutHeaders(call), denial), this::stop);
  }

  private void deny(Admitted found, Denial denial) {
    when(pipeline.deny(found, denial), this::stop);
  }

  private void stop(GatewayResponse response) {
    if (!over) {
      metrics.denied();
      say(response);
    }
  }

  private void give(GatewayResponse response) {
    if (!over) {
      metrics.allowed();
      say(response);
    }
  }

  private void say(GatewayResponse response) {
    over = true;
    connection.answer(
        connection
            .loop()
            .writer()
            .stop(
                call.id(), response.status(), Passing.lines(response.headers()), response.body()));
  }

  @Override
  public void late() {
    if (!over) {
      over = true;
      metrics.late();
      connection.answer(connection.loop().writer().error(Code.SERVICE_UNAVAILABLE));
    }
  }

  @Override
  public void abandoned() {
    over = true;
  }

  /** Goes on when a stage of the core is done, on the loop of the connection. */
  private <T> void when(CompletionStage<T> stage, Consumer<T> next) {
    var unused =
        stage.whenComplete(
            (value, failure) ->
                connection.execute(
                    () -> {
                      if (failure == null) {
                        next.accept(value);
                      } else {
                        late();
                      }
                    }));
  }
}
