// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.OutboundRequest;
import java.net.URI;
import java.util.HashSet;
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
 * the agent or another filter put there is left. Filters that run late see it without its
 * credential, which only {@link #injected} has.
 */
final class UpstreamRequest extends ServerHttpRequestDecorator {
  /** What an agent authenticates with; only a connector may put one of these on a request. */
  private static final Set<String> AUTHENTICATING =
      Set.of("authorization", "proxy-authorization", "dpop", "cookie");

  private final Passage passage;
  private final HttpMethod method;
  private final URI uri;
  private final HttpHeaders injected;
  private final HttpHeaders shown;
  private final Set<String> authenticating;
  private final Flux<DataBuffer> body;

  UpstreamRequest(
      ServerHttpRequest received,
      Passage passage,
      OutboundRequest request,
      DataBufferFactory buffers) {
    super(received);
    this.passage = passage;
    RequestBody content =
        request.body().<RequestBody>map(RequestBody.Held::new).orElse(passage.body());
    method = HttpMethod.valueOf(request.method());
    uri = URI.create(origin(passage.origin()) + request.target().pathAndQuery());
    authenticating = authenticating(request.credentialHeaders());
    HttpHeaders all = new HttpHeaders();
    HttpHeaders harmless = new HttpHeaders();
    headers(request, all, harmless);
    frame(request, content, received, all, harmless);
    injected = HttpHeaders.readOnlyHttpHeaders(all);
    shown = HttpHeaders.readOnlyHttpHeaders(harmless);
    body = content.content(received, buffers);
  }

  private static String origin(URI origin) {
    return origin.getScheme() + "://" + origin.getRawAuthority();
  }

  private static Set<String> authenticating(Set<String> credentialHeaders) {
    if (AUTHENTICATING.containsAll(credentialHeaders)) {
      return AUTHENTICATING;
    }
    Set<String> names = new HashSet<>(credentialHeaders);
    names.addAll(AUTHENTICATING);
    return names;
  }

  /** The core's headers. */
  private void headers(OutboundRequest request, HttpHeaders all, HttpHeaders harmless) {
    for (Headers.Field field : request.headers().fields()) {
      String name = field.name();
      if (!Answers.isHopByHop(name) && !isFraming(name)) {
        all.add(name, field.value());
        if (!authenticating.contains(name)) {
          harmless.add(name, field.value());
        }
      }
    }
  }

  /** The framing of the body, which belongs to the host. */
  private static void frame(
      OutboundRequest request,
      RequestBody content,
      ServerHttpRequest received,
      HttpHeaders all,
      HttpHeaders harmless) {
    long length = content.length(received);
    boolean absent = content instanceof RequestBody.None && !announcesAbsence(request.method());
    if (length >= 0 && !absent) {
      all.setContentLength(length);
      harmless.setContentLength(length);
    }
  }

  private static boolean isFraming(String name) {
    return name.equals("content-length") || name.equals("host") || name.equals("expect");
  }

  /** Methods that announce even an absent body (RFC 9110 §8.6). */
  private static boolean announcesAbsence(String method) {
    return method.equals("POST") || method.equals("PUT") || method.equals("PATCH");
  }

  /** Every header that is to leave, the credential among them. */
  HttpHeaders injected() {
    return injected;
  }

  /** Names of headers that carry a credential, or would carry one of the agent's. */
  Set<String> authenticating() {
    return authenticating;
  }

  /** The client is about to write it: {@link Passage#handOver}. */
  void handOver() {
    passage.handOver();
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
    return shown;
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
    return "UpstreamRequest[" + method + " " + origin(uri) + "]";
  }
}
