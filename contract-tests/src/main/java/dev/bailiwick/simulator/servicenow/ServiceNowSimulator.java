// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.servicenow;

import dev.bailiwick.connector.Headers;
import dev.bailiwick.simulator.SeenRequest;
import dev.bailiwick.simulator.ServiceTransformer;
import dev.bailiwick.simulator.SimulatedCall;
import dev.bailiwick.simulator.SimulatedServer;
import dev.bailiwick.simulator.Touches;
import dev.bailiwick.simulator.VendorSimulator;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A ServiceNow instance on a loopback port: {@code /oauth_token.do}, tables with rows that really
 * change, statistics, attachments of any size, import sets, the catalog and batches whose requests
 * are really carried out, session cookies that really authenticate, and {@link Situation}s on
 * demand.
 *
 * <p>It is as trusting as the vendor where that matters for a test: unknown query conditions are
 * ignored, dot-walks and display values are answered. Thread-safe; {@link #close} frees the port
 * and every thread.
 */
public final class ServiceNowSimulator extends VendorSimulator<Situation> {
  static final String TRANSFORMER = "servicenow-instance";

  private final SimulatedServer server;
  private final TokenEndpoint tokens;
  private final Touches touches = new Touches();
  private final Tables tables;
  private final Instance instance;
  private final LargeFiles largeFiles;

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
    tables = new Tables(clock, touches);
    AttachmentApi attachments = new AttachmentApi(tables);
    instance = new Instance(tokens, tables, attachments);
    largeFiles = new LargeFiles(instance, attachments);
    server = new SimulatedServer(port, new ServiceTransformer(TRANSFORMER, instance), largeFiles);
  }

  @Override
  protected SimulatedServer server() {
    return server;
  }

  @Override
  protected Touches noted() {
    return touches;
  }

  @Override
  public ServiceNowSimulator start() {
    super.start();
    return this;
  }

  @Override
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

  @Override
  public void expireTokens() {
    tokens.expireAll();
    instance.endSessions();
  }

  /** Makes every refresh token useless, as when an administrator withdraws a consent. */
  public void withdrawConsent() {
    tokens.withdrawRefreshTokens();
  }

  @Override
  public int tokensIssued() {
    return tokens.answered();
  }

  /** Requests with large files come last, and without their bodies. */
  @Override
  public List<SeenRequest> requests() {
    return Stream.concat(server.requests().stream(), largeFiles.seen().stream()).toList();
  }

  @Override
  protected boolean isLogIn(SeenRequest request) {
    return !request.path().startsWith("/api/");
  }

  @Override
  public void forgetRequests() {
    server.forgetRequests();
    largeFiles.forgetRequests();
  }

  /** The table that references lead to: from {@code incident} over {@code caller_id}. */
  public Optional<String> behind(String table, List<String> fields) {
    return tables.behind(table, fields);
  }

  /**
   * Adds a file to a row whose content is made when it is downloaded.
   *
   * @param bytes its length
   * @return its {@code sys_id}
   */
  public String attachLargeFile(String table, String sysId, long bytes) {
    return largeFiles.add(
        new SimulatedCall(
            origin(),
            "POST",
            "/api/now/attachment/file?file_name=large.bin&table_name="
                + table
                + "&table_sys_id="
                + sysId,
            Headers.none(),
            new byte[0]),
        bytes);
  }

  /** SHA-256, in hex, of an upload that was too large to be kept. */
  public Optional<String> digest(String attachment) {
    return largeFiles.digest(attachment).filter(digest -> !digest.isEmpty());
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
}
