// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.apisix;

import com.google.flatbuffers.FlatBufferBuilder;
import com.google.flatbuffers.Table;
import io.github.api7.A6.Err.Code;
import io.github.api7.A6.ExtraInfo.Info;
import io.github.api7.A6.ExtraInfo.Var;
import io.github.api7.A6.HTTPReqCall.Action;
import io.github.api7.A6.HTTPReqCall.Rewrite;
import io.github.api7.A6.HTTPReqCall.Stop;
import io.github.api7.A6.Method;
import io.github.api7.A6.TextEntry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The flatbuffers of the protocol, from APISIX's side: what it writes, and how it reads answers.
 */
final class Messages {
  /** The schema after 0.6.0 has one more field, which no published class knows yet. */
  private static final int REWRITE_BODY = 4;

  /** A question of the runner. */
  record Question(byte kind, String variable) {}

  private Messages() {}

  static Frame prepareConf(PluginConf conf) {
    FlatBufferBuilder builder = new FlatBufferBuilder(1024);
    int key = text(builder, conf.key());
    int filters =
        io.github.api7.A6.PrepareConf.Req.createConfVector(
            builder, entries(builder, conf.filters()));
    int request = io.github.api7.A6.PrepareConf.Req.createReq(builder, filters, key);
    return finish(builder, request, Frame.PREPARE_CONF);
  }

  static long confToken(Frame frame) {
    return io.github.api7.A6.PrepareConf.Resp.getRootAsResp(ByteBuffer.wrap(frame.payload()))
        .confToken();
  }

  static Frame request(long id, long token, PluginRequest request) {
    return request(id, token, method(request.method()), request);
  }

  /**
   * @param method the number of the method, also one that has none
   */
  static Frame request(long id, long token, int method, PluginRequest request) {
    FlatBufferBuilder builder = new FlatBufferBuilder(4096);
    int path = text(builder, request.path());
    int source =
        io.github.api7.A6.HTTPReqCall.Req.createSrcIpVector(builder, request.source().getAddress());
    int arguments =
        io.github.api7.A6.HTTPReqCall.Req.createArgsVector(
            builder, entries(builder, request.arguments()));
    int headers =
        io.github.api7.A6.HTTPReqCall.Req.createHeadersVector(
            builder, entries(builder, request.headers()));
    int call =
        io.github.api7.A6.HTTPReqCall.Req.createReq(
            builder, id, source, method, path, arguments, headers, token);
    return finish(builder, call, Frame.REQUEST_CALL);
  }

  /** Whether the protocol has a number for a method. */
  static boolean knows(String method) {
    return Arrays.asList(Method.names).contains(method);
  }

  private static int method(String name) {
    return Arrays.asList(Method.names).indexOf(name);
  }

  static Frame response(long id, long token, PluginResponse response) {
    FlatBufferBuilder builder = new FlatBufferBuilder(4096);
    int headers =
        io.github.api7.A6.HTTPRespCall.Req.createHeadersVector(
            builder, entries(builder, response.headers()));
    int call =
        io.github.api7.A6.HTTPRespCall.Req.createReq(
            builder, id, response.status(), headers, token);
    return finish(builder, call, Frame.RESPONSE_CALL);
  }

  static Question question(Frame frame) {
    io.github.api7.A6.ExtraInfo.Req request =
        io.github.api7.A6.ExtraInfo.Req.getRootAsReq(ByteBuffer.wrap(frame.payload()));
    if (request.infoType() != Info.Var) {
      return new Question(request.infoType(), "");
    }
    Var variable = new Var();
    request.info(variable);
    return new Question(Info.Var, name(variable.name()));
  }

  /**
   * @param result null when there is nothing to tell
   */
  static Frame extraInfo(byte @Nullable [] result) {
    FlatBufferBuilder builder = new FlatBufferBuilder(result == null ? 64 : result.length + 64);
    int vector =
        result == null ? 0 : io.github.api7.A6.ExtraInfo.Resp.createResultVector(builder, result);
    io.github.api7.A6.ExtraInfo.Resp.startResp(builder);
    if (result != null) {
      io.github.api7.A6.ExtraInfo.Resp.addResult(builder, vector);
    }
    return finish(builder, io.github.api7.A6.ExtraInfo.Resp.endResp(builder), Frame.EXTRA_INFO);
  }

