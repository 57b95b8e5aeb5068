// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.bailiwick.contract.apisix.Entry;
import dev.bailiwick.contract.apisix.Frame;
import dev.bailiwick.contract.apisix.PluginConf;
import dev.bailiwick.contract.apisix.PluginRequest;
import io.github.api7.A6.HTTPReqCall.Req;
import io.github.api7.A6.TextEntry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Frames by hand, right or wrong. */
final class RawFrames {
  private RawFrames() {}

  static Frame prepareConf(PluginConf conf) {
    FlatBufferBuilder builder = new FlatBufferBuilder(256);
    int filters =
        io.github.api7.A6.PrepareConf.Req.createConfVector(
            builder, entries(builder, conf.filters()));
    builder.finish(io.github.api7.A6.PrepareConf.Req.createReq(builder, filters, 0));
    return new Frame(Frame.PREPARE_CONF, builder.sizedByteArray());
  }

  static long token(Frame frame) {
    return io.github.api7.A6.PrepareConf.Resp.getRootAsResp(ByteBuffer.wrap(frame.payload()))
        .confToken();
  }

  /**
   * @param method the number of the method
   */
  static Frame request(long token, int method, PluginRequest request) {
    FlatBufferBuilder builder = new FlatBufferBuilder(2048);
    int path = text(builder, request.path());
    int source = Req.createSrcIpVector(builder, request.source().getAddress());
    int headers = Req.createHeadersVector(builder, entries(builder, request.headers()));
    builder.finish(Req.createReq(builder, 1, source, method, path, 0, headers, token));
    return new Frame(Frame.REQUEST_CALL, builder.sizedByteArray());
  }

  private static int[] entries(FlatBufferBuilder builder, List<Entry> entries) {
    return entries.stream()
        .mapToInt(
            entry ->
                TextEntry.createTextEntry(
                    builder,
                    text(builder, entry.name()),
                    text(builder, String.valueOf(entry.value()))))
        .toArray();
  }

  private static int text(FlatBufferBuilder builder, String text) {
    return builder.createString(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
  }

  /** What the runner did about a request; 0 for an error. */
  static byte action(Frame frame) {
    return frame.type() == Frame.ERROR
        ? 0
        : io.github.api7.A6.HTTPReqCall.Resp.getRootAsResp(ByteBuffer.wrap(frame.payload()))
            .actionType();
  }
}
