// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.contract.gateway.RawHttp;
import dev.bailiwick.gateway.Denial;
import dev.bailiwick.gateway.DenyReason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.Ordered;

/** What the filters of a company's own gateway can do to an allowed request: nothing. */
@ExtendWith(NoBufferLeaks.class)
@Timeout(60)
final class NeighbourFilterTests {
  private static final String CACHING = "spring.cloud.gateway.server.webflux.routes[1].filters[1].";

  private static TestGateway gateway;

  @BeforeAll
  static void start() {
    List<String> properties = new ArrayList<>();
    route(properties, 0, "rewriting", REWRITING);
    route(properties, 1, "caching", List.of("Bailiwick"));
    properties.add(CACHING + "name=CacheRequestBody");
    properties.add(CACHING + "args.bodyClass=java.lang.String");
    route(properties, 2, "(.*)", List.of("Bailiwick"));
    properties.add(
        "spring.cloud.gateway.server.webflux.default-filters[0]=AddResponseHeader=X-Ours, 1");
    gateway = TestGateway.startWith(List.of(Neighbours.class), properties.toArray(String[]::new));
  }

  private static final List<String> REWRITING =
      List.of(
          "AddRequestHeader=X-Extra, 1",
          "SetRequestHeader=Authorization, Bearer other",
          "RemoveRequestHeader=Accept",
          "PreserveHostHeader",
          "StripPrefix=1",
          "RewritePath=/.*, /elsewhere",
          "AddRequestParameter=b, 2",
          "Bailiwick");

  /** A route as an operator writes it. */
  private static void route(List<String> properties, int index, String name, List<String> filters) {
    String route = "spring.cloud.gateway.server.webflux.routes[" + index + "].";
    properties.add(route + "id=route-" + index);
    properties.add(route + "uri=${upstream}");
    properties.add(route + "predicates[0]=Path=/servicenow/**");
    properties.add(route + "predicates[1]=Header=" + Neighbours.CASE + ", " + name);
    properties.add(route + "metadata.connector=servicenow");
    for (int i = 0; i < filters.size(); i++) {
      properties.add(route + "filters[" + i + "]=" + filters.get(i));
    }
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @BeforeEach
  void reset() {
    gateway.reset();
    Neighbours.SEEN.clear();
  }

  private static RawHttp.Response get(String name) {
    return gateway.get(
        "/servicenow/x?a=1", Neighbours.CASE + ": " + name, "Authorization: DPoP agent-token");
  }

  private static FakeUpstream.Seen expectAsDecided(RawHttp.Response response) {
    assertThat(response.status()).isEqualTo(200);
    FakeUpstream.Seen seen = gateway.onlySeen();
    assertThat(seen.requestLine()).isEqualTo("GET /x?a=1 HTTP/1.1");
    assertThat(seen.headers().all("authorization")).containsExactly(FakePipeline.CREDENTIAL);
    assertThat(seen.headers().all("accept")).containsExactly("application/json");
    assertThat(seen.headers().all("host"))
        .containsExactly(gateway.upstream.origin().getAuthority());
    return seen;
  }

  private static void expectNothingSent(RawHttp.Response response, int status) {
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.text()).doesNotContain("at dev.bailiwick", "broken");
    assertThat(gateway.upstream.seen()).isEmpty();
  }

  @Test
  void sendWhenRouteIsWrittenInYamlThenItIsDecidedAndSent() {
    RawHttp.Response response = get("plain");

    expectAsDecided(response);
    assertThat(response.header("x-ours")).contains("1");
  }

  @Test
  void sendWhenRouteIsBuiltInJavaThenItIsDecidedAndSent() {
    expectAsDecided(get("java"));
  }

  @Test
  void sendWhenOtherFiltersRewriteTheRequestThenItGoesAsDecided() {
    FakeUpstream.Seen seen = expectAsDecided(get("rewriting"));

    assertThat(seen.headers().has("x-extra")).isFalse();
    assertThat(gateway.pipeline.admitted.get(0).rawPath()).isEqualTo("/servicenow/x");
  }

  @Test
  void sendWhenAHeaderFilterAddsSomethingThenItStays() {
    FakeUpstream.Seen seen = expectAsDecided(get("adding"));

    assertThat(seen.headers().has("x-added")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void sendWhenAnotherFilterReadsTheBodyThenItIsStillSent(boolean needsBody) {
    gateway.pipeline.needsBody = needsBody;

    RawHttp.Response response =
        RawHttp.exchange(
            gateway.port,
            ("POST /servicenow/x HTTP/1.1\r\nHost: gateway\r\nX-Case: caching\r\n"
                    + "Content-Length: 4\r\n\r\n{ab}")
                .getBytes(StandardCharsets.US_ASCII));

    assertThat(response.status()).isEqualTo(200);
    assertThat(gateway.onlySeen().text()).isEqualTo("{ab}");
  }

  @Test
  void sendWhenOtherFiltersLookThenNoneSeesTheCredential() {
    get("onlookers");

    assertThat(gateway.onlySeen().headers().first("authorization"))
        .contains(FakePipeline.CREDENTIAL);
    assertThat(Neighbours.SEEN)
        .hasSize(4)
        .noneMatch(text -> text.contains(FakePipeline.CREDENTIAL.substring("Bearer ".length())));
  }

  @ParameterizedTest
  @ValueSource(strings = {"limiter", "late-limiter"})
  void sendWhenAnotherFilterAnswersThenCoreIsToldAndNothingIsSent(String name) {
    RawHttp.Response response = get(name);

    expectNothingSent(response, 429);
    assertThat(gateway.pipeline.reports).containsExactly("unsent UPSTREAM_FAILED");
  }

  @Test
  void sendWhenAnotherFilterFailsThenCoreIsToldAndNothingIsSent() {
    RawHttp.Response response = get("failing");

    expectNothingSent(response, 500);
    assertThat(gateway.pipeline.reports).containsExactly("unsent UPSTREAM_FAILED");
  }

  @Test
  void sendWhenAnotherFilterRepeatsTheRequestThenItIsSentOnce() {
    RawHttp.Response response = get("repeating");

    assertThat(response.status()).isEqualTo(500);
    assertThat(gateway.upstream.seen()).hasSize(1);
    assertThat(gateway.pipeline.hostDenials)
        .extracting(Denial::reason)
        .containsExactly(DenyReason.INTERNAL);
  }

  @ParameterizedTest
  @ValueSource(strings = {"relaying", "replacing", "redirecting"})
  void sendWhenTheDecidedRequestIsTamperedWithThenNothingIsSent(String name) {
    RawHttp.Response response = get(name);

    expectNothingSent(response, 502);
    assertThat(gateway.pipeline.reports).containsExactly("failed IllegalStateException");
  }

  @Test
  void sendWhenTheClientLosesTheCredentialThenNothingIsSent() {
    RawHttp.Response response = gateway.get("/servicenow/thief", Neighbours.CASE + ": plain");

    expectNothingSent(response, 502);
    assertThat(gateway.pipeline.reports).containsExactly("failed IllegalStateException");
  }

  @Test
  void ordersAreThoseThatEverythingRestsOn() {
    assertThat(DecisionFilter.ORDER).isLessThan(-1);
    assertThat(UpstreamFilter.ORDER)
        .isGreaterThan(10_150)
        .isLessThan(Ordered.LOWEST_PRECEDENCE - 1);
    assertThat(new InjectionHeadersFilter().getOrder()).isEqualTo(Ordered.LOWEST_PRECEDENCE);
  }
}
