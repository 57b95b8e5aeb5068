// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.apisix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.contract.gateway.AgentRequest;
import dev.bailiwick.contract.gateway.GatewayTestBed;
import io.github.api7.A6.HTTPReqCall.Action;
import io.github.api7.A6.HTTPReqCall.Resp;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bytes on a runner's socket that APISIX would never send: nothing passes by them, and after each
 * of them the runner serves as before.
 */
public abstract class DamagedFramesContract {
  private static final String TABLE = "/servicenow/api/now/table/incident";
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Whoever does not answer within this time will not. */
  private static final Duration SILENCE = Duration.ofMillis(400);

  /** So many at least, however long that takes. */
  private static final int ANSWERS = 100;

  private static final int GET = 0;
  private static final int PATCH = 13;

  /** APISIX in front of the runner. */
  protected abstract ExtPluginClient client();

  /** What surrounds the runner. */
  protected abstract GatewayTestBed bed();

  /** Where the runner listens. */
  protected abstract Path socket();

  private PluginConf conf() {
    return PluginConf.of(
        "frames",
        "bailiwick",
        "{\"connector\":\"servicenow\",\"upstream\":\"%s\",\"target\":\"header\"}"
            .formatted(bed().servicenow().origin()));
  }

  private PluginRequest request(String method, String path, Entry... more) {
    AgentRequest agent = bed().request(method, path);
    List<Entry> headers = new ArrayList<>();
    headers.add(new Entry("host", "gateway.contract.example"));
    headers.add(new Entry("authorization", "DPoP " + agent.token()));
    headers.add(new Entry("dpop", agent.proof()));
    headers.add(new Entry("x-bailiwick-target", path));
    headers.add(new Entry("x-bailiwick-request", UUID.randomUUID().toString()));
    headers.addAll(List.of(more));
    return PluginRequest.of(method, path, headers);
  }

  private PluginRequest read() {
    return request("GET", TABLE);
  }

  private PluginRequest write() {
    return request(
        "PATCH",
        TABLE + "/" + bed().servicenow().incident("INC0010001"),
        new Entry("content-type", "application/json"),
        new Entry("content-length", "13"));
  }

  @AfterEach
  void stillServes() {
    assertThat(client().request(conf(), read())).isInstanceOf(PluginAnswer.Rewrite.class);
  }

  private long token(WireConnection connection) throws IOException {
    connection.send(Messages.prepareConf(conf()));
    return Messages.confToken(connection.receive());
  }

  private static boolean passes(Frame frame) {
    return frame.type() == Frame.REQUEST_CALL
        && Resp.getRootAsResp(ByteBuffer.wrap(frame.payload())).actionType() != Action.Stop;
  }

  /** Everything that comes until the runner closes, or says nothing for a while. */
  private static List<Frame> rest(WireConnection connection) {
    connection.patience(SILENCE);
    List<Frame> frames = new ArrayList<>();
    try {
      while (true) {
        frames.add(connection.receive());
      }
    } catch (IOException e) {
      return frames;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 40, 400})
  void sendWhenFrameIsCutOffThenNothingPasses(int bytes) throws IOException {
    try (WireConnection connection = WireConnection.connect(socket(), PATIENCE)) {
      long token = token(connection);
      connection.send(Messages.request(1, token, GET, read()).bytes().limit(bytes));
      connection.shutdownOutput();

      assertThat(rest(connection)).noneMatch(DamagedFramesContract::passes);
    }
  }

  @Test
  void sendWhenFrameSaysItIsLongerThanItIsThenNothingPasses() throws IOException {
    try (WireConnection connection = WireConnection.connect(socket(), PATIENCE)) {
      long token = token(connection);
      byte[] payload = Messages.request(1, token, GET, read()).payload();
      connection.send(
          ByteBuffer.allocate(4 + payload.length)
              .putInt(Frame.REQUEST_CALL << 24 | Frame.MAX_PAYLOAD)
              .put(payload)
              .flip());

      assertThat(rest(connection)).noneMatch(DamagedFramesContract::passes);
    }
  }

  @Test
  void sendWhenAnotherCallComesInsteadOfTheBodyThenNeitherPasses() throws IOException {
    try (WireConnection connection = WireConnection.connect(socket(), PATIENCE)) {
      long token = token(connection);
      connection.send(Messages.request(1, token, PATCH, write()));
      assertThat(connection.receive().type()).isEqualTo(Frame.EXTRA_INFO);

      connection.send(Messages.request(2, token, GET, read()));

      assertThat(rest(connection)).noneMatch(DamagedFramesContract::passes);
    }
  }

