// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.gateway;

import dev.bailiwick.gateway.credential.OAuthClient;
import dev.bailiwick.gateway.credential.StoredCredential;
import dev.bailiwick.simulator.servicenow.ServiceNowSimulator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the gateway contract needs: an agent with its issuer, and two ServiceNow instances. */
public final class GatewayTestBed extends TestBed {
  private final ServiceNowSimulator servicenow;
  private final ServiceNowSimulator expiring;

  /** Makes everything but the gateway. */
  public GatewayTestBed(Path directory) {
    this(directory, new ServiceNowSimulator().start(), new ServiceNowSimulator().start());
  }

  private GatewayTestBed(
      Path directory, ServiceNowSimulator servicenow, ServiceNowSimulator expiring) {
    super(
        directory,
        new Vendors(
            "gateway-contract.yaml",
            Map.of("upstream", servicenow.origin(), "expiring", expiring.origin()),
            credentials(directory, servicenow, expiring),
            List.of(
                "servicenow:table/incident:read",
                "servicenow:table/incident:update",
                "fragile:table/incident:read",
                "fragile:table/incident:update",
                "limited:table/incident:read",
                "renewed-read:table/incident:read",
                "renewed-write:table/incident:read",
                "renewed-write:table/incident:update",
                "renewed-upload:table/incident:read",
                "renewed-upload:table/incident:update",
                "renewed-upload:attachment/file:read",
                "renewed-upload:attachment/file:create",
                "never-accepted:table/incident:read",
                "certified:table/incident:read",
                "certified:table/incident:update"),
            List.of(servicenow.clientSecret()),
            List.of(servicenow, expiring)));
    this.servicenow = servicenow;
    this.expiring = expiring;
  }

  private static Map<String, StoredCredential> credentials(
      Path directory, ServiceNowSimulator servicenow, ServiceNowSimulator expiring) {
    Map<String, StoredCredential> stored = new HashMap<>();
    stored.put("servicenow/contract", credential(servicenow));
    for (String name :
        List.of("renewed-read", "renewed-write", "renewed-upload", "never-accepted")) {
      stored.put("servicenow/" + name, credential(expiring));
    }
    try {
      stored.put("servicenow/certified", ClientKeyPair.generate(directory));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return stored;
  }

  private static StoredCredential credential(ServiceNowSimulator instance) {
    return new StoredCredential.ClientCredentials(
        client(
            instance,
            instance.clientId(),
            instance.clientSecret(),
            OAuthClient.Authentication.POST));
  }

  public ServiceNowSimulator servicenow() {
    return servicenow;
  }

  /** Another instance, whose access tokens a test may end. */
  public ServiceNowSimulator expiring() {
    return expiring;
  }
}
