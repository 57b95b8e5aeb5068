// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.gateway.UpstreamMeter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.util.ArrayList;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.EndpointAccessResolver;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.cloud.gateway.actuate.AbstractGatewayControllerEndpoint;
import org.springframework.cloud.gateway.config.GatewayAutoConfiguration;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.config.HttpServerProperties;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.factory.cache.GlobalLocalResponseCacheGatewayFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import reactor.netty.http.client.HttpClient;

/**
 * Puts Bailiwick into a Spring Cloud Gateway. There is no property that switches the filter off: a
 * gateway that should not decide has no Bailiwick on its class path.
 */
@AutoConfiguration(after = GatewayAutoConfiguration.class)
@ConditionalOnClass(GlobalFilter.class)
@ConditionalOnProperty(
    name = "spring.cloud.gateway.server.webflux.enabled",
    havingValue = "true",
    matchIfMissing = true)
@EnableConfigurationProperties(BailiwickProperties.class)
@Import(CoreConfiguration.class)
public class BailiwickAutoConfiguration {

  @Bean
  RouteGuard bailiwickRouteGuard(Core core) {
    return new RouteGuard(core::bundle);
  }

  @Bean
  BailiwickGatewayFilterFactory bailiwickGatewayFilterFactory(
      Core core, ObjectProvider<ObservationRegistry> observations) {
    return new BailiwickGatewayFilterFactory(
        core.pipeline(),
        new ExchangeObservations(observations.getIfAvailable(() -> ObservationRegistry.NOOP)));
  }

  @Bean
  UpstreamFilter bailiwickUpstreamFilter(Core core, RouteGuard guard) {
    return new UpstreamFilter(core.pipeline(), guard);
  }

  @Bean
  ClientCertificateFilter bailiwickClientCertificateFilter(
      HttpClient client,
      ObjectProvider<List<HttpHeadersFilter>> headersFilters,
      HttpClientProperties properties,
      ServerProperties server,
      SslBundles bundles) {
    return new ClientCertificateFilter(
        client, headersFilters, properties, new ClientTls(properties.getSsl(), server, bundles));
  }

  @Bean
  InjectionHeadersFilter bailiwickInjectionHeadersFilter() {
    return new InjectionHeadersFilter();
  }

  @Bean
  WireCheck bailiwickWireCheck() {
    return new WireCheck();
  }

  @Bean
  RouteLocator bailiwickRoutes(
      Core core, BailiwickGatewayFilterFactory factory, BailiwickProperties properties) {
    return new BundleRoutes(
        core::bundle, factory.apply(), properties.isRoutes(), properties.isDenyUnmatched());
  }

  @Bean
  SafetyChecks bailiwickSafetyChecks(
      RouteGuard guard, RouteLocator routes, ObjectProvider<SettingCheck> settings) {
    return new SafetyChecks(guard, routes, settings.orderedStream().toList());
  }

  @Bean
  SettingCheck bailiwickCacheCheck(ObjectProvider<GlobalLocalResponseCacheGatewayFilter> caches) {
    return () ->
        caches.stream()
            .map(
                cache ->
                    "The global LocalResponseCache answers one agent with what another may read: set"
                        + " spring.cloud.gateway.server.webflux.global-filter.local-response-cache.enabled"
                        + " to false.")
            .toList();
  }

  @Bean
  SettingCheck bailiwickHttpCheck(
      ObjectProvider<HttpClientProperties> clients, ObjectProvider<HttpServerProperties> servers) {
    return () -> {
      List<String> problems = new ArrayList<>();
      clients.ifAvailable(
          client -> {
            if (client.isWiretap()) {
              problems.add(
                  "spring.cloud.gateway.server.webflux.httpclient.wiretap writes credentials to the"
                      + " log: set it to false.");
            }
            if (client.getSsl().isUseInsecureTrustManager()) {
              problems.add(
                  "spring.cloud.gateway.server.webflux.httpclient.ssl.use-insecure-trust-manager"
                      + " sends credentials to whoever answers: set it to false.");
            }
          });
      servers.ifAvailable(
          server -> {
            if (server.isWiretap()) {
              problems.add(
                  "spring.cloud.gateway.server.webflux.httpserver.wiretap writes agents' tokens to"
                      + " the log: set it to false.");
            }
          });
      return problems;
    };
  }

  /** What needs Spring Boot's actuator. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(EndpointAccessResolver.class)
  static class ActuatorConfiguration {

    @Bean
    SettingCheck bailiwickEndpointCheck(
        ObjectProvider<AbstractGatewayControllerEndpoint> endpoints,
        ObjectProvider<EndpointAccessResolver> access) {
      return () ->
          endpoints.stream().findAny().isPresent()
                  && access.stream().anyMatch(ActuatorConfiguration::mayChangeRoutes)
              ? List.of(
                  "The actuator endpoint \"gateway\" lets its callers change routes: set"
                      + " management.endpoint.gateway.access to read-only or none.")
              : List.of();
    }

    private static boolean mayChangeRoutes(EndpointAccessResolver access) {
      return access.accessFor(EndpointId.of("gateway"), Access.NONE) == Access.UNRESTRICTED;
    }
  }

  /** What needs Micrometer, and a registry. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(MeterRegistry.class)
  static class MeterConfiguration {

    @Bean
    @ConditionalOnMissingBean
    UpstreamMeter bailiwickUpstreamMeter(ObjectProvider<MeterRegistry> registries) {
      MeterRegistry registry = registries.getIfAvailable();
      return registry == null ? UpstreamMeter.none() : new UpstreamGauges(registry);
    }
  }

  /** What needs Spring Boot's health module. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(HealthIndicator.class)
  static class HealthConfiguration {

    @Bean
    BailiwickHealthIndicator bailiwickHealthIndicator(Core core, SafetyChecks checks) {
      return new BailiwickHealthIndicator(core, checks);
    }
  }
}
