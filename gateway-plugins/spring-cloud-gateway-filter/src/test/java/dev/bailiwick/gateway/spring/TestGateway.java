// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.contract.gateway.RawHttp;
import dev.bailiwick.gateway.GatewayPipeline;
import dev.bailiwick.policy.Bundle;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.reactive.context.ReactiveWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** A real gateway on a loopback port, with a fake core and a fake upstream behind it. */
final class TestGateway implements AutoCloseable {
  final FakeUpstream upstream = new FakeUpstream();
  final FakePipeline pipeline = new FakePipeline(upstream.origin());
  final ConfigurableApplicationContext context;
  final int port;

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {}

  private TestGateway(Class<?>[] extra, List<String> properties) {
    FakeCore core = new FakeCore(pipeline, bundle(upstream.origin()));
    List<String> all = new ArrayList<>(properties);
    all.add("server.port=0");
    all.add("server.address=127.0.0.1");
    all.add("upstream=" + upstream.origin());
    all.add("spring.main.banner-mode=off");
    all.add("logging.level.root=WARN");
    all.add("spring.reactor.netty.shutdown-quiet-period=100ms");
    context =
        new SpringApplicationBuilder(Application.class)
            .sources(extra)
            .web(WebApplicationType.REACTIVE)
            .properties(all.toArray(String[]::new))
            .initializers(
                starting ->
                    ((org.springframework.context.support.GenericApplicationContext) starting)
                        .registerBean(Core.class, () -> core))
            .run();
    port = ((ReactiveWebServerApplicationContext) context).getWebServer().getPort();
  }

  /** A gateway with the routes that the bundle gives it. */
  static TestGateway start(String... properties) {
    List<String> all = new ArrayList<>(Arrays.asList(properties));
    all.add("bailiwick.routes=true");
    all.add("bailiwick.deny-unmatched=true");
    return new TestGateway(new Class<?>[0], all);
  }

  /** A gateway with routes, filters and settings of its own. */
  static TestGateway startWith(List<Class<?>> extra, String... properties) {
    return new TestGateway(extra.toArray(Class<?>[]::new), List.of(properties));
  }

  RawHttp.Response get(String target, String... headers) {
    List<String> lines = new ArrayList<>(List.of("GET " + target + " HTTP/1.1", "Host: gateway"));
    lines.addAll(Arrays.asList(headers));
    return RawHttp.exchange(port, lines.toArray(String[]::new));
  }

  FakeUpstream.Seen onlySeen() {
    List<FakeUpstream.Seen> seen = upstream.seen();
    if (seen.size() != 1) {
      throw new AssertionError("expected one request upstream, found " + seen.size());
    }
    return seen.get(0);
  }

  void reset() {
    pipeline.reset();
    upstream.reset();
  }

  @Override
  public void close() {
    context.close();
    upstream.close();
  }

  static Bundle bundle(URI upstream) {
    return new Bundle(
        new Bundle.Metadata("test", 1),
        new Bundle.Gateway(
            URI.create("https://gateway.example"),
            Bundle.Limits.defaults(),
            Bundle.Dpop.defaults()),
        Map.of(),
        Map.of(
            "servicenow",
            new Bundle.ConnectorRule(
                "servicenow",
                "servicenow",
                "/servicenow",
                upstream,
                "vault:servicenow/test",
                Map.of(),
                Duration.ofSeconds(5),
                Bundle.CallLimits.defaults(),
                Bundle.Limits.defaults().maxBodyBytes())),
        Map.of(),
        Map.of());
  }

  /** A core that is nothing but its parts. */
  static final class FakeCore implements Core {
    private final GatewayPipeline pipeline;
    private final Bundle bundle;
    volatile Optional<String> auditFailure = Optional.empty();
    volatile Optional<String> reloadFailure = Optional.empty();

    FakeCore(GatewayPipeline pipeline, Bundle bundle) {
      this.pipeline = pipeline;
      this.bundle = bundle;
    }

    @Override
    public GatewayPipeline pipeline() {
      return pipeline;
    }

    @Override
    public Bundle bundle() {
      return bundle;
    }

    @Override
    public Optional<String> auditFailure() {
      return auditFailure;
    }

    @Override
    public Optional<String> reloadFailure() {
      return reloadFailure;
    }

    @Override
    public void close() {}
  }
}
