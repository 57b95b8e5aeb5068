// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import io.github.api7.A6.Err.Code;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of APISIX: frames in, one answer for each. While a call is under way nothing more
 * is read, so whoever sends faster than it is answered waits in its own socket. Belongs to one
 * event loop.
 */
final class RunnerConnection {
  private static final Logger log = LoggerFactory.getLogger(RunnerConnection.class);
  private static final int SMALL = 8 << 10;
  private static final int HEAD = 4;
  private static final long QUIET_NANOS = 1_000_000_000;

  private enum State {
    /** The next frame is awaited. */
    OPEN,
    /** A call is being decided. */
    CALLED,
    /** The answer to a question is awaited. */
    ASKED,
    CLOSED
  }

  private final SocketChannel channel;
  private final SelectionKey key;
  private final EventLoop loop;
  private final Runner runner;
  private State state = State.OPEN;
  private ByteBuffer in = ByteBuffer.allocate(SMALL);
  private @Nullable ByteBuffer out;
  private @Nullable Conversation conversation;
  private int mayTell;
  private int toSkip;
  private boolean draining;
  private boolean ending;
  private boolean reading;
  private long since = System.nanoTime();

  RunnerConnection(SocketChannel channel, SelectionKey key, EventLoop loop, Runner runner) {
    this.channel = channel;
    this.key = key;
    this.loop = loop;
    this.runner = runner;
  }

  EventLoop loop() {
    return loop;
  }

  /** The selector has something for this connection. */
  void ready() {
    try {
      if (key.isWritable()) {
        flush();
      }
      if (state != State.CLOSED && key.isReadable()) {
        read();
      }
    } catch (IOException | CancelledKeyException e) {
      close();
    } catch (RuntimeException | Error e) {
      failed(e);
    }
  }

  /** Whatever is wrong with one connection ends this one only. */
  void failed(Throwable failure) {
    log.error(
        "a connection failed: {} at {}",
        failure.getClass().getName(),
        failure.getStackTrace().length == 0 ? "(unknown)" : failure.getStackTrace()[0]);
    close();
  }

  /** Goes on with this connection on its loop. */
  void execute(Runnable task) {
    loop.execute(
        () -> {
          try {
            task.run();
          } catch (RuntimeException | Error e) {
            failed(e);
          }
        });
  }

  private void read() throws IOException {
    if (toSkip > 0) {
      in.clear();
    }
    if (channel.read(in) < 0) {
      close();
      return;
    }
    frames();
  }

  /** Takes every whole frame that may be taken now. */
  private void frames() {
    if (reading) {
      return;
    }
    reading = true;
    try {
      while ((state == State.OPEN || state == State.ASKED) && out == null && frame()) {}
    } finally {
      reading = false;
    }
    interest();
  }

  private boolean frame() {
    if (toSkip > 0) {
      return skip();
    }
    if (in.position() < HEAD) {
      return false;
    }
    int word = in.getInt(0);
    int type = word >>> 24;
    int length = word & FrameType.MAX_PAYLOAD;
    if (in.position() == HEAD || since == 0) {
      since = System.nanoTime();
    }
    int limit = limit(type);
    if (limit < 0) {
      broken("a frame of type " + type + " is not expected now");
      return false;
    }
    if (length > limit) {
      if (state == State.ASKED) {
        toSkip = length - (in.position() - HEAD);
        in.clear();
        return skip();
      }
      broken("a frame of " + length + " bytes is too long");
      return false;
    }
    if (in.position() < HEAD + length) {
      makeRoom(HEAD + length);
      return false;
    }
    ByteBuffer payload = in.slice(HEAD, length).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer whole = in;
    int end = whole.position();
    take(type, payload, HEAD + length, end);
    return true;
  }

  /** The payload is read before the bytes behind it move to the front. */
  private void take(int type, ByteBuffer payload, int used, int end) {
    Runnable reaction = reaction(type, payload);
    in.limit(end).position(used);
    if (in.capacity() > SMALL && in.remaining() <= SMALL) {
      in = ByteBuffer.allocate(SMALL).put(in);
    } else {
      in.compact();
    }
    since = System.nanoTime();
    reaction.run();
  }

  private boolean skip() {
    int here = Math.min(toSkip, in.position());
    toSkip -= here;
    in.flip().position(here);
    in.compact();
    if (toSkip > 0) {
      return false;
    }
    since = System.nanoTime();
    state = State.CALLED;
    current().toldTooMuch();
    return true;
  }

  private int limit(int type) {
    return switch (state) {
      case OPEN ->
          type == FrameType.PREPARE_CONF
                  || type == FrameType.REQUEST_CALL
                  || type == FrameType.RESPONSE_CALL
              ? runner.limits().maxFrameBytes()
              : -1;
      case ASKED -> type == FrameType.EXTRA_INFO ? mayTell : -1;
      case CALLED, CLOSED -> -1;
    };
  }

