// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.common.Json;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import com.github.tomakehurst.wiremock.stubbing.StubMapping;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;

/**
 * The port of a simulator: WireMock on loopback, with a service behind every request that no
 * situation answers, and a record of all that arrived. Thread-safe; {@link #close} frees the port
 * and every thread.
 */
public final class SimulatedServer implements AutoCloseable {
  private final WireMockServer server;
  private final String transformer;

  /**
   * @param port the port on 127.0.0.1; 0 takes one that is free
   * @param transformer what answers whatever no situation answers
   */
  public SimulatedServer(int port, ServiceTransformer transformer) {
    this.transformer = transformer.getName();
    server =
        new WireMockServer(
            options()
                .bindAddress("127.0.0.1")
                .port(port)
                .http2PlainDisabled(true)
                .stubRequestLoggingDisabled(true)
                .extensionScanningEnabled(false)
                .extensions(transformer));
  }

  public void start() {
    server.start();
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

  /** Ends every situation. The state of the service and the record of requests stay. */
  public void calm() {
    server.resetMappings();
    server.stubFor(
        any(anyUrl()).atPriority(10).willReturn(aResponse().withTransformers(transformer)));
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

  /** Whether the text ever arrived here, in a target, a header or a body. */
  public boolean saw(String text) {
    return requests().stream().anyMatch(request -> request.mentions(text));
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
