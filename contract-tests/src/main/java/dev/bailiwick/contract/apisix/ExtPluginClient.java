// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.apisix;

import io.github.api7.A6.Err.Code;
import io.github.api7.A6.ExtraInfo.Info;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One nginx worker of APISIX, as a plugin runner sees it: one request in flight per connection, at
 * most 32 idle connections kept, conf tokens cached until they expire or the runner has lost them,
 * three tries, and the time limits of APISIX. Thread-safe: every thread that calls is a request of
 * its own.
 */
public final class ExtPluginClient implements AutoCloseable {
  private static final int IDLE_CONNECTIONS = 32;
  private static final int TRIES = 3;

  /**
   * @param patience how long one read or write may take; 60 s in APISIX
   * @param confLife how long a conf token is remembered; 54 minutes in APISIX
   */
  public record Settings(Duration patience, Duration confLife, Clock clock) {
    public static Settings defaults() {
      return new Settings(Duration.ofSeconds(60), Duration.ofMinutes(54), Clock.systemUTC());
    }

    public Settings patience(Duration limit) {
      return new Settings(limit, confLife, clock);
    }

    public Settings confLife(Duration limit) {
      return new Settings(patience, limit, clock);
    }
  }

  private record ConfToken(long token, Instant expires) {}

  /** The runner answered with an error. */
  private static final class RunnerErrorException extends IOException {
    private final int code;

    RunnerErrorException(int code) {
      super("the runner says: " + Messages.errorName(code));
      this.code = code;
    }
  }

  /** What the runner may ask for. */
  private record Facts(
      Map<String, String> variables, PluginRequest.Body request, PluginRequest.Body response) {}

  private final Path socket;
  private final Settings settings;
  private final Deque<WireConnection> idle = new ArrayDeque<>();
  private final ReentrantLock idleLock = new ReentrantLock();
  private final ReentrantLock confLock = new ReentrantLock();
  private final Map<String, ConfToken> tokens = new ConcurrentHashMap<>();
  private final AtomicInteger ids = new AtomicInteger();
  private final AtomicLong questions = new AtomicLong();
  private final AtomicLong preparations = new AtomicLong();

  public ExtPluginClient(Path socket, Settings settings) {
    this.socket = socket;
    this.settings = settings;
  }

  /** The client that APISIX is, with nothing changed. */
  public ExtPluginClient(Path socket) {
    this(socket, Settings.defaults());
  }

  /** How many questions runners asked in the middle of calls, each a round trip of its own. */
  public long questions() {
    return questions.get();
  }

  /** How many conf tokens were asked for. */
  public long preparations() {
    return preparations.get();
  }

  /** Calls the runner for a request: {@code ext-plugin-pre-req} or {@code ext-plugin-post-req}. */
  public PluginAnswer request(PluginConf conf, PluginRequest request) {
    if (!Messages.knows(request.method())) {
      throw new IllegalArgumentException("APISIX has no number for method " + request.method());
    }
    Facts facts = new Facts(request.variables(), request.body(), () -> null);
    return communicate(
        conf,
        (connection, token) -> {
          connection.send(Messages.request(nextId(), token, request));
          return Messages.answer(answer(connection, Frame.REQUEST_CALL, facts));
        });
  }

  /** Calls the runner for an answer: {@code ext-plugin-post-resp}. */
  public PluginAnswer response(PluginConf conf, PluginResponse response) {
    // The Lua side reads it off the upstream's connection, where it is once.
    AtomicReference<byte[]> unread = new AtomicReference<>(response.body());
    Facts facts = new Facts(response.variables(), () -> null, () -> unread.getAndSet(new byte[0]));
    return communicate(
        conf,
        (connection, token) -> {
          connection.send(Messages.response(nextId(), token, response));
          return Messages.changedResponse(answer(connection, Frame.RESPONSE_CALL, facts));
        });
  }

  private interface Call {
    PluginAnswer on(WireConnection connection, long token) throws IOException;
  }

