// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The body of an agent's request, as far as the gateway has it. */
sealed interface RequestBody {

  /** There is none. */
  record None() implements RequestBody {}

  /** Every byte is in memory, and what is sent is what was decided on. */
  record Held(byte[] bytes) implements RequestBody {}

  /**
   * It passes through, once.
   *
   * @param contentLength announced length; -1 when there is none
   */
  record Streamed(Flux<DataBuffer> bytes, long contentLength) implements RequestBody {}

  /** Whether the body can be sent a second time. */
  default boolean replayable() {
    return !(this instanceof Streamed);
  }

  /** The length to announce upstream; -1 for chunks. */
  default long length() {
    return switch (this) {
      case None none -> 0;
      case Held held -> held.bytes.length;
      case Streamed streamed -> streamed.contentLength;
    };
  }

  /** The bytes for one sending. */
  default Flux<DataBuffer> content(DataBufferFactory buffers) {
    return switch (this) {
      case None none -> Flux.empty();
      case Held held -> Mono.fromSupplier(() -> buffers.wrap(held.bytes)).flux();
      case Streamed streamed -> streamed.bytes;
    };
  }
}
