// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import dev.bailiwick.connector.Headers;
import dev.bailiwick.gateway.AnnouncedBody;
import dev.bailiwick.gateway.InboundRequest;
import io.github.api7.A6.HTTPReqCall.Req;
import io.github.api7.A6.Method;
import io.github.api7.A6.TextEntry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A call as APISIX sent it: every header line, where the runner's own request keeps the last of
 * equal names only. Text is bytes to nginx: a string here holds one character a byte.
 *
 * @param method upper-case method
 * @param path as the route left it
 * @param lines header lines; names in lower case
 * @param arguments names of the arguments that APISIX holds
 * @param source address of the peer, as nginx sees it
 */
record RunnerCall(
    long id,
    long token,
    String method,
    String path,
    List<Line> lines,
    Set<String> arguments,
    String source) {

  /** The request line's target, which the route puts here. */
  private static final String TARGET = "x-bailiwick-target";

  /** nginx's id of the request, which the route puts here. */
  private static final String REQUEST = "x-bailiwick-request";

  /** The request's protocol, which the route puts here. */
  private static final String PROTOCOL = "x-bailiwick-protocol";

  private static final Set<String> OF_THE_ROUTE = Set.of(TARGET, REQUEST, PROTOCOL);

  private static final Set<String> FRAMING = Set.of("content-length", "transfer-encoding");

  record Line(String name, String value) {
    @Override
    public String toString() {
      return name + ": (" + value.length() + " characters)";
    }
  }

  /**
   * @throws RuntimeException when the payload is no such call
   */
  static RunnerCall read(byte[] payload) {
    Req call = Req.getRootAsReq(ByteBuffer.wrap(payload));
    List<Line> lines = new ArrayList<>(call.headersLength());
    for (int i = 0; i < call.headersLength(); i++) {
      TextEntry entry = call.headers(i);
      lines.add(
          new Line(
              text(entry.nameAsByteBuffer()).toLowerCase(Locale.ROOT),
              text(entry.valueAsByteBuffer())));
    }
    Set<String> arguments = new LinkedHashSet<>();
    for (int i = 0; i < call.argsLength(); i++) {
      arguments.add(text(call.args(i).nameAsByteBuffer()));
    }
    return new RunnerCall(
        call.id(),
        call.confToken(),
        Method.name(call.method()),
        text(call.pathAsByteBuffer()),
        List.copyOf(lines),
        arguments,
        source(call));
  }

  private static String text(@Nullable ByteBuffer bytes) {
    return bytes == null ? "" : StandardCharsets.ISO_8859_1.decode(bytes).toString();
  }

  private static String source(Req call) {
    byte[] address = new byte[call.srcIpLength()];
    for (int i = 0; i < address.length; i++) {
      address[i] = (byte) call.srcIp(i);
    }
    try {
      return InetAddress.getByAddress(address).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("a source of " + address.length + " bytes", e);
    }
  }

  /** The value of a header that stands there once. */
  private Optional<String> single(String name) {
    List<String> values =
        lines.stream().filter(line -> line.name.equals(name)).map(Line::value).toList();
    return values.size() == 1 ? Optional.of(values.get(0)) : Optional.empty();
  }

  /** What the report on this request will name it by. */
  Optional<String> request() {
    return single(REQUEST);
  }

  /**
   * Whether the route tells the request line's target. An agent that tells one by itself is found
   * out: the path that APISIX holds is another.
   */
  boolean keepsTarget() {
    return single(TARGET).filter(target -> pathOf(target).equals(path)).isPresent();
  }

  /** Whether the route tells the protocol. */
  boolean keepsProtocol() {
    return single(PROTOCOL).isPresent();
  }

  private static String pathOf(String target) {
    int question = target.indexOf('?');
    return question < 0 ? target : target.substring(0, question);
  }

  /**
   * The request with every header of the agent.
   *
   * @throws IllegalArgumentException when a header line is one that no message may hold
   */
  InboundRequest inbound() {
    return inbound(headers(line -> !OF_THE_ROUTE.contains(line.name)));
  }

  private Headers headers(Predicate<Line> wanted) {
    return Headers.of(
        lines.stream()
            .filter(wanted)
            .map(line -> new Headers.Field(line.name, line.value))
            .toList());
  }

  /** The same without any header, for a request whose lines cannot be read. */
  InboundRequest withoutHeaders() {
    return inbound(Headers.none());
  }

  private InboundRequest inbound(Headers headers) {
    String target = single(TARGET).orElse(path);
    int question = target.indexOf('?');
    return new InboundRequest(
        method,
        pathOf(target),
        question < 0 ? null : target.substring(question + 1),
        headers,
        Optional.empty(),
        source);
  }

  /**
   * What the head says about the body.
   *
   * @param told whether the route tells the protocol
   */
  AnnouncedBody announcedBody(boolean told) {
    return AnnouncedBody.of(
        headers(line -> FRAMING.contains(line.name)), told ? single(PROTOCOL).orElse(null) : null);
  }
}