  private PluginAnswer communicate(PluginConf conf, Call call) {
    String why = "";
    for (int i = 0; i < TRIES; i++) {
      try {
        return onConnection(connection -> call.on(connection, token(conf)));
      } catch (RunnerErrorException e) {
        why = String.valueOf(e.getMessage());
        if (e.code != Code.CONF_TOKEN_NOT_FOUND) {
          return new PluginAnswer.Failed(why);
        }
        tokens.clear();
      } catch (IOException | RuntimeException e) {
        return new PluginAnswer.Failed(e.getClass().getSimpleName() + ": " + e.getMessage());
      }
    }
    return new PluginAnswer.Failed(why);
  }

  private interface Use<T> {
    T on(WireConnection connection) throws IOException;
  }

  private <T> T onConnection(Use<T> use) throws IOException {
    WireConnection connection = take();
    T result;
    try {
      result = use.on(connection);
    } catch (IOException | RuntimeException e) {
      connection.close();
      throw e;
    }
    keep(connection);
    return result;
  }

  /** Only what is quiet is used again: whatever a runner said unasked ends the connection. */
  private WireConnection take() throws IOException {
    while (true) {
      WireConnection connection;
      idleLock.lock();
      try {
        connection = idle.pollFirst();
      } finally {
        idleLock.unlock();
      }
      if (connection == null) {
        return WireConnection.connect(socket, settings.patience());
      }
      if (connection.idle()) {
        return connection;
      }
      connection.close();
    }
  }

  private void keep(WireConnection connection) {
    boolean kept = false;
    idleLock.lock();
    try {
      if (idle.size() < IDLE_CONNECTIONS) {
        idle.addFirst(connection);
        kept = true;
      }
    } finally {
      idleLock.unlock();
    }
    if (!kept) {
      connection.close();
    }
  }

  /** Asked for on a second connection while the first waits, as APISIX does. */
  private long token(PluginConf conf) throws IOException {
    ConfToken known = tokens.get(conf.key());
    if (known == null || !known.expires().isAfter(settings.clock().instant())) {
      confLock.lock();
      try {
        known = tokens.get(conf.key());
        if (known == null || !known.expires().isAfter(settings.clock().instant())) {
          long token = onConnection(connection -> prepare(connection, conf));
          known = new ConfToken(token, settings.clock().instant().plus(settings.confLife()));
          tokens.put(conf.key(), known);
        }
      } finally {
        confLock.unlock();
      }
    }
    return known.token();
  }

  private long prepare(WireConnection connection, PluginConf conf) throws IOException {
    preparations.incrementAndGet();
    connection.send(Messages.prepareConf(conf));
    return Messages.confToken(expect(connection.receive(), Frame.PREPARE_CONF));
  }

  private Frame answer(WireConnection connection, int type, Facts facts) throws IOException {
    Frame frame = connection.receive();
    while (frame.type() == Frame.EXTRA_INFO) {
      questions.incrementAndGet();
      byte[] result = fact(Messages.question(frame), facts);
      Frame told = Messages.extraInfo(result);
      if (told.payload().length > Frame.MAX_PAYLOAD) {
        throw new IOException("more than one frame can hold: " + told.payload().length + " bytes");
      }
      connection.send(told);
      frame = connection.receive();
    }
    return expect(frame, type);
  }

  private static byte @Nullable [] fact(Messages.Question question, Facts facts)
      throws IOException {
    if (question.kind() == Info.ReqBody) {
      return facts.request().read();
    }
    if (question.kind() == Info.RespBody) {
      return facts.response().read();
    }
    if (question.kind() != Info.Var) {
      throw new IOException("unsupported info type " + question.kind());
    }
    String value = facts.variables().get(question.variable());
    return value == null ? null : value.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static Frame expect(Frame frame, int type) throws IOException {
    if (frame.type() == Frame.ERROR) {
      throw new RunnerErrorException(Messages.error(frame));
    }
    if (frame.type() != type) {
      throw new IOException("unexpected type " + frame.type() + " instead of " + type);
    }
    return frame;
  }

  private long nextId() {
    return ids.getAndIncrement() & ((1 << 22) - 1);
  }

  /** Closes the idle connections. */
  @Override
  public void close() {
    idleLock.lock();
    try {
      idle.forEach(WireConnection::close);
      idle.clear();
    } finally {
      idleLock.unlock();
    }
  }
}
