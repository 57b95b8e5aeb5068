// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.connector.BodyRewriter;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.gateway.Admission;
import dev.bailiwick.gateway.Decision;
import dev.bailiwick.gateway.Denial;
import dev.bailiwick.gateway.DenyReason;
import dev.bailiwick.gateway.GatewayPipeline;
import dev.bailiwick.gateway.GatewayResponse;
import dev.bailiwick.gateway.InboundRequest;
import dev.bailiwick.gateway.UpstreamCall;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A pipeline that says what the test wants and records what the host reports. By default it allows
 * everything, strips the mount point {@code /servicenow}, and injects a Bearer credential.
 */
final class FakePipeline implements GatewayPipeline {
  static final String CREDENTIAL = "Bearer upstream-credential";

  private final URI usualOrigin;
  volatile URI origin;
  volatile Optional<Credential.ClientCertificate> certificate = Optional.empty();
  final List<InboundRequest> admitted = new CopyOnWriteArrayList<>();
  final List<byte[]> decidedBodies = new CopyOnWriteArrayList<>();
  final List<Denial> hostDenials = new CopyOnWriteArrayList<>();
  final List<String> reports = new CopyOnWriteArrayList<>();

  volatile Executor executor = Runnable::run;
  volatile Function<InboundRequest, Optional<DenyReason>> admission;
  volatile boolean needsBody;
  volatile int maxBodyBytes;
  volatile BiFunction<InboundRequest, byte[], Optional<DenyReason>> decision;
  volatile Function<InboundRequest, OutboundRequest> outbound;
  volatile BiFunction<Integer, Headers, UpstreamCall.Next> answered;
  volatile BiFunction<byte[], Boolean, UpstreamCall.Next> inspected;
  volatile Duration timeout;

  FakePipeline(URI origin) {
    usualOrigin = origin;
    reset();
  }

  void reset() {
    origin = usualOrigin;
    certificate = Optional.empty();
    admitted.clear();
    decidedBodies.clear();
    hostDenials.clear();
    reports.clear();
    executor = Runnable::run;
    admission = request -> Optional.empty();
    needsBody = false;
    maxBodyBytes = 1000;
    decision = (request, body) -> Optional.empty();
    outbound = FakePipeline::injected;
    answered = FakePipeline::relayed;
    inspected = (body, complete) -> relayed(200, Headers.none());
    timeout = Duration.ofSeconds(5);
  }

  static OutboundRequest injected(InboundRequest request) {
    String path = request.rawPath().substring("/servicenow".length());
    return new OutboundRequest(
        request.method(),
        RequestTarget.parse(path.isEmpty() ? "/" : path, request.rawQuery()),
        Headers.of(
            List.of(
                new Headers.Field("authorization", CREDENTIAL),
                new Headers.Field("accept", "application/json"))),
        Set.of("authorization"),
        Optional.empty());
  }

  static UpstreamCall.Next relayed(int status, Headers headers) {
    return new UpstreamCall.Next.Relay(
        new Inbound.Relay(status, headers.without(Set.of("set-cookie")), Optional.empty()));
  }

  static UpstreamCall.Next rewritten(int status, Headers headers, Supplier<BodyRewriter> rewriter) {
    return new UpstreamCall.Next.Relay(new Inbound.Relay(status, headers, Optional.of(rewriter)));
  }

  static GatewayResponse response(DenyReason reason) {
    return new GatewayResponse(
        reason.status(),
        Headers.of(
            List.of(
                new Headers.Field("content-type", "application/json"),
                new Headers.Field("x-bailiwick-code", reason.name()),
                new Headers.Field("www-authenticate", "DPoP error=\"" + reason + "\""))),
        ("{\"code\":\"" + reason + "\"}").getBytes(StandardCharsets.UTF_8));
  }

  private <T> CompletionStage<T> stage(Supplier<T> value) {
    return CompletableFuture.supplyAsync(value, executor);
  }

  private record Admitted(InboundRequest request, boolean needsBody, int maxBodyBytes)
      implements Admission.Admitted {
    @Override
    public boolean streamsBody() {
      return !needsBody;
    }

    @Override
    public String connector() {
      return "fake";
    }

    @Override
    public String correlationId() {
      return "fake";
    }
  }

  @Override
  public CompletionStage<Admission> admit(InboundRequest request) {
    return stage(
        () -> {
          admitted.add(request);
          return admission
              .apply(request)
              .<Admission>map(reason -> new Admission.Denied(response(reason)))
              .orElseGet(() -> new Admitted(request, needsBody, maxBodyBytes));
        });
  }

  @Override
  public CompletionStage<GatewayResponse> bodyTooLarge(Admission.Admitted admission) {
    return stage(() -> response(DenyReason.BODY_TOO_LARGE));
  }

  @Override
  public CompletionStage<Decision> decide(Admission.Admitted admission, byte[] body) {
    InboundRequest request = ((Admitted) admission).request();
    return stage(
        () -> {
          decidedBodies.add(body);
          return decision
              .apply(request, body)
              .<Decision>map(reason -> new Decision.Deny(response(reason)))
              .orElseGet(() -> new Decision.Allow(new Call(outbound.apply(request))));
        });
  }

  @Override
  public CompletionStage<GatewayResponse> deny(InboundRequest request, Denial denial) {
    return stage(
        () -> {
          hostDenials.add(denial);
          return response(denial.reason());
        });
  }

  @Override
  public CompletionStage<GatewayResponse> deny(Admission.Admitted admission, Denial denial) {
    return deny(((Admitted) admission).request(), denial);
  }

  @Override
  public void close() {}

  private final class Call implements UpstreamCall {
    private final OutboundRequest request;

    Call(OutboundRequest request) {
      this.request = request;
    }

    @Override
    public URI origin() {
      return origin;
    }

    @Override
    public OutboundRequest request() {
      return request;
    }

    @Override
    public Optional<Credential.ClientCertificate> clientCertificate() {
      return certificate;
    }

    @Override
    public Duration timeout() {
      return timeout;
    }

    @Override
    public CompletionStage<Next> answered(int status, Headers headers, boolean bodyReplayable) {
      return stage(
          () -> {
            reports.add("answered " + status + (bodyReplayable ? " replayable" : " streamed"));
            return answered.apply(status, headers);
          });
    }

    @Override
    public CompletionStage<Next> inspected(byte[] body, boolean complete, boolean bodyReplayable) {
      return stage(
          () -> {
            reports.add("inspected " + body.length + (complete ? " complete" : " cut"));
            return inspected.apply(body, complete);
          });
    }

    @Override
    public CompletionStage<Void> reported(OptionalInt status) {
      throw new IllegalStateException("this host does not proxy by itself");
    }

    @Override
    public CompletionStage<GatewayResponse> unsent(Denial denial) {
      return stage(
          () -> {
            reports.add("unsent " + denial.reason());
            return response(denial.reason());
          });
    }

    @Override
    public CompletionStage<GatewayResponse> failed(Throwable cause) {
      return stage(
          () -> {
            reports.add("failed " + cause.getClass().getSimpleName());
            return response(DenyReason.UPSTREAM_FAILED);
          });
    }
  }
}
