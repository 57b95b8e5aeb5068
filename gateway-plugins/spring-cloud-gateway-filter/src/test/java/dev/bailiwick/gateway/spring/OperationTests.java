// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.contract.gateway.RawHttp;
import dev.bailiwick.gateway.Denial;
import dev.bailiwick.gateway.DenyReason;
import dev.bailiwick.gateway.UpstreamCall.Next;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.cloud.gateway.event.RefreshRoutesEvent;
import org.springframework.cloud.gateway.event.RefreshRoutesResultEvent;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.cloud.gateway.route.RouteDefinitionWriter;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import reactor.core.publisher.Mono;

/** What an operator sees of a running gateway, and what happens when its routes change. */
@Timeout(60)
final class OperationTests {
  private static final List<Map<String, String>> OBSERVED = new CopyOnWriteArrayList<>();

  private static TestGateway gateway;

  static class Watching {
    @Bean
    ObservationHandler<Observation.Context> recording() {
      return new ObservationHandler<>() {
        @Override
        public boolean supportsContext(Observation.Context context) {
          return true;
        }

        @Override
        public void onStop(Observation.Context context) {
          if (context.getName().equals(ExchangeObservations.NAME)) {
            OBSERVED.add(
                context.getAllKeyValues().stream()
                    .collect(Collectors.toMap(key -> key.getKey(), key -> key.getValue())));
          }
        }
      };
    }
  }

  @BeforeAll
  static void start() {
    gateway =
        TestGateway.startWith(
            List.of(Watching.class), "bailiwick.routes=true", "bailiwick.deny-unmatched=true");
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @BeforeEach
  void reset() {
    gateway.reset();
    OBSERVED.clear();
  }

  private static Map<String, String> observed() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (OBSERVED.isEmpty() && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    return OBSERVED.get(0);
  }

  @Test
  void observeWhenAllowedThenSaysSo() throws Exception {
    gateway.get("/servicenow/x");

    assertThat(observed())
        .isEqualTo(Map.of("connector", "servicenow", "decision", "allow", "code", "ALLOW"));
  }

  @Test
  void observeWhenDeniedThenSaysWhy() throws Exception {
    gateway.pipeline.admission = request -> Optional.of(DenyReason.TOKEN_EXPIRED);

    gateway.get("/servicenow/x");

    assertThat(observed())
        .isEqualTo(Map.of("connector", "servicenow", "decision", "deny", "code", "TOKEN_EXPIRED"));
  }

  @Test
  void observeWhenUpstreamAnswerIsReplacedThenSaysWhy() throws Exception {
    gateway.pipeline.answered =
        (status, headers) -> new Next.Replace(FakePipeline.response(DenyReason.UPSTREAM_UNUSABLE));

    gateway.get("/servicenow/x");

    assertThat(observed())
        .isEqualTo(
            Map.of("connector", "servicenow", "decision", "allow", "code", "UPSTREAM_UNUSABLE"));
  }

  @Test
  void observeWhenPathIsUnknownThenConnectorIsNotTheAgentsWord() throws Exception {
    gateway.pipeline.admission = request -> Optional.of(DenyReason.NO_ROUTE);

    gateway.get("/whatever-the-agent-writes");

    assertThat(observed())
        .isEqualTo(Map.of("connector", "none", "decision", "deny", "code", "NO_ROUTE"));
  }

  @Test
  void healthWhenAllIsWellThenNamesThePolicy() {
    Health health = gateway.context.getBean(BailiwickHealthIndicator.class).health();

    assertThat(health.getStatus()).isEqualTo(Status.UP);
    assertThat(health.getDetails()).containsExactly(Map.entry("policy", "test@1"));
  }

  @Test
  void healthWhenEvidenceCannotBeKeptThenDown() {
    TestGateway.FakeCore core = (TestGateway.FakeCore) gateway.context.getBean(Core.class);
    core.auditFailure = Optional.of("the disk is full");

    Health health = gateway.context.getBean(BailiwickHealthIndicator.class).health();
    core.auditFailure = Optional.empty();

    assertThat(health.getStatus()).isEqualTo(Status.DOWN);
    assertThat(health.getDetails()).containsEntry("audit", "the disk is full");
  }

  @Test
  void healthWhenReloadFailedThenUpAndSaysWhy() {
    TestGateway.FakeCore core = (TestGateway.FakeCore) gateway.context.getBean(Core.class);
    core.reloadFailure = Optional.of("bundle.yaml:3:1: unexpected key");

    Health health = gateway.context.getBean(BailiwickHealthIndicator.class).health();
    core.reloadFailure = Optional.empty();

    assertThat(health.getStatus()).isEqualTo(Status.UP);
    assertThat(health.getDetails()).containsEntry("reload", "bundle.yaml:3:1: unexpected key");
  }

  @Test
  void refreshWhenABareRouteArrivesThenItIsDeniedAndReported() throws Exception {
    RouteDefinition bare = new RouteDefinition();
    bare.setId("bare");
    bare.setUri(gateway.upstream.origin());
    bare.setPredicates(List.of(new PredicateDefinition("Path=/bare/**")));
    RouteDefinitionWriter routes = gateway.context.getBean(RouteDefinitionWriter.class);

    refreshed(() -> routes.save(Mono.just(bare)).block());
    RawHttp.Response response = gateway.get("/bare/api/now/table/incident");
    Health health = gateway.context.getBean(BailiwickHealthIndicator.class).health();
    refreshed(() -> routes.delete(Mono.just("bare")).block());

    assertThat(response.status()).isEqualTo(500);
    assertThat(gateway.upstream.seen()).isEmpty();
    assertThat(gateway.pipeline.hostDenials)
        .extracting(Denial::sentence)
        .containsExactly("The route leads to a connector without the Bailiwick filter: add it.");
    assertThat(health.getStatus()).isEqualTo(Status.DOWN);
    assertThat(health.getDetails().get("routes")).asString().contains("Route bare");
    assertThat(gateway.context.getBean(BailiwickHealthIndicator.class).health().getStatus())
        .isEqualTo(Status.UP);
  }

  @Test
  void refreshWhenARouteIsRedirectedToTheUpstreamThenItIsDenied() throws Exception {
    RouteDefinition bare = new RouteDefinition();
    bare.setId("redirected");
    bare.setUri(URI.create("https://other.example"));
    bare.setPredicates(List.of(new PredicateDefinition("Path=/redirected/**")));
    bare.setFilters(
        List.of(new FilterDefinition("SetRequestUri=" + gateway.upstream.origin() + "/api")));
    RouteDefinitionWriter routes = gateway.context.getBean(RouteDefinitionWriter.class);

    refreshed(() -> routes.save(Mono.just(bare)).block());
    RawHttp.Response response = gateway.get("/redirected/x");
    refreshed(() -> routes.delete(Mono.just("redirected")).block());

    assertThat(response.status()).isEqualTo(500);
    assertThat(gateway.upstream.seen()).isEmpty();
  }

  /** Changes routes and waits until the gateway and the check have seen it. */
  private static void refreshed(Runnable change) throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    ApplicationListener<RefreshRoutesResultEvent> listener = event -> done.countDown();
    gateway.context.addApplicationListener(listener);
    change.run();
    gateway.context.publishEvent(new RefreshRoutesEvent(OperationTests.class));
    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
  }
}