  static int error(Frame frame) {
    return io.github.api7.A6.Err.Resp.getRootAsResp(ByteBuffer.wrap(frame.payload())).code();
  }

  static String errorName(int code) {
    return code >= 0 && code < Code.names.length ? Code.names[code] : "error " + code;
  }

  static PluginAnswer answer(Frame frame) {
    io.github.api7.A6.HTTPReqCall.Resp response =
        io.github.api7.A6.HTTPReqCall.Resp.getRootAsResp(ByteBuffer.wrap(frame.payload()));
    return switch (response.actionType()) {
      case Action.Stop -> {
        Stop stop = new Stop();
        response.action(stop);
        yield new PluginAnswer.Stop(
            stop.status() == 0 ? 200 : stop.status(),
            read(stop.headersLength(), stop::headers),
            bytes(stop.bodyAsByteBuffer()));
      }
      case Action.Rewrite -> {
        RewriteWithBody rewrite = new RewriteWithBody();
        response.action(rewrite.fields);
        yield new PluginAnswer.Rewrite(
            latin1(rewrite.fields.pathAsByteBuffer()),
            read(rewrite.fields.headersLength(), rewrite.fields::headers),
            read(rewrite.fields.argsLength(), rewrite.fields::args),
            rewrite.body(response),
            read(rewrite.fields.respHeadersLength(), rewrite.fields::respHeaders));
      }
      default -> new PluginAnswer.Unchanged();
    };
  }

  /** Reads the field that {@link Rewrite} does not know. */
  private static final class RewriteWithBody {
    private final Rewrite fields = new Rewrite();

    byte[] body(io.github.api7.A6.HTTPReqCall.Resp response) {
      Body view = new Body();
      response.action(view);
      return view.bytes();
    }
  }

  private static final class Body extends Table {
    byte[] bytes() {
      return Messages.bytes(__vector_as_bytebuffer(4 + 2 * REWRITE_BODY, 1));
    }
  }

  static PluginAnswer.Response changedResponse(Frame frame) {
    io.github.api7.A6.HTTPRespCall.Resp response =
        io.github.api7.A6.HTTPRespCall.Resp.getRootAsResp(ByteBuffer.wrap(frame.payload()));
    return new PluginAnswer.Response(
        response.status(),
        read(response.headersLength(), response::headers),
        bytes(response.bodyAsByteBuffer()));
  }

  private static List<Entry> read(int length, IntFunction<TextEntry> at) {
    List<Entry> entries = new ArrayList<>(length);
    for (int i = 0; i < length; i++) {
      TextEntry entry = at.apply(i);
      entries.add(
          new Entry(name(latin1(entry.nameAsByteBuffer())), latin1(entry.valueAsByteBuffer())));
    }
    return entries;
  }

  private static String name(@Nullable String name) {
    if (name == null) {
      throw new IllegalArgumentException("an entry without a name");
    }
    return name;
  }

  private static @Nullable String latin1(@Nullable ByteBuffer buffer) {
    return buffer == null ? null : StandardCharsets.ISO_8859_1.decode(buffer).toString();
  }

  private static byte[] bytes(@Nullable ByteBuffer buffer) {
    if (buffer == null) {
      return new byte[0];
    }
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static int[] entries(FlatBufferBuilder builder, List<Entry> entries) {
    int[] offsets = new int[entries.size()];
    for (int i = 0; i < offsets.length; i++) {
      Entry entry = entries.get(i);
      int name = text(builder, entry.name());
      String value = entry.value();
      int valueOffset = value == null ? 0 : text(builder, value);
      TextEntry.startTextEntry(builder);
      TextEntry.addName(builder, name);
      if (value != null) {
        TextEntry.addValue(builder, valueOffset);
      }
      offsets[i] = TextEntry.endTextEntry(builder);
    }
    return offsets;
  }

  private static int text(FlatBufferBuilder builder, String text) {
    return builder.createString(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private static Frame finish(FlatBufferBuilder builder, int root, int type) {
    builder.finish(root);
    return new Frame(type, builder.sizedByteArray());
  }
}
