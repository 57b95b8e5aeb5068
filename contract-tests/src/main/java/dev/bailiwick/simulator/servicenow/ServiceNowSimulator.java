// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.servicenow;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.common.Json;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import com.github.tomakehurst.wiremock.stubbing.StubMapping;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.simulator.SeenRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A ServiceNow instance on a loopback port: {@code /oauth_token.do} and the Table API with rows
 * that really change, session cookies that really authenticate, and {@link Situation}s on demand.
 *
 * <p>It is as trusting as the vendor where that matters for a test: unknown query conditions are
 * ignored, dot-walks and display values are answered. Thread-safe; {@link #close} frees the port
 * and every thread.
 */
public final class ServiceNowSimulator implements AutoCloseable {
  private final WireMockServer server;
  private final TokenEndpoint tokens;
  private final Tables tables;
  private final Instance instance;

  /** A simulator on a port that is free. */
  public ServiceNowSimulator() {
    this(0, Clock.systemUTC());
  }

  /** A simulator on the given port of 127.0.0.1. */
  public ServiceNowSimulator(int port) {
    this(port, Clock.systemUTC());
  }

  /**
   * @param port the port on 127.0.0.1; 0 takes one that is free
   * @param clock says when access tokens expire
   */
  public ServiceNowSimulator(int port, Clock clock) {
    tokens = new TokenEndpoint(clock);
    tables = new Tables(clock);
    instance = new Instance(tokens, tables);
    server =
        new WireMockServer(
            options()
                .bindAddress("127.0.0.1")
                .port(port)
                .http2PlainDisabled(true)
                .stubRequestLoggingDisabled(true)
                .extensions(instance));
  }

  /** Starts listening and returns this simulator. */
  public ServiceNowSimulator start() {
    server.start();
    instance.listenAt(origin().toString());
    calm();
    return this;
  }

  /** Scheme, host and port. */
  public URI origin() {
    return URI.create("http://127.0.0.1:" + server.port());
  }

  /** Where access tokens come from. */
  public URI tokenEndpoint() {
    return origin().resolve("/oauth_token.do");
  }

  public String clientId() {
    return TokenEndpoint.CLIENT_ID;
  }

  public String clientSecret() {
    return TokenEndpoint.CLIENT_SECRET;
  }

  /** The user of the password grant and of Basic authentication. */
  public String username() {
    return TokenEndpoint.USERNAME;
  }

  public String password() {
    return TokenEndpoint.PASSWORD;
  }

  /** A refresh token that was consented to before the test began. */
  public String refreshToken() {
    return TokenEndpoint.REFRESH_TOKEN;
  }

  /** The key that {@code x-sn-apikey} takes. */
  public String apiKey() {
    return Instance.API_KEY;
  }

  /** How long access tokens live that are issued from now on; the vendor's default is 1799 s. */
  public void tokenLifetime(Duration lifetime) {
    tokens.lifetime(lifetime);
  }

  /** Ends every access token and every session cookie at once. */
  public void expireTokens() {
    tokens.expireAll();
    instance.endSessions();
  }

  /** Makes every refresh token useless, as when an administrator withdraws a consent. */
  public void withdrawConsent() {
    tokens.withdrawRefreshTokens();
  }

  /** How many times the token endpoint has answered with a token. */
  public int tokensIssued() {
    return tokens.answered();
  }

  /** Lets the next matching request run into a situation, and only that one. */
  public void once(Situation situation) {
    StubMapping stub = stub(situation);
    stub.setScenarioName(UUID.randomUUID().toString());
    stub.setRequiredScenarioState(Scenario.STARTED);
    stub.setNewScenarioState("over");
    server.addStubMapping(stub);
  }

  /** Lets every matching request run into a situation until {@link #calm}. */
  public void always(Situation situation) {
    server.addStubMapping(stub(situation));
  }

  /** Ends every situation. Rows, tokens and the record of requests stay. */
  public void calm() {
    server.resetMappings();
    server.stubFor(
        any(anyUrl()).atPriority(10).willReturn(aResponse().withTransformers(Instance.NAME)));
  }

  private static StubMapping stub(Situation situation) {
    try (InputStream in = Situation.class.getResourceAsStream(situation.file())) {
      if (in == null) {
        throw new IllegalStateException("no stub file " + situation.file());
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Json.read(text, StubMapping.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every request that arrived, oldest first. */
  public List<SeenRequest> requests() {
    List<SeenRequest> seen = new ArrayList<>();
    for (ServeEvent event : server.getAllServeEvents()) {
      seen.add(seen(event.getRequest()));
    }
    Collections.reverse(seen);
    return List.copyOf(seen);
  }

  /** Every request below {@code /api}, oldest first: what agents caused, token calls left out. */
  public List<SeenRequest> apiRequests() {
    return requests().stream().filter(request -> request.path().startsWith("/api/")).toList();
  }

  /** Whether the text ever arrived here, in a target, a header or a body. */
  public boolean saw(String text) {
    return requests().stream().anyMatch(request -> request.mentions(text));
  }

  /** Forgets the requests that arrived so far. */
  public void forgetRequests() {
    server.resetRequests();
  }

  private static SeenRequest seen(LoggedRequest request) {
    List<Headers.Field> fields = new ArrayList<>();
    request
        .getHeaders()
        .all()
        .forEach(
            header ->
                header
                    .values()
                    .forEach(value -> fields.add(new Headers.Field(header.key(), value))));
    return new SeenRequest(
        request.getMethod().value(), request.getUrl(), Headers.of(fields), request.getBody());
  }

  /** Queries with a {@code javascript:} value, which a real instance would have evaluated. */
  public List<String> scriptsEvaluated() {
    return instance.scripts();
  }

  /** A row as it is now. */
  public Optional<Map<String, String>> row(String table, String sysId) {
    return tables.find(table, sysId);
  }

  /** Every row of a table as it is now. */
  public List<Map<String, String>> rows(String table) {
    return tables.all(table);
  }

  /** The {@code sys_id} of a seeded or created incident. */
  public String incident(String number) {
    return tables.all("incident").stream()
        .filter(row -> number.equals(row.get("number")))
        .map(row -> row.getOrDefault("sys_id", ""))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no incident " + number));
  }

  /** Adds a row and returns its {@code sys_id}. */
  public String insert(String table, Map<String, String> fields) {
    return tables.insert(table, fields).getOrDefault("sys_id", "");
  }

  /** Stops listening and frees the port. Idempotent. */
  @Override
  public void close() {
    if (server.isRunning()) {
      server.stop();
    }
  }
}
