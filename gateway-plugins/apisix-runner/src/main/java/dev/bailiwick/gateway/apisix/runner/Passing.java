// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.RequestTarget;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An allowed request as a rewrite of what APISIX holds: everything that is sent is set, everything
 * else of the agent's is removed by name, so that what goes upstream is what was authorized.
 */
final class Passing {
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

  /** Headers of the agent's that stay: nginx makes its own of them, or ours is set. */
  private static final Set<String> STAY = Set.of("host", "content-length", "expect");

  private Passing() {}

  static ByteBuffer frame(
      WireWriter writer,
      RequestCall call,
      OutboundRequest request,
      URI origin,
      boolean noBody,
      String correlationId) {
    return writer.rewrite(
        call.id(),
        path(request.target()),
        headers(call, request.headers(), origin, noBody),
        arguments(call, request.target()),
        List.of(new WireEntry("x-correlation-id", correlationId)),
        request.body());
  }

  /** Decoded: APISIX encodes it again, and a segment holds nothing that could then be misread. */
  private static String path(RequestTarget target) {
    if (target.segments().isEmpty()) {
      return "/";
    }
    return bytes("/" + String.join("/", target.segments()) + (target.trailingSlash() ? "/" : ""));
  }

  private static List<WireEntry> headers(
      RequestCall call, Headers sent, URI origin, boolean noBody) {
    Map<String, Integer> places = new HashMap<>();
    List<WireEntry> entries = new ArrayList<>();
    if (noBody) {
      entries.add(new WireEntry("content-length", "0"));
    }
    entries.add(new WireEntry("host", origin.getRawAuthority()));
    for (Headers.Field field : sent.fields()) {
      if (OF_NGINX.contains(field.name())) {
        continue;
      }
      Integer place = places.putIfAbsent(field.name(), entries.size());
      if (place == null) {
        entries.add(new WireEntry(field.name(), field.value()));
      } else {
        // APISIX sets one line a name; RFC 9110 §5.3 lets lines of one name be joined.
        entries.set(
            place, new WireEntry(field.name(), entries.get(place).value() + ", " + field.value()));
      }
    }
    Set<String> removed = new HashSet<>();
    for (WireEntry entry : call.headers()) {
      String name = entry.name();
      // Hops too: in the response phase APISIX sends what is left, a coding it has undone included.
      if (!places.containsKey(name) && !STAY.contains(name) && removed.add(name)) {
        entries.add(new WireEntry(name, null));
      }
    }
    return entries;
  }

  private static List<WireEntry> arguments(RequestCall call, RequestTarget target) {
    if (call.arguments().isEmpty() && target.parameters().isEmpty()) {
      return List.of();
    }
    Set<String> names = new HashSet<>();
    List<WireEntry> entries = new ArrayList<>();
    for (RequestTarget.Parameter parameter : target.parameters()) {
      String name = bytes(parameter.name());
      names.add(name);
      entries.add(new WireEntry(name, bytes(parameter.value())));
    }
    for (WireEntry argument : call.arguments()) {
      if (names.add(argument.name())) {
        entries.add(new WireEntry(argument.name(), null));
      }
    }
    return entries;
  }

  /** UTF-8, one character a byte. */
  private static String bytes(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /** Headers of an answer that is given by a frame; its framing is nginx's. */
  static List<WireEntry> lines(Headers headers) {
    List<WireEntry> entries = new ArrayList<>();
    headers.forEach(
        (name, value) -> {
          if (!OF_NGINX.contains(name)) {
            entries.add(new WireEntry(name, value));
          }
        });
    return entries;
  }

  /** A replaced body of no bytes cannot be said to APISIX, which would send the agent's. */
  static boolean sayable(OutboundRequest request, Optional<String> method) {
    return request.body().map(body -> body.length > 0).orElse(true)
        && method.map(request.method()::equals).orElse(true);
  }
}
