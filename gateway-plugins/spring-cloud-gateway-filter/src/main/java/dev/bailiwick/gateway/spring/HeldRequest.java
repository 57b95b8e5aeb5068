// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import reactor.core.publisher.Flux;

/** A request whose body was read already, for the filters that come after. */
final class HeldRequest extends ServerHttpRequestDecorator {
  private final RequestBody body;
  private final DataBufferFactory buffers;

  HeldRequest(ServerHttpRequest request, RequestBody body, DataBufferFactory buffers) {
    super(request);
    this.body = body;
    this.buffers = buffers;
  }

  @Override
  public Flux<DataBuffer> getBody() {
    return body.content(getDelegate(), buffers);
  }
}
