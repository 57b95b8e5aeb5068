// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import dev.bailiwick.simulator.SeenRequest;
import dev.bailiwick.simulator.ServiceTransformer;
import dev.bailiwick.simulator.SimulatedServer;
import dev.bailiwick.simulator.Touches;
import dev.bailiwick.simulator.VendorSimulator;
import java.net.URI;
import java.security.interfaces.RSAPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A Salesforce org on a loopback port: OAuth endpoints and the REST API with records that really
 * change, queries that really run, compound requests whose parts are really carried out, bulk jobs
 * and GraphQL, and {@link Situation}s on demand.
 *
 * <p>It is as trusting as the vendor where that matters for a test: references are filled in
 * wherever they stand, locators and jobs belong to whoever knows their id, a GET runs code, and a
 * session id lets its bearer in wherever it is written. Thread-safe; {@link #close} frees the port
 * and every thread.
 */
public final class SalesforceSimulator extends VendorSimulator<Situation> {
  static final String TRANSFORMER = "salesforce-org";

  private final TokenEndpoint tokens;
  private final Touches touches = new Touches();
  private final Org org;
  private final SimulatedServer server;

  /** A simulator on a port that is free. */
  public SalesforceSimulator() {
    this(0, Clock.systemUTC());
  }

  /** A simulator on the given port of 127.0.0.1. */
  public SalesforceSimulator(int port) {
    this(port, Clock.systemUTC());
  }

  /**
   * @param port the port on 127.0.0.1; 0 takes one that is free
   * @param clock says when sessions end
   */
  public SalesforceSimulator(int port, Clock clock) {
    tokens = new TokenEndpoint(clock);
    org = new Org(tokens, touches, clock);
    server = new SimulatedServer(port, new ServiceTransformer(TRANSFORMER, org));
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
  public SalesforceSimulator start() {
    super.start();
    return this;
  }

  @Override
  public URI tokenEndpoint() {
    return origin().resolve("/services/oauth2/token");
  }

  public String clientId() {
    return TokenEndpoint.CLIENT_ID;
  }

  public String clientSecret() {
    return TokenEndpoint.CLIENT_SECRET;
  }

  /** The user of every session, and the subject of assertions. */
  public String username() {
    return TokenEndpoint.USERNAME;
  }

  /** A refresh token that was consented to before the test began. */
  public String refreshToken() {
    return TokenEndpoint.REFRESH_TOKEN;
  }

  /** From now on each use of a refresh token answers with another one, and ends the old one. */
  public void rotateRefreshTokens() {
    tokens.rotateRefreshTokens();
  }

  /** From now on a grant answers with a token that lives already, if there is one. */
  public void repeatTokens() {
    tokens.repeatTokens();
  }

  /** Registers the key that JWT bearer assertions are verified with. */
  public void trustAssertions(RSAPublicKey key) {
    tokens.assertions().trust(key);
  }

  /** How long a session lives without being used; two hours unless told. */
  public void sessionTimeout(Duration idle) {
    tokens.timeout(idle);
  }

  @Override
  public void expireTokens() {
    tokens.expireAll();
  }

  /** Lets its session end inside the next compound request, after so many of its parts. */
  public void expireInsideNextCompound(int parts) {
    org.expireInsideNextCompound(parts);
  }

  /** Makes every refresh token useless, as when an administrator withdraws a consent. */
  public void withdrawConsent() {
    tokens.withdrawRefreshTokens();
  }

  @Override
  public int tokensIssued() {
    return tokens.answered();
  }

  /** How many times someone asked to revoke a token. */
  public int revocations() {
    return tokens.revoked();
  }

  /** How many calls the org takes; 15 000 unless told. */
  public void dailyLimit(int calls) {
    org.limits().most(calls);
  }

  /** How many rows a page of a query holds; 2000 unless told. */
  public void pageSize(int rows) {
    org.pageSize(rows);
  }

  /** Makes every query locator useless. */
  public void forgetLocators() {
    org.forgetLocators();
  }

  @Override
  protected boolean isLogIn(SeenRequest request) {
    return request.path().startsWith("/services/oauth2/");
  }

  /** A record as it is now; empty when it is not there or was deleted. */
  public Optional<Map<String, JsonNode>> row(String id) {
    return org.row(id);
  }

  /** Every record of an object as it is now. */
  public List<Map<String, JsonNode>> rows(String object) {
    return org.rows(object);
  }

  /** Adds a record and returns its id. */
  public String insert(String object, Map<String, ?> fields) {
    return org.create(object, JsonMapper.shared().<ObjectNode>valueToTree(fields));
  }

  /**
   * The objects that relationships lead to: from {@code Contact} over {@code Account}, {@code
   * Owner} to {@code User}.
   */
  public List<String> behind(String object, List<String> relationships) {
    return org.behind(object, relationships);
  }
}
