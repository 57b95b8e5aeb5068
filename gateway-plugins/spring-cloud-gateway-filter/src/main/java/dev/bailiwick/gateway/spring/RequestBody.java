// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.http.server.reactive.ServerHttpRequest;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The body of an agent's request, as far as the gateway has it. */
sealed interface RequestBody {

  /** There is none. */
  record None() implements RequestBody {}

  /** Every byte is in memory: what is sent is what was decided on. */
  record Held(byte[] bytes) implements RequestBody {}

  /** Nothing was decided on it; it passes through, once. */
  record Streamed() implements RequestBody {}

  /** Whether the body can be sent a second time. */
  default boolean replayable() {
    return !(this instanceof Streamed);
  }

  /** The length to announce; -1 when only its end will tell. */
  default long length(ServerHttpRequest carrier) {
    return switch (this) {
      case None none -> 0;
      case Held held -> held.bytes.length;
      case Streamed streamed -> carrier.getHeaders().getContentLength();
    };
  }

  /** The bytes for one sending. */
  default Flux<DataBuffer> content(ServerHttpRequest carrier, DataBufferFactory buffers) {
    return switch (this) {
      case None none -> Flux.empty();
      case Held held -> Mono.fromSupplier(() -> buffers.wrap(held.bytes)).flux();
      case Streamed streamed -> carrier.getBody();
    };
  }
}
