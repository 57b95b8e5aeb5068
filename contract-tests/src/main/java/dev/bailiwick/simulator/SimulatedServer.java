// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.common.FatalStartupException;
import com.github.tomakehurst.wiremock.common.Json;
import com.github.tomakehurst.wiremock.core.Options;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.http.AdminRequestHandler;
import com.github.tomakehurst.wiremock.http.HttpServer;
import com.github.tomakehurst.wiremock.http.HttpServerFactory;
import com.github.tomakehurst.wiremock.http.StubRequestHandler;
import com.github.tomakehurst.wiremock.jetty11.Jetty11HttpServer;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import com.github.tomakehurst.wiremock.stubbing.StubMapping;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import wiremock.jakarta.servlet.DispatcherType;
import wiremock.jakarta.servlet.Filter;
import wiremock.org.eclipse.jetty.servlet.FilterHolder;
import wiremock.org.eclipse.jetty.servlet.ServletContextHandler;

/**
 * The port of a simulator: WireMock on loopback, with a service behind every request that no
 * situation answers, and a record of all that arrived. Thread-safe; {@link #close} frees the port
 * and every thread.
 */
public final class SimulatedServer implements AutoCloseable {
  private final int port;
  private final WireMockServer server;
  private final ServiceTransformer transformer;

  /**
   * @param port the port on 127.0.0.1; 0 takes one that is free
   * @param transformer what answers whatever no situation answers
   */
  public SimulatedServer(int port, ServiceTransformer transformer) {
    this(port, transformer, null);
  }

  /**
   * @param before sees requests before WireMock does, which holds bodies in memory
   */
  public SimulatedServer(int port, ServiceTransformer transformer, @Nullable Filter before) {
    this.port = port;
    this.transformer = transformer;
    WireMockConfiguration options =
        options()
            .bindAddress("127.0.0.1")
            .port(port)
            .http2PlainDisabled(true)
            .stubRequestLoggingDisabled(true)
            .extensionScanningEnabled(false)
            .extensions(transformer);
    server =
        new WireMockServer(
            before == null ? options : options.httpServerFactory(new Filtering(before)));
  }

  /** WireMock's own server, with a filter in front. */
  private record Filtering(Filter before) implements HttpServerFactory {
    @Override
    public HttpServer buildHttpServer(
        Options options, AdminRequestHandler admin, StubRequestHandler stubs) {
      Filter first = before;
      return new Jetty11HttpServer(options, admin, stubs) {
        @Override
        protected void decorateMockServiceContextBeforeConfig(ServletContextHandler context) {
          FilterHolder holder = new FilterHolder(first);
          holder.setAsyncSupported(true);
          context.addFilter(holder, "/*", EnumSet.of(DispatcherType.REQUEST));
        }
      };
    }
  }

  /**
   * Starts to listen.
   *
   * @throws IllegalStateException when the port is taken or may not be used
   */
  public void start() {
    try {
      server.start();
    } catch (FatalStartupException e) {
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      throw new IllegalStateException(
          "the simulator cannot listen at port " + port + ": " + cause.getMessage(), e);
    }
    calm();
  }

  /** Scheme, host and port. */
  public URI origin() {
    return URI.create("http://127.0.0.1:" + server.port());
  }

  /**
   * Lets the next matching request run into a situation, and only that one.
   *
   * @param stub a WireMock stub mapping
   */
  public void once(String stub) {
    StubMapping mapping = Json.read(stub, StubMapping.class);
    mapping.setScenarioName(UUID.randomUUID().toString());
    mapping.setRequiredScenarioState(Scenario.STARTED);
    mapping.setNewScenarioState("over");
    server.addStubMapping(mapping);
  }

  /** Lets every matching request run into a situation until {@link #calm}. */
  public void always(String stub) {
    server.addStubMapping(Json.read(stub, StubMapping.class));
  }

  /** Lets the service's answers come in chunks, without their length, until {@link #calm}. */
  void answerInChunks() {
    transformer.inChunks(true);
  }

  /** Ends every situation. The state of the service and the record of requests stay. */
  public void calm() {
    transformer.inChunks(false);
    server.resetMappings();
    server.stubFor(
        any(anyUrl())
            .atPriority(10)
            .willReturn(aResponse().withTransformers(transformer.getName())));
  }

  /** Every request that arrived, oldest first. */
  public List<SeenRequest> requests() {
    List<SeenRequest> seen = new ArrayList<>();
    for (ServeEvent event : server.getAllServeEvents()) {
      seen.add(SeenRequest.of(event.getRequest()));
    }
    Collections.reverse(seen);
    return List.copyOf(seen);
  }

  /** Forgets the requests that arrived so far. */
  public void forgetRequests() {
    server.resetRequests();
  }

  /** Stops listening and frees the port. Idempotent. */
  @Override
  public void close() {
    if (server.isRunning()) {
      server.stop();
    }
  }
}
