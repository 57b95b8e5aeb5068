// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import dev.bailiwick.gateway.Admission.Admitted;
import dev.bailiwick.gateway.UpstreamCall;
import dev.bailiwick.gateway.apisix.GuardedConfs.Conf;
import io.github.api7.A6.Err.Code;
import io.github.api7.A6.HTTPRespCall.Req;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import org.apache.apisix.plugin.runner.A6ConfigResponse;
import org.apache.apisix.plugin.runner.A6ErrResponse;
import org.apache.apisix.plugin.runner.HttpResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands between APISIX and the stock runner on one connection, and sees every frame first:
 *
 * <ol>
 *   <li>a configuration that would let requests pass undecided gets no token, and each token is
 *       told once, where the runner tells it twice;
 *   <li>a call by a token that nobody knows here is answered as lost, so that APISIX asks again;
 *   <li>a call on a route of ours is kept whole, and its caller verified, before the runner sees it
 *       and asks for its body;
 *   <li>its answer is the decision, written when it is there. What the runner or another filter
 *       answers in its place is dropped.
 * </ol>
 *
 * <p>Runs on the connection's event loop, and never waits there.
 */
final class ConnectionGuard extends ChannelDuplexHandler {

  /** Makes one guard a connection. */
  interface Maker {
    ConnectionGuard make();
  }

  private static final Logger log = LoggerFactory.getLogger(ConnectionGuard.class);

  private static final int HEAD_BYTES = 4;
  private static final byte PREPARE_CONF = 1;
  private static final byte REQUEST_CALL = 2;
  private static final byte RESPONSE_CALL = 4;

  /** The guard whose frame the runner is working on, on this event loop. */
  private static final ThreadLocal<ConnectionGuard> CURRENT = new ThreadLocal<>();

  private final GuardedConfs confs;
  private final CallDecider decider;
  private final SentCalls sent;
  private @Nullable ChannelHandlerContext context;
  private @Nullable Conf prepared;
  private @Nullable CallDecision guarded;
  private boolean needsBody;
  private boolean deciding;

  ConnectionGuard(GuardedConfs confs, CallDecider decider, SentCalls sent) {
    this.confs = confs;
    this.decider = decider;
    this.sent = sent;
  }

