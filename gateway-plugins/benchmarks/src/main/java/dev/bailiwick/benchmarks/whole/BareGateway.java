// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.benchmarks.whole;

import java.util.Map;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;

/** Spring Cloud Gateway with one route and nothing of ours, otherwise set up like ours. */
final class BareGateway {
  private BareGateway() {}

  @SpringBootConfiguration(proxyBeanMethods = false)
  @EnableAutoConfiguration(excludeName = "dev.bailiwick.gateway.spring.BailiwickAutoConfiguration")
  static class Wiring {}

  public static void main(String[] arguments) {
    String routes = "spring.cloud.gateway.server.webflux.routes[0].";
    var context =
        new SpringApplicationBuilder(Wiring.class)
            .web(WebApplicationType.REACTIVE)
            .properties(
                Map.of(
                    "spring.config.location",
                    "classpath:/bailiwick-gateway.properties",
                    "server.address",
                    "127.0.0.1",
                    "server.port",
                    arguments[0],
                    routes + "id",
                    "bare",
                    routes + "uri",
                    "http://127.0.0.1:" + arguments[1],
                    routes + "predicates[0]",
                    "Path=/servicenow/**",
                    routes + "filters[0]",
                    "StripPrefix=1"))
            .run();
    context.registerShutdownHook();
  }
}
