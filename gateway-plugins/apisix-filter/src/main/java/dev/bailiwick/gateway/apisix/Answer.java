// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.gateway.GatewayResponse;
import io.github.api7.A6.HTTPReqCall.Action;
import io.github.api7.A6.HTTPReqCall.Resp;
import io.github.api7.A6.HTTPReqCall.Rewrite;
import io.github.api7.A6.HTTPReqCall.Stop;
import io.github.api7.A6.TextEntry;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.apisix.plugin.runner.A6Response;
import org.jspecify.annotations.Nullable;

/**
 * The one answer to a call, encoded by us: the runner's own response cannot hold a header twice,
 * nor a body, and whoever writes into it last decides what it is. Immutable.
 */
final class Answer implements A6Response {
  private static final byte CALL = 2;

  /** Field of {@code Rewrite} in the protocol's schema that the published classes lack. */
  private static final int REWRITE_BODY = 4;

  private static final int REWRITE_FIELDS = 5;

  /** Framing and hops belong to nginx, which makes them anew. */
  private static final Set<String> OF_NGINX =
      Set.of(
          "host",
          "content-length",
          "transfer-encoding",
          "connection",
          "keep-alive",
          "expect",
          "upgrade",
          "te");

  private record Entry(String name, @Nullable String value) {}

  private final ByteBuffer encoded;

  private Answer(ByteBuffer encoded) {
    this.encoded = encoded;
  }

  /** The request is over: the agent gets this. */
  static Answer stop(long id, GatewayResponse response) {
    FlatBufferBuilder builder = new FlatBufferBuilder(1024 + response.body().length);
    List<Entry> headers = new ArrayList<>();
    for (Headers.Field field : response.headers().fields()) {
      if (!OF_NGINX.contains(field.name())) {
        headers.add(new Entry(field.name(), field.value()));
      }
    }
    int vector = Stop.createHeadersVector(builder, entries(builder, headers));
    int body = Stop.createBodyVector(builder, response.body());
    int stop = Stop.createStop(builder, response.status(), vector, body);
    return finish(builder, id, Action.Stop, stop);
  }

  /**
   * The request goes upstream, as it was decided on: every header and every argument that APISIX
   * holds is either replaced or removed, and the path is the canonical one.
   *
   * @param noBody whether nginx shall deny a body, of which the head says nothing
   * @throws IllegalArgumentException when the protocol cannot say it
   */
  static Answer rewrite(
      RunnerCall call, OutboundRequest request, URI origin, boolean noBody, String correlationId) {
    if (!request.method().equals(call.method())) {
      throw new IllegalArgumentException("the protocol cannot change a method");
    }
    byte[] body = request.body().orElse(new byte[0]);
    if (request.body().isPresent() && body.length == 0) {
      throw new IllegalArgumentException("the protocol cannot take a body away");
    }
    FlatBufferBuilder builder = new FlatBufferBuilder(4096 + body.length);
    int path = text(builder, decodedPath(request.target()));
    int headers =
        Rewrite.createHeadersVector(
            builder, entries(builder, headers(call, request, origin, noBody)));
    int arguments =
        Rewrite.createArgsVector(builder, entries(builder, arguments(call, request.target())));
    int answered =
        Rewrite.createRespHeadersVector(
            builder, entries(builder, List.of(new Entry("x-correlation-id", correlationId))));
    int content = body.length == 0 ? 0 : Stop.createBodyVector(builder, body);
    builder.startTable(REWRITE_FIELDS);
    Rewrite.addPath(builder, path);
    Rewrite.addHeaders(builder, headers);
    Rewrite.addArgs(builder, arguments);
    Rewrite.addRespHeaders(builder, answered);
    if (content != 0) {
      builder.addOffset(REWRITE_BODY, content, 0);
    }
    return finish(builder, call.id(), Action.Rewrite, Rewrite.endRewrite(builder));
  }

  /** Decoded: APISIX encodes it again, percent signs included. */
  private static String decodedPath(RequestTarget target) {
    String path = "/" + String.join("/", target.segments());
    return utf8(target.trailingSlash() ? path + "/" : path);
  }

  /** APISIX sets one line a name; RFC 9110 §5.3 lets lines of one name be joined. */
  private static List<Entry> headers(
      RunnerCall call, OutboundRequest request, URI origin, boolean noBody) {
    Set<String> names = new LinkedHashSet<>();
    call.lines().forEach(line -> names.add(line.name()));
    request.headers().fields().forEach(field -> names.add(field.name()));
    names.removeAll(OF_NGINX);
    List<Entry> entries = new ArrayList<>();
    entries.add(new Entry("host", origin.getRawAuthority()));
    if (noBody) {
      entries.add(new Entry("content-length", "0"));
    }
    for (String name : names) {
      List<String> values = request.headers().all(name);
      entries.add(new Entry(name, values.isEmpty() ? null : String.join(", ", values)));
    }
    return entries;
  }

  private static List<Entry> arguments(RunnerCall call, RequestTarget target) {
    List<Entry> entries = new ArrayList<>();
    Set<String> gone = new LinkedHashSet<>(call.arguments());
    for (RequestTarget.Parameter parameter : target.parameters()) {
      String name = utf8(parameter.name());
      gone.remove(name);
      entries.add(new Entry(name, utf8(parameter.value())));
    }
    gone.forEach(name -> entries.add(new Entry(name, null)));
    return entries;
  }

  /** One character a byte. */
  private static String utf8(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  private static int[] entries(FlatBufferBuilder builder, List<Entry> entries) {
    int[] offsets = new int[entries.size()];
    for (int i = 0; i < offsets.length; i++) {
      String value = entries.get(i).value();
      int name = text(builder, entries.get(i).name());
      int valued = value == null ? 0 : text(builder, value);
      offsets[i] = TextEntry.createTextEntry(builder, name, valued);
    }
    return offsets;
  }

  private static int text(FlatBufferBuilder builder, String text) {
    return builder.createString(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private static Answer finish(FlatBufferBuilder builder, long id, byte type, int action) {
    builder.finish(Resp.createResp(builder, id, type, action));
    return new Answer(ByteBuffer.wrap(builder.sizedByteArray()).asReadOnlyBuffer());
  }

  @Override
  public ByteBuffer encode() {
    return encoded.duplicate();
  }

  @Override
  public byte getType() {
    return CALL;
  }

  /** Its length only: it may hold a credential. */
  @Override
  public String toString() {
    return "Answer[" + encoded.remaining() + " bytes]";
  }
}