  /** The guard of the connection that is being served on this thread. */
  static @Nullable ConnectionGuard current() {
    return CURRENT.get();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf frame && !admits(ctx, frame)) {
      ReferenceCountUtil.release(message);
      return;
    }
    toTheRunner(ctx, message);
  }

  private void toTheRunner(ChannelHandlerContext ctx, Object message) {
    CURRENT.set(this);
    try {
      ctx.fireChannelRead(message);
    } finally {
      CURRENT.remove();
    }
  }

  /** Whether the runner may see the frame now. */
  private boolean admits(ChannelHandlerContext ctx, ByteBuf frame) {
    try {
      return switch (frame.getByte(frame.readerIndex())) {
        case PREPARE_CONF -> admitsConf(ctx, confs.read(payload(frame)));
        case REQUEST_CALL -> admitsCall(ctx, frame, RunnerCall.read(payload(frame)));
        case RESPONSE_CALL -> admitsResponse(ctx, payload(frame));
        default -> true;
      };
    } catch (RuntimeException e) {
      log.warn("a frame is malformed ({}): denied", e.getClass().getName());
      error(ctx, Code.BAD_REQUEST);
      return false;
    }
  }

  private static byte[] payload(ByteBuf frame) {
    byte[] payload = new byte[frame.readableBytes() - HEAD_BYTES];
    frame.getBytes(frame.readerIndex() + HEAD_BYTES, payload);
    return payload;
  }

  private boolean admitsConf(ChannelHandlerContext ctx, Conf conf) {
    if (conf instanceof Conf.Refused refused) {
      log.error("a route's ext-plugin conf is denied: {}", refused.sentence());
      error(ctx, Code.SERVICE_UNAVAILABLE);
      return false;
    }
    prepared = conf;
    return true;
  }

  private boolean admitsCall(ChannelHandlerContext ctx, ByteBuf frame, RunnerCall call) {
    if (guarded != null) {
      log.warn("a second call came before the first was answered: the connection is closed");
      var unused = ctx.close();
      return false;
    }
    Conf conf = confs.of(call.token()).orElse(null);
    if (conf == null) {
      error(ctx, Code.CONF_TOKEN_NOT_FOUND);
      return false;
    }
    if (!(conf instanceof Conf.Governed governed)) {
      return true;
    }
    CallDecision decision = new CallDecision(call, governed.route());
    guarded = decision;
    deciding = false;
    needsBody = false;
    ByteBuf held = frame.retain();
    var unused =
        decider
            .admit(decision)
            .whenCompleteAsync(
                (head, failure) -> headLookedAt(ctx, held, decision, head, failure),
                ctx.executor());
    return false;
  }

  private void headLookedAt(
      ChannelHandlerContext ctx,
      ByteBuf held,
      CallDecision decision,
      CallDecider.@Nullable Head head,
      @Nullable Throwable failure) {
    if (guarded != decision) {
      held.release();
      return;
    }
    if (head instanceof CallDecider.Head.Open open) {
      needsBody = open.needsBody();
      toTheRunner(ctx, held);
      return;
    }
    held.release();
    Answer answer = head instanceof CallDecider.Head.Answered over ? over.answer() : null;
    answer(ctx, decision, answer, failure);
  }

  /** Answers of upstreams are not ours to change here: the route has other means. */
  private boolean admitsResponse(ChannelHandlerContext ctx, byte[] payload) {
    long token = Req.getRootAsReq(ByteBuffer.wrap(payload)).confToken();
    if (confs.of(token).filter(Conf.Others.class::isInstance).isPresent()) {
      return true;
    }
    log.error("ext-plugin-post-resp names {}, which decides requests only", BailiwickFilter.NAME);
    error(ctx, Code.SERVICE_UNAVAILABLE);
    return false;
  }

  private static void error(ChannelHandlerContext ctx, int code) {
    var unused = ctx.writeAndFlush(new A6ErrResponse(code));
  }

  /** Whether the decision on the call that is under way needs its body. */
  boolean needsBody() {
    return needsBody;
  }

  /**
   * Decides the call that is under way, and answers it. Called by the filter, on the event loop.
   *
   * @param body the request's whole body, if the decision needs it
   */
  void decide(byte[] body) {
    CallDecision decision = guarded;
    ChannelHandlerContext ctx = context;
    Admitted admitted = decision == null ? null : decision.admitted();
    if (decision == null || admitted == null || ctx == null || deciding) {
      throw new IllegalStateException("there is no call to decide");
    }
    deciding = true;
    var unused =
        decider
            .decide(decision, admitted, body)
            .whenCompleteAsync(
                (answer, failure) -> answer(ctx, decision, answer, failure), ctx.executor());
  }

  private void answer(
      ChannelHandlerContext ctx,
      CallDecision decision,
      @Nullable Answer answer,
      @Nullable Throwable failure) {
    if (guarded != decision) {
      return; // The runner has failed the call already, or APISIX has hung up.
    }
    guarded = null;
    UpstreamCall upstream = decision.leaves();
    if (answer == null) {
      log.error(
          "a call could not be decided: {}",
          failure == null ? "(unknown)" : failure.getClass().getName());
      error(ctx, Code.SERVICE_UNAVAILABLE);
      return;
    }
    if (upstream != null) {
      sent.sent(decision.call().request(), upstream);
    }
    var unused = ctx.writeAndFlush(answer);
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    CallDecision decision = guarded;
    if (message instanceof A6ConfigResponse told) {
      if (prepared == null) {
        promise.setSuccess();
        return;
      }
      confs.keep(told.getConfToken(), prepared);
      prepared = null;
    } else if (message instanceof HttpResponse && decision != null) {
      if (deciding) {
        promise.setSuccess();
        return;
      }
      log.error("the runner answered a call that was not decided: denied");
      guarded = null;
      decision.abandon();
      var unused = ctx.write(new A6ErrResponse(Code.SERVICE_UNAVAILABLE), promise);
      return;
    } else if (message instanceof A6ErrResponse && decision != null) {
      guarded = null;
      decision.abandon();
    }
    var unused = ctx.write(message, promise);
  }

  /** Whoever does not read its answers is not read either, until it does. */
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    ctx.channel().config().setAutoRead(ctx.channel().isWritable());
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    CallDecision decision = guarded;
    guarded = null;
    if (decision != null) {
      decision.abandon();
    }
    ctx.fireChannelInactive();
  }
}
