// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.workday;

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
import tools.jackson.databind.node.ObjectNode;

/**
 * The Workday tenant {@code acme} on a loopback port: token endpoint, REST, WQL, reports and SOAP
 * on workers that really change, and {@link Situation}s on demand.
 *
 * <p>It is as trusting as the vendor where that matters for a test: an instance shows its
 * references inline, every operation in a SOAP body is carried out. Thread-safe; {@link #close}
 * frees the port and every thread.
 */
public final class WorkdaySimulator extends VendorSimulator<Situation> {
  static final String TRANSFORMER = "workday-tenant";

  private final TokenEndpoint tokens;
  private final Touches touches = new Touches();
  private final Tenant tenant;
  private final SimulatedServer server;

  /** A simulator on a port that is free. */
  public WorkdaySimulator() {
    this(0, Clock.systemUTC());
  }

  /** A simulator on the given port of 127.0.0.1. */
  public WorkdaySimulator(int port) {
    this(port, Clock.systemUTC());
  }

  /**
   * @param port the port on 127.0.0.1; 0 takes one that is free
   * @param clock says when access tokens expire
   */
  public WorkdaySimulator(int port, Clock clock) {
    tokens = new TokenEndpoint(clock);
    tenant = new Tenant(tokens, touches);
    server = new SimulatedServer(port, new ServiceTransformer(TRANSFORMER, tenant));
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
  public WorkdaySimulator start() {
    super.start();
    return this;
  }

  @Override
  public URI tokenEndpoint() {
    return origin().resolve("/ccx/oauth2/" + tenant() + "/token");
  }

  /** The one tenant of this host. */
  public String tenant() {
    return Tenant.NAME;
  }

  public String clientId() {
    return TokenEndpoint.CLIENT_ID;
  }

  public String clientSecret() {
    return TokenEndpoint.CLIENT_SECRET;
  }

  /** A refresh token that was consented to before the test began. It is never rotated. */
  public String refreshToken() {
    return TokenEndpoint.REFRESH_TOKEN;
  }

  /** The integration system user, without its tenant. */
  public String username() {
    return TokenEndpoint.ISU;
  }

  public String password() {
    return TokenEndpoint.PASSWORD;
  }

  /** Gives the integration system user another password. */
  public void changePassword(String password) {
    tenant.changePassword(password);
  }

  /** Registers the key that JWT bearer assertions are verified with. */
  public void trustAssertions(RSAPublicKey key) {
    tokens.assertions().trust(key);
  }

  /** How long access tokens live that are issued from now on; an hour unless told. */
  public void tokenLifetime(Duration lifetime) {
    tokens.lifetime(lifetime);
  }

  @Override
  public void expireTokens() {
    tokens.expireAll();
  }

  /** Makes the refresh token useless, as when an administrator withdraws a consent. */
  public void withdrawConsent() {
    tokens.withdrawConsent();
  }

  @Override
  public int tokensIssued() {
    return tokens.answered();
  }

  @Override
  protected boolean isLogIn(SeenRequest request) {
    return request.path().startsWith("/ccx/oauth2/");
  }

  /** The business objects of a resource such as {@code workers.jobChanges}, as they are now. */
  public List<ObjectNode> rows(String resource) {
    synchronized (tenant) {
      return tenant.data().resource(resource).orElse(List.of()).stream()
          .map(ObjectNode::deepCopy)
          .toList();
    }
  }
}
