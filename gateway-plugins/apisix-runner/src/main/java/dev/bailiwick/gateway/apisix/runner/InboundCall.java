// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import dev.bailiwick.connector.Headers;
import dev.bailiwick.gateway.InboundRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A call as the core sees requests: raw, as far as the route keeps the raw target. */
final class InboundCall {
  static final String TARGET = "x-bailiwick-target";
  static final String REQUEST = "x-bailiwick-request";
  static final String PROTOCOL = "x-bailiwick-protocol";

  /** What the route adds for the runner. */
  static final Set<String> OF_THE_ROUTE = Set.of(TARGET, REQUEST, PROTOCOL);

  private static final String UNRESERVED_MARKS = "-._~";

  private InboundCall() {}

  /**
   * The request with every header of the agent.
   *
   * @param rawTarget path and query as they came; null makes them from what nginx decoded
   * @throws IllegalArgumentException when a header line is one that no message may hold
   */
  static InboundRequest of(RequestCall call, @Nullable String rawTarget) {
    List<Headers.Field> fields = new ArrayList<>(call.headers().size());
    for (WireEntry entry : call.headers()) {
      if (!OF_THE_ROUTE.contains(entry.name()) && entry.value() != null) {
        fields.add(new Headers.Field(entry.name(), entry.value()));
      }
    }
    return request(call, rawTarget, Headers.of(fields));
  }

  /** The same without any header, for a request whose lines cannot be read. */
  static InboundRequest withoutHeaders(RequestCall call) {
    return request(call, null, Headers.none());
  }

  private static InboundRequest request(
      RequestCall call, @Nullable String rawTarget, Headers headers) {
    String source = call.source().getHostAddress();
    if (rawTarget == null) {
      return new InboundRequest(
          call.method(),
          encode(call.path(), true),
          query(call.arguments()),
          headers,
          Optional.empty(),
          source);
    }
    int question = rawTarget.indexOf('?');
    return new InboundRequest(
        call.method(),
        question < 0 ? rawTarget : rawTarget.substring(0, question),
        question < 0 ? null : rawTarget.substring(question + 1),
        headers,
        Optional.empty(),
        source);
  }

  private static @Nullable String query(List<WireEntry> arguments) {
    if (arguments.isEmpty()) {
      return null;
    }
    StringBuilder query = new StringBuilder();
    for (WireEntry argument : arguments) {
      if (!query.isEmpty()) {
        query.append('&');
      }
      query.append(encode(argument.name(), false));
      if (argument.value() != null) {
        query.append('=').append(encode(argument.value(), false));
      }
    }
    return query.toString();
  }

  /** Decoded bytes in the one form that decodes to them again. */
  private static String encode(String bytes, boolean path) {
    StringBuilder out = new StringBuilder(bytes.length() + 16);
    for (int i = 0; i < bytes.length(); i++) {
      char c = bytes.charAt(i);
      boolean plain =
          (c >= '0' && c <= '9')
              || (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || UNRESERVED_MARKS.indexOf(c) >= 0
              || (path && c == '/');
      if (plain) {
        out.append(c);
      } else {
        out.append('%')
            .append(Character.toUpperCase(Character.forDigit(c >> 4, 16)))
            .append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
      }
    }
    return out.toString();
  }
}
