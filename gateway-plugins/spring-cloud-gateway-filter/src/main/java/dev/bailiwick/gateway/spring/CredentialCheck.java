// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import java.util.List;
import java.util.Set;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;

/**
 * The last look at the headers of an allowed request, after every other header filter: the
 * credential is there, nothing of the agent's that authenticates is, and what others added is gone.
 * Otherwise the request is not sent.
 */
final class CredentialCheck implements HttpHeadersFilter, Ordered {
  /** What an agent authenticates with; only the connector may have put one of these there. */
  private static final Set<String> AUTHENTICATING =
      Set.of("authorization", "proxy-authorization", "dpop", "cookie");

  @Override
  public int getOrder() {
    return Ordered.LOWEST_PRECEDENCE;
  }

  @Override
  public HttpHeaders filter(HttpHeaders headers, ServerWebExchange exchange) {
    if (Passage.of(exchange) == null) {
      return headers;
    }
    if (!(exchange.getRequest() instanceof UpstreamRequest request)) {
      throw new IllegalStateException("another filter replaced the request after its credential");
    }
    HttpHeaders decided = request.getHeaders();
    request.credentialHeaders().forEach(name -> requireSame(name, headers, decided));
    AUTHENTICATING.forEach(name -> requireSame(name, headers, decided));
    return HttpHeaders.copyOf(decided);
  }

  private static void requireSame(String name, HttpHeaders found, HttpHeaders decided) {
    if (!found.getOrDefault(name, List.of()).equals(decided.getOrDefault(name, List.of()))) {
      throw new IllegalStateException("a header filter of this gateway changed " + name);
    }
  }
}
