// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Gateways that are put together so that a decision could be undone: none of them starts. */
final class SafetyChecksTests {
  private static final String GATEWAY = "spring.cloud.gateway.server.webflux.";
  private static final String ROUTE = GATEWAY + "routes[0].";

  /** Why a gateway with these properties does not start. */
  private static AbstractStringAssert<?> assertStartDenied(String... properties) {
    Throwable thrown = catchThrowable(() -> TestGateway.startWith(List.of(), properties).close());
    assertThat(thrown).as("it started").isNotNull();
    while (!(thrown instanceof GatewayStartException) && thrown.getCause() != null) {
      thrown = thrown.getCause();
    }
    assertThat(thrown).isInstanceOf(GatewayStartException.class);
    return assertThat(thrown.getMessage());
  }

  private static String[] route(String uri, String... more) {
    List<String> properties = new ArrayList<>();
    properties.add(ROUTE + "id=bare");
    properties.add(ROUTE + "uri=" + uri);
    properties.add(ROUTE + "predicates[0]=Path=/anything/**");
    properties.addAll(Arrays.asList(more));
    return properties.toArray(String[]::new);
  }

  @Test
  void startWhenRouteNamesAConnectorWithoutFilterThenDenied() {
    assertStartDenied(route("https://other.example", ROUTE + "metadata.connector=servicenow"))
        .contains("Route bare leads to connector servicenow without the Bailiwick filter");
  }

  @Test
  void startWhenRouteLeadsToAnUpstreamWithoutFilterThenDenied() {
    assertStartDenied(route("${upstream}"))
        .contains("Route bare leads to connector servicenow without the Bailiwick filter");
  }

  @Test
  void startWhenRouteLeadsElsewhereThenStarts() {
    TestGateway.startWith(List.of(), route("https://other.example")).close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Retry=3", "LocalResponseCache=10m,1MB"})
  void startWhenDecidedRouteHasAHarmfulFilterThenDenied(String filter) {
    assertStartDenied(
            route(
                "${upstream}",
                ROUTE + "filters[0]=Bailiwick",
                ROUTE + "filters[1]=" + filter,
                GATEWAY + "filter.local-response-cache.enabled=true",
                GATEWAY + "global-filter.local-response-cache.enabled=false"))
        .contains("Route bare: " + filter.substring(0, filter.indexOf('=')))
        .contains("Remove it.");
  }

  @Test
  void startWhenEveryRouteIsCachedThenDenied() {
    assertStartDenied(GATEWAY + "filter.local-response-cache.enabled=true")
        .contains("global LocalResponseCache");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "httpclient.wiretap",
        "httpserver.wiretap",
        "httpclient.ssl.use-insecure-trust-manager"
      })
  void startWhenASettingShowsCredentialsThenDenied(String setting) {
    assertStartDenied(GATEWAY + setting + "=true").contains(GATEWAY + setting);
  }

  @Test
  void startWhenActuatorMayChangeRoutesThenDenied() {
    assertStartDenied(
            "management.endpoints.web.exposure.include=gateway",
            "management.endpoint.gateway.access=unrestricted")
        .contains("management.endpoint.gateway.access");
  }

  @Test
  void startWhenActuatorMayOnlyReadRoutesThenStarts() {
    TestGateway.startWith(
            List.of(),
            "management.endpoints.web.exposure.include=gateway",
            "management.endpoint.gateway.access=read-only")
        .close();
  }

  @Test
  void startWhenRoutesCannotBeReadThenDenied() {
    assertStartDenied(route("https://other.example", ROUTE + "filters[0]=Unheard"))
        .contains("The routes of this gateway cannot be read")
        .contains("Unheard");
  }

  @Test
  void startWhenSeveralThingsAreWrongThenAllAreTold() {
    assertStartDenied(
            route(
                "${upstream}",
                GATEWAY + "httpclient.wiretap=true",
                GATEWAY + "httpserver.wiretap=true"))
        .contains("httpclient.wiretap", "httpserver.wiretap", "Route bare");
  }

  @Test
  void analyzeWhenStartIsDeniedThenPrintsEveryReasonAndNoStackTrace() {
    GatewayStartException denied = new GatewayStartException(List.of("one thing", "another"));

    FailureAnalysis analysis = new GatewayStartFailureAnalyzer().analyze(denied);

    assertThat(analysis.getDescription()).contains("one thing\nanother");
    assertThat(denied.getStackTrace()).isEmpty();
  }
}
