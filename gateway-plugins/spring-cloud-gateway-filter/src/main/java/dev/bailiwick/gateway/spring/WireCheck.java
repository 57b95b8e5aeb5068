// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import java.util.List;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientRequest;

/**
 * The last look at an allowed request, when the client is about to write it: the credential is on
 * it, nothing else that authenticates is, and nobody gave it up. Otherwise it is not written.
 */
final class WireCheck implements HttpClientCustomizer {

  @Override
  public HttpClient customize(HttpClient client) {
    return client.doOnRequest((request, connection) -> check(request));
  }

  private static void check(HttpClientRequest request) {
    UpstreamRequest decided =
        request.currentContextView().getOrDefault(UpstreamRequest.class, null);
    if (decided == null) {
      return;
    }
    for (String name : decided.authenticating()) {
      List<String> wanted = decided.injected().get(name);
      boolean asDecided =
          wanted == null
              ? !request.requestHeaders().contains(name)
              : request.requestHeaders().getAll(name).equals(wanted);
      if (!asDecided) {
        throw new IllegalStateException(
            "the gateway's client would not send " + name + " as decided");
      }
    }
    decided.handOver();
  }
}
