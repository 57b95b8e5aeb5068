// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.bailiwick.contract.apisix.DamagedFramesContract;
import dev.bailiwick.contract.apisix.Entry;
import dev.bailiwick.contract.apisix.ExtPluginClient;
import dev.bailiwick.contract.apisix.Frame;
import dev.bailiwick.contract.apisix.PluginRequest;
import dev.bailiwick.contract.apisix.WireConnection;
import dev.bailiwick.contract.gateway.GatewayTestBed;
import io.github.api7.A6.Err.Code;
import io.github.api7.A6.HTTPReqCall.Action;
import io.github.api7.A6.HTTPReqCall.Req;
import io.github.api7.A6.TextEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that APISIX would never send, and what our runner answers to each of them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
final class RunnerWireTests extends DamagedFramesContract {
  private static final String TABLE = WireBed.INCIDENTS;
  private static final int GET = 0;

  private WireBed wire;

  @BeforeAll
  void start(@TempDir Path directory) {
    wire = new WireBed(directory, all -> WireBed.limited(all, WireBed.impatient()));
  }

  @AfterAll
  void stop() {
    wire.close();
  }

  @Override
  protected ExtPluginClient client() {
    return wire.client();
  }

  @Override
  protected GatewayTestBed bed() {
    return wire.bed();
  }

  @Override
  protected Path socket() {
    return wire.runner().socket();
  }

  private WireConnection connect() throws IOException {
    return WireConnection.connect(wire.runner().socket(), Duration.ofSeconds(10));
  }

  private long token(WireConnection connection) throws IOException {
    connection.send(RawFrames.prepareConf(wire.conf("servicenow")));
    return RawFrames.token(connection.receive());
  }

  private static int code(Frame frame) {
    assertThat(frame.type()).isEqualTo(Frame.ERROR);
    return io.github.api7.A6.Err.Resp.getRootAsResp(ByteBuffer.wrap(frame.payload())).code();
  }

  private static void assertClosed(WireConnection connection) {
    assertThatThrownBy(connection::receive).isInstanceOf(IOException.class);
  }

  @Test
  void sendWhenConfIsPreparedThenExactlyOneAnswerComes() throws IOException {
    try (WireConnection connection = connect()) {
      long first = token(connection);
      assertThat(connection.idle()).isTrue();
      long second = token(connection);

      assertThat(second).isNotEqualTo(first);
      assertThat(connection.idle()).isTrue();
    }
  }

  @Test
  void sendWhenConfTokenIsUnknownThenSaysSoAndStays() throws IOException {
    try (WireConnection connection = connect()) {
      long token = token(connection);
      connection.send(RawFrames.request(token + 77, GET, wire.request("GET", TABLE)));

      assertThat(code(connection.receive())).isEqualTo(Code.CONF_TOKEN_NOT_FOUND);
      connection.send(RawFrames.request(token, GET, wire.request("GET", TABLE)));
      assertThat(RawFrames.action(connection.receive())).isEqualTo(Action.Rewrite);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 16, 127, 200, 255})
  void sendWhenMethodHasNoNumberThenDenies(int method) throws IOException {
    try (WireConnection connection = connect()) {
      long token = token(connection);
      connection.send(RawFrames.request(token, method, wire.request("GET", TABLE)));

      assertThat(RawFrames.action(connection.receive())).isEqualTo(Action.Stop);
    }
  }

  @Test
  void sendWhenTwoCallsComeAtOnceThenEachIsAnsweredInItsTurn() throws IOException {
    try (WireConnection connection = connect()) {
      long token = token(connection);
      PluginRequest request = wire.request("GET", TABLE);
      ByteBuffer one = RawFrames.request(token, GET, request).bytes();
      connection.send(
          ByteBuffer.allocate(2 * one.remaining()).put(one.duplicate()).put(one).flip());

      assertThat(RawFrames.action(connection.receive())).isEqualTo(Action.Rewrite);
      assertThat(RawFrames.action(connection.receive()))
          .as("the proof is used up")
          .isEqualTo(Action.Stop);
    }
  }

  @Test
  void sendWhenAnotherCallComesInsteadOfTheBodyThenBothEnd() throws IOException {
    try (WireConnection connection = connect()) {
      long token = token(connection);
      PluginRequest write =
          wire.request(
              "PATCH",
              TABLE + "/" + wire.bed().servicenow().incident("INC0010001"),
              new Entry("content-type", "application/json"),
              new Entry("content-length", "13"));
      connection.send(RawFrames.request(token, 13, write));
      assertThat(connection.receive().type()).isEqualTo(Frame.EXTRA_INFO);

      connection.send(RawFrames.request(token, GET, wire.request("GET", TABLE)));

      assertThat(code(connection.receive())).isEqualTo(Code.BAD_REQUEST);
      assertClosed(connection);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 5, 99, 255})
  void sendWhenTypeIsNotExpectedThenEnds(int type) throws IOException {
    try (WireConnection connection = connect()) {
      connection.send(new Frame(type, new byte[8]));

      assertThat(code(connection.receive())).isEqualTo(Code.BAD_REQUEST);
      assertClosed(connection);
    }
  }

  @Test
  void sendWhenFrameIsTooLongThenEndsBeforeItComes() throws IOException {
    try (WireConnection connection = connect()) {
      connection.send(ByteBuffer.allocate(4).putInt(Frame.REQUEST_CALL << 24 | 0xff_ffff).flip());

      assertThat(code(connection.receive())).isEqualTo(Code.BAD_REQUEST);
      assertClosed(connection);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 40})
  void sendWhenFrameStopsInTheMiddleThenConnectionIsGivenUp(int bytes) throws IOException {
    try (WireConnection connection = connect()) {
      ByteBuffer frame = RawFrames.prepareConf(wire.conf("servicenow")).bytes();
      connection.send(frame.limit(bytes));

      assertClosed(connection);
    }
  }

  @Test
  void sendWhenFrameComesInPiecesThenItIsStillAnswered() throws IOException {
    try (WireConnection connection = connect()) {
      ByteBuffer frame = RawFrames.prepareConf(wire.conf("servicenow")).bytes();
      while (frame.hasRemaining()) {
        connection.send(frame.slice(frame.position(), 1));
        frame.position(frame.position() + 1);
      }

      assertThat(connection.receive().type()).isEqualTo(Frame.PREPARE_CONF);
    }
  }

  @Test
  void sendWhenEntriesShareTheirBytesThenTheyAreNotReadForEver() throws IOException {
    try (WireConnection connection = connect()) {
      long token = token(connection);
      byte[] payload = sharing(token, 1000, 200_000);
      connection.send(new Frame(Frame.REQUEST_CALL, payload));

      assertThat(code(connection.receive())).isEqualTo(Code.BAD_REQUEST);
    }
  }

  private static byte[] sharing(long token, int entries, int bytes) {
    var builder = new FlatBufferBuilder(bytes * 2);
    int text = builder.createString("x".repeat(bytes));
    int entry = TextEntry.createTextEntry(builder, text, text);
    int[] offsets = new int[entries];
    Arrays.fill(offsets, entry);
    int headers = Req.createHeadersVector(builder, offsets);
    int path = builder.createString("/");
    int source = Req.createSrcIpVector(builder, new byte[] {127, 0, 0, 1});
    builder.finish(Req.createReq(builder, 1, source, GET, path, 0, headers, token));
    return builder.sizedByteArray();
  }
}
