// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.connector.OutboundRequest;
import java.net.URI;
import java.util.Set;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import reactor.core.publisher.Flux;

/**
 * The request that goes upstream: method, URI, headers and body are the core's, and nothing of what
 * the agent or another filter put there is left.
 */
final class UpstreamRequest extends ServerHttpRequestDecorator {
  private final HttpMethod method;
  private final URI uri;
  private final HttpHeaders headers;
  private final Flux<DataBuffer> body;
  private final Set<String> credentialHeaders;

  UpstreamRequest(
      ServerHttpRequest received,
      Passage passage,
      OutboundRequest request,
      DataBufferFactory buffers) {
    super(received);
    RequestBody content =
        request.body().<RequestBody>map(RequestBody.Held::new).orElse(passage.body());
    method = HttpMethod.valueOf(request.method());
    uri = URI.create(originOf(passage.origin()) + request.target().pathAndQuery());
    headers = HttpHeaders.readOnlyHttpHeaders(headers(request, content));
    body = content.content(buffers);
    credentialHeaders = request.credentialHeaders();
  }

  private static String originOf(URI origin) {
    return origin.getScheme() + "://" + origin.getRawAuthority();
  }

  /** The core's headers and the framing of the body, which belongs to the host. */
  static HttpHeaders headers(OutboundRequest request, RequestBody content) {
    HttpHeaders headers = new HttpHeaders();
    request
        .headers()
        .forEach(
            (name, value) -> {
              if (!Answers.isHopByHop(name) && !isFraming(name)) {
                headers.add(name, value);
              }
            });
    boolean announced =
        switch (content) {
          case RequestBody.None none -> expectsBody(request.method());
          case RequestBody.Held held -> true;
          case RequestBody.Streamed streamed -> streamed.contentLength() >= 0;
        };
    if (announced) {
      headers.setContentLength(content.length());
    }
    return headers;
  }

  private static boolean isFraming(String name) {
    return name.equals("content-length") || name.equals("host") || name.equals("expect");
  }

  /** Methods that announce even an absent body (RFC 9110 §8.6). */
  private static boolean expectsBody(String method) {
    return method.equals("POST") || method.equals("PUT") || method.equals("PATCH");
  }

  /** Names of the headers that carry the credential. */
  Set<String> credentialHeaders() {
    return credentialHeaders;
  }

  @Override
  public HttpMethod getMethod() {
    return method;
  }

  @Override
  public URI getURI() {
    return uri;
  }

  @Override
  public HttpHeaders getHeaders() {
    return headers;
  }

  @Override
  public MultiValueMap<String, HttpCookie> getCookies() {
    return new LinkedMultiValueMap<>();
  }

  @Override
  public Flux<DataBuffer> getBody() {
    return body;
  }

  /** Method and origin only: the inherited form prints the target. */
  @Override
  public String toString() {
    return "UpstreamRequest["
        + method
        + " "
        + uri.getScheme()
        + "://"
        + uri.getRawAuthority()
        + "]";
  }
}
