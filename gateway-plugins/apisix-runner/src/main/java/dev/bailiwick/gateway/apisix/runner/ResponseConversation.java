// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import dev.bailiwick.connector.BodyRewriter;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.gateway.GatewayResponse;
import dev.bailiwick.gateway.UpstreamCall;
import dev.bailiwick.gateway.UpstreamCall.Next;
import io.github.api7.A6.Err.Code;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An upstream's answer on a route with the response phase: the core sees it before the agent does,
 * links in it lead to the gateway, and what must not reach the agent is replaced.
 */
final class ResponseConversation implements Conversation {
  /** A name that is asked for is short, and so is its value. */
  private static final int SHORT = 1024;

  /** APISIX has the whole body in memory anyway; a frame holds no more. */
  private static final int LONGEST_BODY = FrameType.MAX_PAYLOAD;

  /** Rewriting no more than this takes about as long as a decision. */
  private static final int BODY_OF_THE_LOOP = 64 << 10;

  /**
   * An answer without a body: APISIX takes an empty one for none, finds nothing to send, and then
   * sends the request a second time.
   */
  private static final byte[] EMPTY = {'\n'};

  private final RunnerConnection connection;
  private final ResponseCall response;
  private final ConfTokens confs;
  private final RunnerMetrics metrics;
  private final PendingCalls pending;
  private final Executor bodies;
  private @Nullable UpstreamCall call;
  private @Nullable Consumer<byte[]> awaited;
  private byte @Nullable [] body;
  private boolean nameUnchecked;
  private boolean over;

  /**
   * @param bodies where long bodies are rewritten, so that they hold up no other connection
   */
  ResponseConversation(
      RunnerConnection connection,
      ResponseCall response,
      ConfTokens confs,
      RunnerMetrics metrics,
      PendingCalls pending,
      Executor bodies) {
    this.connection = connection;
    this.response = response;
    this.confs = confs;
    this.metrics = metrics;
    this.pending = pending;
    this.bodies = bodies;
  }

  @Override
  public void begin() {
    Optional<RouteConf> conf = confs.find(response.token());
    if (conf.isEmpty()) {
      over = true;
      metrics.confLost();
      connection.answer(connection.loop().writer().error(Code.CONF_TOKEN_NOT_FOUND));
      return;
    }
    nameUnchecked =
        conf.get() instanceof RouteConf.Wired route
            && "https".equalsIgnoreCase(route.upstream().getScheme());
    awaited = this::found;
    connection.ask(connection.loop().writer().askVariable("request_id"), SHORT);
  }

  /** The call that this answers, by nginx's own id of the request. */
  private void found(byte[] requestId) {
    Optional<UpstreamCall> sent = pending.take(new String(requestId, StandardCharsets.ISO_8859_1));
    if (sent.isEmpty()) {
      metrics.reportUnknown();
      unsendable("this answer belongs to no request that was allowed");
      return;
    }
    metrics.reported();
    if (nameUnchecked) {
      var unused = sent.get().reported(OptionalInt.of(response.status()));
      unsendable(
          "in the response phase APISIX does not check whose certificate the upstream shows: print"
              + " the route again, without it");
      return;
    }
    call = sent.get();
    Headers headers;
    try {
      headers = headers();
    } catch (IllegalArgumentException e) {
      when(sent.get().failed(e), this::replaced);
      return;
    }
    when(sent.get().answered(response.status(), headers, false), this::next);
  }

  private Headers headers() {
    List<Headers.Field> fields = new ArrayList<>();
    for (WireEntry entry : response.headers()) {
      fields.add(new Headers.Field(entry.name(), entry.value() == null ? "" : entry.value()));
    }
    return Headers.of(fields);
  }

  private void next(Next next) {
    if (over) {
      if (next instanceof Next.Inspect || next instanceof Next.Retry) {
        var unused = open().failed(new CancellationException("answered already"));
      }
      return;
    }
    switch (next) {
      case Next.Relay relay -> relay(relay.answer());
      case Next.Replace replace -> replaced(replace.response());
      case Next.Inspect inspect ->
          withBody(
              read ->
                  when(
                      open().inspected(read, read.length <= inspect.maxBytes(), false),
                      this::next));
      case Next.Retry retry -> unsendable("a request cannot be sent again from its answer");
    }
  }

