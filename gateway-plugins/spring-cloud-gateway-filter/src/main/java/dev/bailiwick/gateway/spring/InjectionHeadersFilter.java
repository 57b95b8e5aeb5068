// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import java.util.Objects;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;

/**
 * Puts the credential on an allowed request, after every other filter and header filter of the
 * gateway: what the core decided leaves, and what others added does not. A request that was
 * tampered with since it was decided is not sent.
 */
final class InjectionHeadersFilter implements HttpHeadersFilter, Ordered {

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
      throw new IllegalStateException("another filter replaced the request after it was decided");
    }
    Object target = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR);
    if (!Objects.equals(target, request.getURI())) {
      throw new IllegalStateException("another filter sent the request elsewhere");
    }
    for (String name : request.authenticating()) {
      if (headers.containsHeader(name)) {
        throw new IllegalStateException("another filter of this gateway set " + name);
      }
    }
    return request.injected();
  }
}