  private void makeRoom(int bytes) {
    if (in.capacity() < bytes) {
      in = ByteBuffer.allocate(bytes).put(in.flip());
    }
  }

  private Runnable reaction(int type, ByteBuffer payload) {
    try {
      return switch (type) {
        case FrameType.PREPARE_CONF -> {
          long token = runner.confs().issue(WireReader.prepareConf(payload));
          yield () -> answer(loop.writer().confToken(token));
        }
        case FrameType.REQUEST_CALL -> {
          RequestCall call = WireReader.request(payload);
          yield () -> begin(runner.conversation(this, call));
        }
        case FrameType.RESPONSE_CALL -> {
          ResponseCall call = WireReader.response(payload);
          yield () -> begin(runner.conversation(this, call));
        }
        default -> {
          byte[] told = WireReader.extraInfo(payload);
          yield () -> {
            state = State.CALLED;
            current().told(told);
          };
        }
      };
    } catch (MalformedFrameException e) {
      return () -> broken(String.valueOf(e.getMessage()));
    }
  }

  private void begin(Conversation begun) {
    state = State.CALLED;
    conversation = begun;
    begun.begin();
  }

  private Conversation current() {
    if (conversation == null) {
      throw new IllegalStateException("no call is under way");
    }
    return conversation;
  }

  /** Sends the one answer of the call or the configuration that came. */
  void answer(ByteBuffer frame) {
    if (state == State.CLOSED) {
      return;
    }
    state = State.OPEN;
    conversation = null;
    send(draining ? farewell(frame) : frame);
    if (state == State.OPEN && ending && out == null) {
      close();
    }
    frames();
  }

  /**
   * An answer with bytes behind it that nobody asked for, in one write. APISIX reads the answer,
   * sees that there is more, and does not use the connection again. If it were closed instead, the
   * next request could be on its way already.
   */
  private static ByteBuffer farewell(ByteBuffer answer) {
    return ByteBuffer.allocate(answer.remaining() + HEAD).put(answer).putInt(0).flip();
  }

  /**
   * Asks APISIX in the middle of a call.
   *
   * @param most how long the answer's frame may be
   */
  void ask(ByteBuffer question, int most) {
    if (state == State.CLOSED) {
      return;
    }
    state = State.ASKED;
    mayTell = Math.min(most, FrameType.MAX_PAYLOAD);
    send(question);
    frames();
  }

  private void send(ByteBuffer frame) {
    since = System.nanoTime();
    out = frame;
    try {
      flush();
    } catch (IOException e) {
      close();
    }
  }

  private void flush() throws IOException {
    if (out != null) {
      channel.write(out);
      if (out.hasRemaining()) {
        interest();
        return;
      }
      out = null;
      if (ending && state == State.OPEN) {
        close();
      } else if (in.position() > 0) {
        frames();
      } else {
        interest();
      }
    }
  }

  /** Says nothing more of a frame than that it was wrong, and ends the connection. */
  private void broken(String sentence) {
    log.warn("{}; the connection is closed", sentence);
    runner.metrics().malformedFrame();
    ending = true;
    answer(loop.writer().error(Code.BAD_REQUEST));
  }

  /**
   * Is given up by APISIX after its next answer, or ends when it has been quiet for a while: APISIX
   * opens a connection first and asks for a conf token on another before it sends.
   */
  void drain() {
    draining = true;
  }

  void checkAge(long now) {
    long age = now - since;
    if (state == State.CALLED) {
      if (age > runner.limits().callAge().toNanos()) {
        current().late();
      }
    } else if ((in.position() > 0 || toSkip > 0 || out != null || state == State.ASKED)
        && age > runner.limits().frameAge().toNanos()) {
      runner.metrics().late();
      close();
    } else if (draining && state == State.OPEN && age > QUIET_NANOS) {
      close();
    }
  }

  private void interest() {
    if (state == State.CLOSED) {
      return;
    }
    int wanted =
        out != null ? SelectionKey.OP_WRITE : state == State.CALLED ? 0 : SelectionKey.OP_READ;
    if (key.interestOps() != wanted) {
      key.interestOps(wanted);
    }
  }

  void close() {
    if (state == State.CLOSED) {
      return;
    }
    state = State.CLOSED;
    key.cancel();
    try {
      channel.close();
    } catch (IOException e) {
      log.debug("a connection did not close: {}", e.getMessage());
    }
    loop.forget(this);
    Conversation open = conversation;
    conversation = null;
    if (open != null) {
      open.abandoned();
    }
  }
}
