// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.benchmarks.apisix;

import com.google.flatbuffers.FlatBufferBuilder;
import io.github.api7.A6.HTTPReqCall.Req;
import io.github.api7.A6.TextEntry;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The frames of the load: one request of an agent, over and over. */
final class Calls {
  static final String TARGET =
      "/servicenow/api/now/table/incident/c1000000000000000000000000000001";

  static final int ERROR = 0;
  static final int REQUEST_CALL = 2;

  /** No runner counts so far in one run. */
  static final long UNKNOWN_TOKEN = 1;

  private Calls() {}

  static ByteBuffer prepareConf(String filter, String value) {
    FlatBufferBuilder builder = new FlatBufferBuilder(512);
    int entry = entry(builder, filter, value);
    int filters = io.github.api7.A6.PrepareConf.Req.createConfVector(builder, new int[] {entry});
    builder.finish(io.github.api7.A6.PrepareConf.Req.createReq(builder, filters, 0));
    return frame(1, builder);
  }

  /** Asks for a conf token, and reads no more than the first answer. */
  static long confToken(Path socket, String filter, String value) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      channel.write(prepareConf(filter, value));
      ByteBuffer answer = ByteBuffer.allocate(256);
      while (answer.position() < 4 || answer.position() < 4 + (answer.getInt(0) & 0xff_ffff)) {
        if (channel.read(answer) < 0) {
          throw new IOException("the runner closed the connection");
        }
      }
      ByteBuffer payload = answer.slice(4, answer.getInt(0) & 0xff_ffff);
      return io.github.api7.A6.PrepareConf.Resp.getRootAsResp(payload).confToken();
    }
  }

  static ByteBuffer request(long confToken, String authorization) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("host", "gateway.example");
    headers.put("authorization", authorization);
    headers.put("accept", "application/json");
    headers.put("accept-encoding", "gzip, deflate");
    headers.put("user-agent", "python-httpx/0.28.1");
    headers.put("connection", "keep-alive");
    headers.put("x-bailiwick-target", TARGET);
    headers.put("x-bailiwick-request", "0123456789abcdef0123456789abcdef");
    headers.put("x-bailiwick-protocol", "HTTP/1.1");
    FlatBufferBuilder builder = new FlatBufferBuilder(4096);
    int path = builder.createString(TARGET);
    int source = Req.createSrcIpVector(builder, new byte[] {127, 0, 0, 1});
    int[] lines =
        headers.entrySet().stream()
            .mapToInt(header -> entry(builder, header.getKey(), header.getValue()))
            .toArray();
    int vector = Req.createHeadersVector(builder, lines);
    builder.finish(Req.createReq(builder, 1, source, 0, path, 0, vector, confToken));
    return frame(2, builder);
  }

  private static int entry(FlatBufferBuilder builder, String name, String value) {
    return TextEntry.createTextEntry(
        builder, builder.createString(name), builder.createString(value));
  }

  private static ByteBuffer frame(int type, FlatBufferBuilder builder) {
    byte[] payload = builder.sizedByteArray();
    return ByteBuffer.allocate(4 + payload.length)
        .putInt(type << 24 | payload.length)
        .put(payload)
        .flip();
  }

  /** The first answer to a frame, for looking at what is being measured. */
  static byte action(Path socket, ByteBuffer call) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      channel.write(call.duplicate());
      ByteBuffer answer = ByteBuffer.allocate(64 << 10);
      while (answer.position() < 4 || answer.position() < 4 + (answer.getInt(0) & 0xff_ffff)) {
        if (channel.read(answer) < 0) {
          throw new IOException("the runner closed the connection");
        }
      }
      return io.github.api7.A6.HTTPReqCall.Resp.getRootAsResp(
              answer.slice(4, answer.getInt(0) & 0xff_ffff))
          .actionType();
    }
  }
}
