// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.apisix;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.flatbuffers.FlatBufferBuilder;
import io.github.api7.A6.Err.Code;
import io.github.api7.A6.HTTPReqCall.Action;
import io.github.api7.A6.HTTPReqCall.Stop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
final class ExtPluginClientTests {
  private static final PluginConf CONF = PluginConf.of("route#1", "bailiwick", "{}");
  private static final PluginRequest GET =
      PluginRequest.of("GET", "/a", List.of(new Entry("accept", "*/*")));

  private FakeRunner runner;

  @BeforeEach
  void start(@TempDir Path directory) throws IOException {
    runner = FakeRunner.start(directory.resolve("runner.sock"));
  }

  @AfterEach
  void stop() {
    runner.close();
  }

  @Test
  void requestWhenRunnerStopsItThenAnswerIsTold() {
    try (ExtPluginClient client = new ExtPluginClient(runner.socket())) {
      PluginAnswer answer = client.request(CONF, GET);

      assertThat(answer).isInstanceOf(PluginAnswer.Stop.class);
      assertThat(((PluginAnswer.Stop) answer).status()).isEqualTo(418);
    }
  }

  @Test
  void requestWhenConfIsKnownThenItIsNotPreparedAgainUntilItExpires() {
    MovingClock clock = new MovingClock();
    ExtPluginClient.Settings settings =
        new ExtPluginClient.Settings(Duration.ofSeconds(5), Duration.ofMinutes(54), clock);
    try (ExtPluginClient client = new ExtPluginClient(runner.socket(), settings)) {
      client.request(CONF, GET);
      client.request(CONF, GET);
      assertThat(client.preparations()).isEqualTo(1);

      clock.now = clock.now.plus(Duration.ofMinutes(54));
      client.request(CONF, GET);
      assertThat(client.preparations()).isEqualTo(2);
    }
  }

  @Test
  void requestWhenRunnerLostTheConfThenItIsPreparedAgain() {
    runner.loseConf(1);
    try (ExtPluginClient client = new ExtPluginClient(runner.socket())) {
      PluginAnswer answer = client.request(CONF, GET);

      assertThat(answer).isInstanceOf(PluginAnswer.Stop.class);
      assertThat(client.preparations()).isEqualTo(2);
    }
  }

  @Test
  void requestWhenRunnerLosesTheConfEveryTimeThenThreeTriesAreEnough() {
    runner.loseConf(9);
    try (ExtPluginClient client = new ExtPluginClient(runner.socket())) {
      PluginAnswer answer = client.request(CONF, GET);

      assertThat(answer)
          .isEqualTo(new PluginAnswer.Failed("the runner says: CONF_TOKEN_NOT_FOUND"));
      assertThat(client.preparations()).isEqualTo(3);
    }
  }

  @Test
  void requestWhenRunnerAnswersTwiceThenItsConnectionIsNotUsedAgain() {
    runner.prepareTwice();
    try (ExtPluginClient client = new ExtPluginClient(runner.socket())) {
      for (int i = 0; i < 3; i++) {
        assertThat(client.request(CONF, GET)).isInstanceOf(PluginAnswer.Stop.class);
      }

      assertThat(runner.connections()).isEqualTo(2);
    }
  }

  @Test
  void requestWhenRunnerIsSilentThenItFailsInTime() {
    runner.silent();
    ExtPluginClient.Settings settings =
        ExtPluginClient.Settings.defaults().patience(Duration.ofMillis(200));
    try (ExtPluginClient client = new ExtPluginClient(runner.socket(), settings)) {
      assertThat(client.request(CONF, GET)).isInstanceOf(PluginAnswer.Failed.class);
    }
  }

  private static final class MovingClock extends Clock {
    private Instant now = Instant.parse("2026-11-24T00:00:00Z");

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneOffset getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  /** Answers 418 to everything, unless told to fail. */
  private static final class FakeRunner implements AutoCloseable {
    private final ServerSocketChannel server;
    private final Path socket;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    private volatile boolean twice;
    private volatile boolean silent;

    private FakeRunner(ServerSocketChannel server, Path socket) {
      this.server = server;
      this.socket = socket;
    }

    static FakeRunner start(Path socket) throws IOException {
      var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(socket));
      FakeRunner runner = new FakeRunner(server, socket);
      Thread.ofVirtual().start(runner::accept);
      return runner;
    }

    Path socket() {
      return socket;
    }

    int connections() {
      return connections.get();
    }

    void loseConf(int times) {
      lost.set(times);
    }

    void prepareTwice() {
      twice = true;
    }

    void silent() {
      silent = true;
    }

    private void accept() {
      try {
        while (true) {
          var channel = server.accept();
          connections.incrementAndGet();
          Thread.ofVirtual().start(() -> serve(channel));
        }
      } catch (IOException e) {
        // closed
      }
    }

    private void serve(SocketChannel channel) {
      try (channel) {
        while (true) {
          int type = read(channel);
          if (silent) {
            continue;
          }
          Frame answer = answer(type);
          channel.write(answer.bytes());
          if (twice && type == Frame.PREPARE_CONF) {
            channel.write(answer.bytes());
          }
        }
      } catch (IOException e) {
        // the client is gone
      }
    }

    private static int read(SocketChannel channel) throws IOException {
      ByteBuffer head = ByteBuffer.allocate(4);
      fill(channel, head);
      int word = head.flip().getInt();
      fill(channel, ByteBuffer.allocate(word & 0xff_ffff));
      return word >>> 24;
    }

    private static void fill(SocketChannel channel, ByteBuffer buffer) throws IOException {
      while (buffer.hasRemaining()) {
        if (channel.read(buffer) < 0) {
          throw new IOException("end");
        }
      }
    }

    private Frame answer(int type) {
      FlatBufferBuilder builder = new FlatBufferBuilder(64);
      if (type == Frame.PREPARE_CONF) {
        builder.finish(io.github.api7.A6.PrepareConf.Resp.createResp(builder, 7));
        return new Frame(Frame.PREPARE_CONF, builder.sizedByteArray());
      }
      if (lost.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
        builder.finish(io.github.api7.A6.Err.Resp.createResp(builder, Code.CONF_TOKEN_NOT_FOUND));
        return new Frame(Frame.ERROR, builder.sizedByteArray());
      }
      Stop.startStop(builder);
      Stop.addStatus(builder, 418);
      int stop = Stop.endStop(builder);
      builder.finish(io.github.api7.A6.HTTPReqCall.Resp.createResp(builder, 1, Action.Stop, stop));
      return new Frame(type, builder.sizedByteArray());
    }

    @Override
    public void close() {
      try {
        server.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
