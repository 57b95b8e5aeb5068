// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import io.github.api7.A6.HTTPReqCall.Req;
import io.github.api7.A6.Method;
import io.github.api7.A6.TextEntry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads what APISIX writes. Offsets of a flatbuffer may lead anywhere, also from many entries to
 * the same bytes; so entries are counted, and together they hold no more bytes than their frame.
 */
final class WireReader {
  private static final int MOST_ENTRIES = 1024;

  private final ByteBuffer payload;
  private int bytesLeft;
  private int entriesLeft = MOST_ENTRIES;

  private WireReader(ByteBuffer payload) {
    this.payload = payload;
    this.bytesLeft = payload.remaining();
  }

  /**
   * The filters of a configuration.
   *
   * @throws MalformedFrameException when the payload is not one
   */
  static List<RouteConf.Filter> prepareConf(ByteBuffer payload) {
    return guarded(() -> new WireReader(payload).filters());
  }

  /**
   * A request.
   *
   * @throws MalformedFrameException when the payload is not one
   */
  static RequestCall request(ByteBuffer payload) {
    return guarded(() -> new WireReader(payload).request());
  }

  /**
   * An upstream's answer.
   *
   * @throws MalformedFrameException when the payload is not one
   */
  static ResponseCall response(ByteBuffer payload) {
    return guarded(() -> new WireReader(payload).response());
  }

  /**
   * What was asked for; empty when APISIX has nothing to tell.
   *
   * @throws MalformedFrameException when the payload is not an answer
   */
  static byte[] extraInfo(ByteBuffer payload) {
    return guarded(() -> new WireReader(payload).result());
  }

  private static <T> T guarded(Supplier<T> reading) {
    try {
      return reading.get();
    } catch (IndexOutOfBoundsException | IllegalArgumentException | AssertionError e) {
      throw new MalformedFrameException("the flatbuffer leads outside of its frame");
    }
  }

  private List<RouteConf.Filter> filters() {
    io.github.api7.A6.PrepareConf.Req request =
        io.github.api7.A6.PrepareConf.Req.getRootAsReq(payload);
    List<RouteConf.Filter> filters = new ArrayList<>();
    TextEntry entry = new TextEntry();
    for (int i = 0; i < counted(request.confLength()); i++) {
      WireEntry filter = entry(request.conf(entry, i));
      filters.add(
          new RouteConf.Filter(filter.name(), filter.value() == null ? "" : filter.value()));
    }
    return filters;
  }

  private RequestCall request() {
    Req request = Req.getRootAsReq(payload);
    TextEntry entry = new TextEntry();
    List<WireEntry> arguments = new ArrayList<>(counted(request.argsLength()));
    for (int i = 0; i < request.argsLength(); i++) {
      arguments.add(entry(request.args(entry, i)));
    }
    List<WireEntry> headers = new ArrayList<>(counted(request.headersLength()));
    for (int i = 0; i < request.headersLength(); i++) {
      headers.add(header(entry(request.headers(entry, i))));
    }
    int method = request.method();
    return new RequestCall(
        request.id(),
        request.confToken(),
        method < Method.names.length ? Method.names[method] : "UNKNOWN",
        required(request.pathAsByteBuffer()),
        arguments,
        headers,
        address(request.srcIpAsByteBuffer()));
  }

  private ResponseCall response() {
    io.github.api7.A6.HTTPRespCall.Req response =
        io.github.api7.A6.HTTPRespCall.Req.getRootAsReq(payload);
    TextEntry entry = new TextEntry();
    List<WireEntry> headers = new ArrayList<>(counted(response.headersLength()));
    for (int i = 0; i < response.headersLength(); i++) {
      headers.add(entry(response.headers(entry, i)));
    }
    return new ResponseCall(response.id(), response.confToken(), response.status(), headers);
  }

  private byte[] result() {
    ByteBuffer result =
        io.github.api7.A6.ExtraInfo.Resp.getRootAsResp(payload).resultAsByteBuffer();
    if (result == null) {
      return new byte[0];
    }
    spend(result.remaining());
    byte[] bytes = new byte[result.remaining()];
    result.get(bytes);
    return bytes;
  }

  private int counted(int length) {
    if (length < 0 || length > entriesLeft) {
      throw new MalformedFrameException("more than " + MOST_ENTRIES + " entries");
    }
    return length;
  }

  /** APISIX gives names in lower case, but for those that a plugin of the route has set. */
  private static WireEntry header(WireEntry entry) {
    return new WireEntry(entry.name().toLowerCase(Locale.ROOT), entry.value());
  }

  private WireEntry entry(@Nullable TextEntry entry) {
    if (entry == null || --entriesLeft < 0) {
      throw new MalformedFrameException("an entry that is not there");
    }
    ByteBuffer value = entry.valueAsByteBuffer();
    return new WireEntry(required(entry.nameAsByteBuffer()), value == null ? null : text(value));
  }

  private String required(@Nullable ByteBuffer text) {
    if (text == null) {
      throw new MalformedFrameException("a name or a path is missing");
    }
    return text(text);
  }

  private String text(ByteBuffer text) {
    int length = text.remaining();
    spend(length);
    return new String(
        text.array(), text.arrayOffset() + text.position(), length, StandardCharsets.ISO_8859_1);
  }

  private void spend(int bytes) {
    bytesLeft -= bytes;
    if (bytesLeft < 0) {
      throw new MalformedFrameException("entries that share their bytes");
    }
  }

  private static InetAddress address(@Nullable ByteBuffer source) {
    if (source == null || (source.remaining() != 4 && source.remaining() != 16)) {
      throw new MalformedFrameException("the peer has no address of 4 or 16 bytes");
    }
    byte[] bytes = new byte[source.remaining()];
    source.get(bytes);
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new MalformedFrameException("the peer has no address");
    }
  }
}