  @Test
  void sendWhenABodyComesUnaskedThenItIsNotTheNextCallsBody() throws IOException {
    try (WireConnection connection = WireConnection.connect(socket(), PATIENCE)) {
      long token = token(connection);
      byte[] body = "{\"state\":\"2\"}".getBytes(StandardCharsets.US_ASCII);
      try {
        connection.send(Messages.extraInfo(body));
        connection.send(Messages.request(1, token, PATCH, write()));
      } catch (IOException e) {
        // The runner may hang up at once.
      }

      assertThat(rest(connection)).noneMatch(DamagedFramesContract::passes);
    }
  }

  @Test
  void sendWhenACallIsRepeatedAtOnceThenItPassesOnceAtMost() throws IOException {
    try (WireConnection connection = WireConnection.connect(socket(), PATIENCE)) {
      long token = token(connection);
      ByteBuffer one = Messages.request(1, token, GET, read()).bytes();
      connection.send(
          ByteBuffer.allocate(2 * one.remaining()).put(one.duplicate()).put(one).flip());

      assertThat(rest(connection).stream().filter(DamagedFramesContract::passes))
          .hasSizeLessThanOrEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 16, 127, 200, 255})
  void sendWhenMethodHasNoNumberThenNothingPasses(int method) throws IOException {
    try (WireConnection connection = WireConnection.connect(socket(), PATIENCE)) {
      long token = token(connection);
      connection.send(Messages.request(1, token, method, read()));

      assertThat(passes(connection.receive())).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 4, 5, 99, 255})
  void sendWhenTypeIsNotExpectedThenNothingPasses(int type) throws IOException {
    try (WireConnection connection = WireConnection.connect(socket(), PATIENCE)) {
      connection.send(new Frame(type, new byte[8]));

      assertThat(rest(connection)).noneMatch(DamagedFramesContract::passes);
    }
  }

  @Test
  void sendWhenNobodyReadsTheAnswersThenOthersAreServed() throws IOException {
    List<WireConnection> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 8; i++) {
        WireConnection connection = WireConnection.connect(socket(), PATIENCE);
        slow.add(connection);
        Thread.ofVirtual().start(() -> flood(connection));
      }

      for (int i = 0; i < 30; i++) {
        assertThat(client().request(conf(), read())).isInstanceOf(PluginAnswer.Rewrite.class);
      }
    } finally {
      slow.forEach(WireConnection::close);
    }
  }

  /** By calls with a token that nobody knows: each has an answer, and costs no configuration. */
  private void flood(WireConnection connection) {
    ByteBuffer frame = Messages.request(1, 0x7fff_fff7L, GET, read()).bytes();
    try {
      for (int i = 0; i < 100_000; i++) {
        connection.send(frame.duplicate());
      }
    } catch (IOException e) {
      // Given up, as it should be.
    }
  }

  /** Nothing that is not the request itself passes, whatever a flatbuffer leads to. */
  @Test
  void sendWhenPayloadIsDamagedThenNothingPasses() throws IOException {
    SplittableRandom random = new SplittableRandom(20261124);
    long end = System.nanoTime() + Duration.ofSeconds(3).toNanos();
    WireConnection connection = WireConnection.connect(socket(), PATIENCE);
    long token = token(connection);
    byte[] good = Messages.request(1, token, GET, read()).payload();
    connection.send(new Frame(Frame.REQUEST_CALL, good));
    assertThat(passes(connection.receive())).as("used up").isTrue();
    connection.patience(SILENCE);
    int answered = 0;
    while (System.nanoTime() < end || answered <= ANSWERS) {
      int type = random.nextInt(64) == 0 ? random.nextInt(6) : Frame.REQUEST_CALL;
      try {
        connection.send(new Frame(type, damaged(good, random)));
        Frame answer = connection.receive();
        answered++;
        assertThat(passes(answer)).isFalse();
        if (answer.type() == Frame.EXTRA_INFO) {
          connection.close();
          connection = WireConnection.connect(socket(), SILENCE);
        }
      } catch (IOException e) {
        connection.close();
        connection = WireConnection.connect(socket(), SILENCE);
      }
    }
    connection.close();
  }

  private static byte[] damaged(byte[] good, SplittableRandom random) {
    byte[] bytes = good.clone();
    switch (random.nextInt(4)) {
      case 0 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      case 1 -> random.nextBytes(bytes);
      default -> {
        for (int i = random.nextInt(6); i >= 0; i--) {
          int at = random.nextInt(bytes.length) & ~3;
          ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at, offset(random));
        }
      }
    }
    return bytes;
  }

  private static int offset(SplittableRandom random) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt();
      case 1 -> random.nextInt(4096);
      case 2 -> -random.nextInt(4096);
      default -> Integer.MAX_VALUE - random.nextInt(8);
    };
  }
}
