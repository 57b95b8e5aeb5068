// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.OrderedGatewayFilter;
import org.springframework.cloud.gateway.filter.factory.TokenRelayGatewayFilterFactory;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientManager;

final class RouteGuardTests {
  private static final RouteGuard GUARD =
      new RouteGuard(() -> TestGateway.bundle(URI.create("https://acme.service-now.com")));

  private static Route route(String uri, GatewayFilter... filters) {
    return Route.async()
        .id("r")
        .uri(uri)
        .predicate(exchange -> true)
        .filters(List.of(filters))
        .build();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://acme.service-now.com",
        "https://acme.service-now.com:443",
        "https://ACME.Service-Now.com",
        "https://acme.service-now.com.",
        "https://user@acme.service-now.com",
        "wss://acme.service-now.com",
        "http://acme.service-now.com:443/other/path"
      })
  void problemsWhenUriIsTheUpstreamInAnotherSpellingThenFound(String uri) {
    assertThat(GUARD.problems(List.of(route(uri)))).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://other.service-now.com",
        "https://acme.service-now.com:8443",
        "https://acme.service-now.com.elsewhere.example",
        "forward:/acme.service-now.com",
        "lb://acme"
      })
  void problemsWhenUriIsAnotherThenNone(String uri) {
    assertThat(GUARD.problems(List.of(route(uri)))).isEmpty();
  }

  @Test
  void problemsWhenFilterIsWrappedThenItIsRecognized() {
    GatewayFilter filter =
        new OrderedGatewayFilter(new OrderedGatewayFilter(new DecisionFilter(null, null), 1), 2);

    assertThat(GUARD.problems(List.of(route("https://acme.service-now.com", filter)))).isEmpty();
  }

  @Test
  void problemsWhenTokenRelayStandsBesideTheFilterThenFound() {
    GatewayFilter relay =
        new TokenRelayGatewayFilterFactory(
                new StaticListableBeanFactory()
                    .getBeanProvider(ReactiveOAuth2AuthorizedClientManager.class))
            .apply(config -> {});

    assertThat(
            GUARD.problems(
                List.of(
                    route(
                        "https://acme.service-now.com",
                        new DecisionFilter(null, null),
                        new OrderedGatewayFilter(relay, 1)))))
        .singleElement()
        .asString()
        .contains("TokenRelay");
  }
}
