// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.connector.Headers;
import dev.bailiwick.gateway.GatewayResponse;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Mono;

/** Puts the core's answers on the host's response. */
final class Answers {
  /** Belong to one connection and are made anew for the next (RFC 9110 §7.6.1). */
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private Answers() {}

  /**
   * @param name in lower case
   */
  static boolean isHopByHop(String name) {
    return HOP_BY_HOP.contains(name);
  }

  /** Sends an answer that the gateway gives by itself. */
  static Mono<Void> write(ServerHttpResponse response, GatewayResponse answer) {
    head(response, answer.status(), answer.headers());
    announce(response, answer.body().length);
    DataBuffer body = response.bufferFactory().wrap(answer.body());
    return response.writeWith(Mono.just(body));
  }

  /**
   * Sets status and headers. A header that is there already is replaced; those of the connection
   * stay the host's.
   */
  static void head(ServerHttpResponse response, int status, Headers headers) {
    response.setStatusCode(HttpStatusCode.valueOf(status));
    HttpHeaders target = response.getHeaders();
    // Mostly one name, of the server's own framing.
    for (String name : List.copyOf(target.headerNames())) {
      if (headers.has(name) && !isHopByHop(name.toLowerCase(Locale.ROOT))) {
        target.remove(name);
      }
    }
    for (Headers.Field field : headers.fields()) {
      if (!isHopByHop(field.name())) {
        target.add(field.name(), field.value());
      }
    }
    if (headers.has(HttpHeaders.CONTENT_LENGTH)) {
      target.remove(HttpHeaders.TRANSFER_ENCODING);
    }
  }

  private static void announce(ServerHttpResponse response, int length) {
    response.getHeaders().setContentLength(length);
    response.getHeaders().remove(HttpHeaders.TRANSFER_ENCODING);
  }

  /** The body will have another length than its head says. */
  static void forgetLength(ServerHttpResponse response) {
    response.getHeaders().remove(HttpHeaders.CONTENT_LENGTH);
    response.getHeaders().set(HttpHeaders.TRANSFER_ENCODING, "chunked");
  }
}
