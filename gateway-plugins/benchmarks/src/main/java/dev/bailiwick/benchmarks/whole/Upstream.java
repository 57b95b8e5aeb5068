// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.benchmarks.whole;

import java.nio.charset.StandardCharsets;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServer;

/** A SaaS that answers at once: one incident, about a kilobyte of JSON. */
final class Upstream {
  private Upstream() {}

  public static void main(String[] arguments) {
    StringBuilder body = new StringBuilder("{\"result\":{\"number\":\"INC0010001\"");
    for (int i = 0; i < 16; i++) {
      body.append(",\"u_note_%d\":\"the quick brown fox jumps over the lazy dog\"".formatted(i));
    }
    byte[] json = body.append("}}").toString().getBytes(StandardCharsets.UTF_8);
    HttpServer.create()
        .host("127.0.0.1")
        .port(Integer.parseInt(arguments[0]))
        .handle(
            (request, response) ->
                response
                    .header("Content-Type", "application/json")
                    .header("Content-Length", String.valueOf(json.length))
                    .sendByteArray(Mono.just(json)))
        .bindNow()
        .onDispose()
        .block();
  }
}
