// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import com.google.flatbuffers.FlatBufferBuilder;
import io.github.api7.A6.ExtraInfo.Info;
import io.github.api7.A6.ExtraInfo.ReqBody;
import io.github.api7.A6.ExtraInfo.RespBody;
import io.github.api7.A6.ExtraInfo.Var;
import io.github.api7.A6.HTTPReqCall.Action;
import io.github.api7.A6.HTTPReqCall.Stop;
import io.github.api7.A6.TextEntry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Writes whole frames, ready to be sent. One event loop each; not thread-safe. */
final class WireWriter {
  /** Fields of {@code Rewrite} in the schema's order; no published class knows the last one. */
  private static final int PATH = 0;

  private static final int HEADERS = 1;
  private static final int ARGUMENTS = 2;
  private static final int RESPONSE_HEADERS = 3;
  private static final int BODY = 4;

  private static final int LARGE = 64 << 10;

  private FlatBufferBuilder builder = new FlatBufferBuilder(4096);

  private void begin(int expected) {
    if (expected > LARGE) {
      builder = new FlatBufferBuilder(expected + 4096);
    }
    builder.clear();
  }

  ByteBuffer confToken(long token) {
    begin(0);
    return frame(
        FrameType.PREPARE_CONF, io.github.api7.A6.PrepareConf.Resp.createResp(builder, token));
  }

  /**
   * @param code one of {@link io.github.api7.A6.Err.Code}
   */
  ByteBuffer error(int code) {
    begin(0);
    return frame(FrameType.ERROR, io.github.api7.A6.Err.Resp.createResp(builder, code));
  }

  ByteBuffer askVariable(String name) {
    begin(0);
    int text = text(name);
    Var.startVar(builder);
    Var.addName(builder, text);
    int info = Var.endVar(builder);
    return ask(Info.Var, info);
  }

  ByteBuffer askRequestBody() {
    begin(0);
    ReqBody.startReqBody(builder);
    return ask(Info.ReqBody, ReqBody.endReqBody(builder));
  }

  ByteBuffer askResponseBody() {
    begin(0);
    RespBody.startRespBody(builder);
    return ask(Info.RespBody, RespBody.endRespBody(builder));
  }

  private ByteBuffer ask(byte type, int info) {
    return frame(
        FrameType.EXTRA_INFO, io.github.api7.A6.ExtraInfo.Req.createReq(builder, type, info));
  }

  /** The agent gets this. */
  ByteBuffer stop(long id, int status, List<WireEntry> headers, byte[] body) {
    begin(body.length);
    int lines = Stop.createHeadersVector(builder, entries(headers));
    int bytes = Stop.createBodyVector(builder, body);
    int stop = Stop.createStop(builder, status, lines, bytes);
    return frame(
        FrameType.REQUEST_CALL,
        io.github.api7.A6.HTTPReqCall.Resp.createResp(builder, id, Action.Stop, stop));
  }

  /** The request goes upstream like this. */
  ByteBuffer rewrite(
      long id,
      String path,
      List<WireEntry> headers,
      List<WireEntry> arguments,
      List<WireEntry> responseHeaders,
      Optional<byte[]> body) {
    begin(body.map(bytes -> bytes.length).orElse(0));
    int pathText = text(path);
    int lines = vector(headers);
    int pairs = vector(arguments);
    int back = vector(responseHeaders);
    int bytes = body.map(builder::createByteVector).orElse(0);
    builder.startTable(5);
    builder.addOffset(BODY, bytes, 0);
    builder.addOffset(RESPONSE_HEADERS, back, 0);
    builder.addOffset(ARGUMENTS, pairs, 0);
    builder.addOffset(HEADERS, lines, 0);
    builder.addOffset(PATH, pathText, 0);
    int rewrite = builder.endTable();
    return frame(
        FrameType.REQUEST_CALL,
        io.github.api7.A6.HTTPReqCall.Resp.createResp(builder, id, Action.Rewrite, rewrite));
  }

  /** The agent gets this instead of what the upstream said. */
  ByteBuffer response(long id, int status, List<WireEntry> headers, byte[] body) {
    begin(body.length);
    int lines = io.github.api7.A6.HTTPRespCall.Resp.createHeadersVector(builder, entries(headers));
    int bytes = io.github.api7.A6.HTTPRespCall.Resp.createBodyVector(builder, body);
    return frame(
        FrameType.RESPONSE_CALL,
        io.github.api7.A6.HTTPRespCall.Resp.createResp(builder, id, status, lines, bytes));
  }

  private int vector(List<WireEntry> entries) {
    return entries.isEmpty() ? 0 : builder.createVectorOfTables(entries(entries));
  }

  private int[] entries(List<WireEntry> entries) {
    int[] offsets = new int[entries.size()];
    for (int i = 0; i < offsets.length; i++) {
      WireEntry entry = entries.get(i);
      int name = text(entry.name());
      String value = entry.value();
      int valueText = value == null ? 0 : text(value);
      TextEntry.startTextEntry(builder);
      TextEntry.addName(builder, name);
      if (value != null) {
        TextEntry.addValue(builder, valueText);
      }
      offsets[i] = TextEntry.endTextEntry(builder);
    }
    return offsets;
  }

  private int text(String text) {
    return builder.createString(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private ByteBuffer frame(int type, int root) {
    builder.finish(root);
    ByteBuffer data = builder.dataBuffer();
    int length = data.remaining();
    ByteBuffer frame = ByteBuffer.allocate(4 + length).putInt(type << 24 | length).put(data).flip();
    if (length > LARGE) {
      // One large answer does not hold its memory for ever.
      builder = new FlatBufferBuilder(4096);
    }
    return frame;
  }
}
