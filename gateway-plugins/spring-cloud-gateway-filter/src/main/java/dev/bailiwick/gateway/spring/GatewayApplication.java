// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.gateway.credential.VaultKey;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.support.GenericApplicationContext;

/**
 * A whole gateway for those who run none yet: Spring Cloud Gateway with one route for every
 * connector of the bundle, and nothing else that answers. Its settings are {@code
 * bailiwick-gateway.properties} in this jar and {@link Settings}; it reads no configuration file of
 * the directory that it is started in. Thread-safe.
 */
public final class GatewayApplication implements AutoCloseable {
  /**
   * What a gateway is started with.
   *
   * @param bundle the policy bundle
   * @param vault the vault file with the stored credentials
   * @param vaultKey what opens the vault
   * @param audit the directory of the audit trail
   * @param address the address to listen on
   * @param port the port to listen on; 0 takes one that is free
   * @param more further Spring properties, such as {@code server.ssl.bundle}; they win
   */
  public record Settings(
      Path bundle,
      Path vault,
      VaultKey vaultKey,
      Path audit,
      String address,
      int port,
      Map<String, String> more) {
    public Settings {
      more = Map.copyOf(more);
    }

    /** A gateway that only this host reaches. */
    public static Settings loopback(
        Path bundle, Path vault, VaultKey vaultKey, Path audit, int port) {
      return new Settings(bundle, vault, vaultKey, audit, "127.0.0.1", port, Map.of());
    }
  }

  private final ConfigurableApplicationContext context;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final URI uri;

  private GatewayApplication(ConfigurableApplicationContext context, Settings settings) {
    this.context = context;
    this.uri = uri(context, settings);
    context.addApplicationListener(
        event -> {
          if (event instanceof ContextClosedEvent) {
            stopped.countDown();
          }
        });
  }

  /**
   * Starts a gateway and returns when it serves.
   *
   * @throws GatewayStartException with every reason why it does not
   */
  public static GatewayApplication start(Settings settings) {
    try {
      ConfigurableApplicationContext context =
          new SpringApplicationBuilder(Wiring.class)
              .web(WebApplicationType.REACTIVE)
              .registerShutdownHook(true)
              .initializers(
                  starting ->
                      ((GenericApplicationContext) starting)
                          .registerBean(VaultKey.class, settings::vaultKey))
              .run(arguments(settings));
      return new GatewayApplication(context, settings);
    } catch (RuntimeException e) {
      throw reason(e, settings);
    }
  }

  /** Arguments win over the environment: what was asked for is what runs. */
  private static String[] arguments(Settings settings) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("spring.config.location", "classpath:/bailiwick-gateway.properties");
    properties.put("server.address", settings.address());
    properties.put("server.port", String.valueOf(settings.port()));
    properties.put("bailiwick.bundle", settings.bundle().toString());
    properties.put("bailiwick.vault.file", settings.vault().toString());
    properties.put("bailiwick.audit.directory", settings.audit().toString());
    properties.putAll(settings.more());
    List<String> arguments = new ArrayList<>();
    properties.forEach((name, value) -> arguments.add("--" + name + "=" + value));
    return arguments.toArray(String[]::new);
  }

  private static RuntimeException reason(RuntimeException thrown, Settings settings) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof GatewayStartException known) {
        return known;
      }
      if (cause instanceof PortInUseException) {
        return new GatewayStartException(
            "Port "
                + settings.port()
                + " of "
                + settings.address()
                + " is taken: stop what listens there, or choose another port.");
      }
    }
    return thrown;
  }

  private static URI uri(ConfigurableApplicationContext context, Settings settings) {
    String port = context.getEnvironment().getRequiredProperty("local.server.port");
    boolean tls =
        settings.more().keySet().stream().anyMatch(name -> name.startsWith("server.ssl."));
    String host =
        settings.address().contains(":") ? "[" + settings.address() + "]" : settings.address();
    return URI.create((tls ? "https" : "http") + "://" + host + ":" + port);
  }

  /** Where it listens: scheme, address and port. */
  public URI uri() {
    return uri;
  }

  /** The bundle in force, as {@code name@version}. */
  public String policy() {
    return context.getBean(Core.class).bundle().id();
  }

  /** Waits until the gateway is stopped, by {@link #close} or by a signal. */
  public void await() throws InterruptedException {
    stopped.await();
  }

  /** Stops taking requests, lets those under way finish, and makes the evidence durable. */
  @Override
  public void close() {
    context.close();
  }

  /** No component scan: what is wired is what auto-configuration brings. */
  @SpringBootConfiguration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Wiring {
    /**
     * An agent that stops sending in the middle of a request does not hold a connection for long.
     */
    @Bean
    NettyServerCustomizer bailiwickReadTimeout() {
      return server -> server.readTimeout(Duration.ofSeconds(30));
    }
  }
}
