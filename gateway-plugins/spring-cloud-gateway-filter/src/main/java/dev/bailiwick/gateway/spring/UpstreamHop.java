// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.gateway.GatewayResponse;
import dev.bailiwick.gateway.UpstreamCall.Next;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * One allowed exchange between the gateway and the upstream: at most two requests, one answer. Used
 * by one exchange, whose signals are serial.
 */
final class UpstreamHop {
  private final ServerWebExchange exchange;
  private final GatewayFilterChain chain;
  private final Passage passage;
  private final WireRequest wire;
  private final Map<String, List<String>> headersBefore;
  private boolean retried;

  UpstreamHop(ServerWebExchange exchange, GatewayFilterChain chain, Passage passage) {
    this.exchange = exchange;
    this.chain = chain;
    this.passage = passage;
    this.wire = WireRequest.of(exchange);
    this.headersBefore = copy(exchange.getResponse().getHeaders());
  }

  /** Seldom more than one line, the server's own: a copy that is case-insensitive costs more. */
  private static Map<String, List<String>> copy(HttpHeaders headers) {
    if (headers.isEmpty()) {
      return Map.of();
    }
    Map<String, List<String>> copy = new LinkedHashMap<>();
    headers.forEach((name, values) -> copy.put(name, List.copyOf(values)));
    return copy;
  }

  /** Sends the request and completes when the answer is ready for the gateway's writer. */
  Mono<Void> send(OutboundRequest request) {
    // On the agent's own event loop: a timer elsewhere would be set and cleared across threads.
    return new Attempt(
        this,
        () -> upstream(request),
        passage.timeout(),
        wire.timers(),
        failure -> failure == null ? routed() : fail(failure));
  }

  private Mono<Void> routed() {
    UpstreamAnswer answer;
    try {
      answer = UpstreamAnswer.of(exchange);
    } catch (IllegalStateException | IllegalArgumentException e) {
      return fail(e);
    }
    return answered(answer);
  }

  private UpstreamRequest upstream(OutboundRequest request) {
    return new UpstreamRequest(
        exchange.getRequest(), passage, request, exchange.getResponse().bufferFactory());
  }

  /** Hands the request to the gateway's own client. */
  Mono<Void> route(UpstreamRequest upstream) {
    var attributes = exchange.getAttributes();
    attributes.put(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR, upstream.getURI());
    attributes.put(ServerWebExchangeUtils.PRESERVE_HOST_HEADER_ATTRIBUTE, false);
    attributes.remove(ServerWebExchangeUtils.GATEWAY_SCHEME_PREFIX_ATTR);
    return chain.filter(exchange.mutate().request(upstream).build());
  }

  private Mono<Void> answered(UpstreamAnswer answer) {
    return Stages.then(
        wire,
        passage.answered(answer.status(), answer.headers()),
        next ->
            next instanceof Next.Inspect inspect
                ? inspect(answer, inspect.maxBytes())
                : follow(next, answer, answer.length(), Mono.empty()));
  }

  private Mono<Void> inspect(UpstreamAnswer answer, int maxBytes) {
    return answer.read(
        maxBytes,
        Mono.delay(passage.timeout(), wire.eventLoop()),
        body -> inspected(answer, body, maxBytes),
        this::fail);
  }

  private Mono<Void> inspected(UpstreamAnswer answer, UpstreamAnswer.Body body, int maxBytes) {
    byte[] shown = body.complete() ? body.bytes() : Arrays.copyOf(body.bytes(), maxBytes);
    return Stages.then(
        wire,
        passage.inspected(shown, body.complete()),
        next ->
            follow(
                next,
                answer,
                body.complete() ? body.bytes().length : answer.length(),
                Mono.defer(() -> write(body))));
  }

  private Mono<Void> write(UpstreamAnswer.Body body) {
    ServerHttpResponse response = exchange.getResponse();
    return response.writeWith(
        body.complete()
            ? Mono.fromSupplier(() -> response.bufferFactory().wrap(body.bytes()))
            : body.pieces().map(response.bufferFactory()::wrap));
  }

  /**
   * @param length of the body that comes from the upstream; -1 when it is not known
   * @param write sends the body on, when the gateway's own writer no longer has it
   */
  private Mono<Void> follow(Next next, UpstreamAnswer answer, long length, Mono<Void> write) {
    return switch (next) {
      case Next.Relay relay -> {
        relay(relay.answer(), length);
        yield write;
      }
      case Next.Replace replace -> {
        answer.drop();
        yield replace(replace.response());
      }
      case Next.Retry retry when !retried -> {
        retried = true;
        answer.drop();
        yield send(retry.request());
      }
      case Next.Retry retry -> fail(new IllegalStateException("a second retry"));
      case Next.Inspect inspect -> fail(new IllegalStateException("a second inspection"));
    };
  }

  private void relay(Inbound.Relay relay, long length) {
    ServerHttpResponse response = exchange.getResponse();
    restoreHeaders();
    Answers.head(response, relay.status(), relay.headers());
    if (relay.rewriter().isPresent()) {
      Answers.forgetLength(response);
      boolean bodyless =
          exchange.getRequest().getMethod().equals(HttpMethod.HEAD)
              || relay.status() == 204
              || relay.status() == 304;
      if (!bodyless) {
        passage.rewriteWith(new Rewriting(relay.rewriter().get().get(), length));
      }
    }
  }

  private Mono<Void> replace(GatewayResponse response) {
    ServerWebExchangeUtils.reset(exchange);
    restoreHeaders();
    ExchangeObservations.replaced(exchange, response);
    return Answers.write(exchange.getResponse(), response);
  }

  private void restoreHeaders() {
    HttpHeaders headers = exchange.getResponse().getHeaders();
    headers.clear();
    headersBefore.forEach(headers::put);
  }

  /** No answer: the core's stands in, unless another late filter has answered already. */
  private Mono<Void> fail(@Nullable Throwable thrown) {
    if (exchange.getResponse().isCommitted()) {
      passage.abandon("another filter answered");
      return Mono.empty();
    }
    Throwable cause = thrown == null ? new IllegalStateException("no answer") : thrown;
    boolean hostTimeout =
        cause instanceof ResponseStatusException && cause.getCause() instanceof TimeoutException;
    Throwable reported = hostTimeout && cause.getCause() != null ? cause.getCause() : cause;
    return Stages.then(wire, passage.failed(reported), this::replace);
  }
}