  private UpstreamCall open() {
    if (call == null) {
      throw new IllegalStateException("the call is not known yet");
    }
    return call;
  }

  private void relay(Inbound.Relay relay) {
    boolean some = length().filter(bytes -> !bytes.matches("0+")).isPresent();
    if (isBodyless() || (length().isPresent() && !some)) {
      answer(relay.status(), relay.headers(), EMPTY);
    } else if (relay.rewriter().isPresent()) {
      BodyRewriter rewriter = relay.rewriter().get().get();
      withBody(
          read ->
              when(
                  CompletableFuture.supplyAsync(
                      () -> rewritten(rewriter, read),
                      read.length <= BODY_OF_THE_LOOP ? Runnable::run : bodies),
                  rewritten -> answer(relay, rewritten)));
    } else if (some) {
      // No body: APISIX sends the upstream's.
      answer(relay.status(), relay.headers(), new byte[0]);
    } else {
      withBody(
          read -> answer(relay.status(), relay.headers(), read.length == 0 ? EMPTY : new byte[0]));
    }
  }

  private void answer(Inbound.Relay relay, Optional<byte[]> rewritten) {
    if (rewritten.isPresent()) {
      answer(relay.status(), relay.headers(), orEmpty(rewritten.get()));
    } else {
      unsendable("the answer broke off");
    }
  }

  private static byte[] orEmpty(byte[] body) {
    return body.length == 0 ? EMPTY : body;
  }

  private boolean isBodyless() {
    return open().request().method().equals("HEAD")
        || response.status() == 204
        || response.status() == 304;
  }

  private Optional<String> length() {
    return response.headers().stream()
        .filter(entry -> entry.name().equalsIgnoreCase("content-length"))
        .flatMap(entry -> Optional.ofNullable(entry.value()).stream())
        .findFirst();
  }

  /** APISIX can read it once. */
  private void withBody(Consumer<byte[]> use) {
    if (body != null) {
      use.accept(body);
      return;
    }
    awaited =
        read -> {
          body = read;
          use.accept(read);
        };
    connection.ask(connection.loop().writer().askResponseBody(), LONGEST_BODY);
  }

  /** Empty when the body broke off. */
  private static Optional<byte[]> rewritten(BodyRewriter rewriter, byte[] body) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream(body.length + 256);
      out.writeBytes(rewriter.feed(body, 0, body.length));
      out.writeBytes(rewriter.finish());
      return Optional.of(out.toByteArray());
    } catch (MalformedRequestException e) {
      return Optional.empty();
    }
  }

  private void unsendable(String sentence) {
    unsendable(502, sentence);
  }

  private void unsendable(int status, String sentence) {
    answer(
        status,
        Headers.of(
            List.of(
                new Headers.Field("content-type", "text/plain; charset=utf-8"),
                new Headers.Field("cache-control", "no-store"))),
        (sentence + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private void replaced(GatewayResponse replacement) {
    answer(replacement.status(), replacement.headers(), orEmpty(replacement.body()));
  }

  /**
   * Headers are always given: without any, APISIX would send the upstream's.
   *
   * @param body none for the upstream's, which then has some bytes
   */
  private void answer(int status, Headers headers, byte[] body) {
    if (over) {
      return;
    }
    over = true;
    List<WireEntry> lines = new ArrayList<>(Passing.lines(headers));
    if (lines.isEmpty()) {
      lines.add(new WireEntry("cache-control", "no-store"));
    }
    connection.answer(connection.loop().writer().response(response.id(), status, lines, body));
  }

  @Override
  public void told(byte[] result) {
    Consumer<byte[]> reader = awaited;
    if (reader == null) {
      throw new IllegalStateException("nothing was asked for");
    }
    awaited = null;
    reader.accept(result);
  }

  @Override
  public void toldTooMuch() {
    unsendable("the answer is longer than can be read");
  }

  /** Not an error: at one, APISIX sends the upstream's body with its own status. */
  @Override
  public void late() {
    if (!over) {
      metrics.late();
      unsendable(503, "the answer could not be checked in time");
    }
  }

  @Override
  public void abandoned() {
    if (!over && call != null && awaited != null) {
      var unused = call.failed(new CancellationException("APISIX is gone"));
    }
    over = true;
  }

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
