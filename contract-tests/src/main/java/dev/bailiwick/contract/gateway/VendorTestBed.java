// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.gateway;

import dev.bailiwick.connector.Secret;
import dev.bailiwick.contract.gateway.SendingVendorContract.Vendor;
import dev.bailiwick.gateway.credential.OAuthClient.Authentication;
import dev.bailiwick.gateway.credential.StoredCredential;
import dev.bailiwick.simulator.Simulator;
import dev.bailiwick.simulator.salesforce.SalesforceSimulator;
import dev.bailiwick.simulator.workday.WorkdaySimulator;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * An agent with its issuer, a Salesforce org and a Workday tenant, and of each another one whose
 * sessions a test may end. Every connector has a credential, and so a session, of its own.
 */
public final class VendorTestBed extends TestBed {
  /** Connectors by what happens to them; each has a vendor's name and a hyphen in front. */
  private static final List<String> CALM =
      List.of(
          "fragile", "busy", "exceeded", "never-accepted", "compound", "chunked", "partly", "long");

  private static final List<String> EXPIRING = List.of("renewed", "soap");

  private final SalesforceSimulator salesforce;
  private final WorkdaySimulator workday;
  private final SalesforceSimulator expiringOrg;
  private final WorkdaySimulator expiringTenant;

  /** Makes everything but the gateway. */
  public VendorTestBed(Path directory) {
    this(
        directory,
        new SalesforceSimulator().start(),
        new WorkdaySimulator().start(),
        new SalesforceSimulator().start(),
        new WorkdaySimulator().start());
  }

  private VendorTestBed(
      Path directory,
      SalesforceSimulator salesforce,
      WorkdaySimulator workday,
      SalesforceSimulator expiringOrg,
      WorkdaySimulator expiringTenant) {
    super(
        directory,
        new Vendors(
            "vendor-contract.yaml",
            Map.of(
                "salesforce", salesforce.origin(),
                "workday", workday.origin(),
                "expiring-org", expiringOrg.origin(),
                "expiring-tenant", expiringTenant.origin()),
            credentials(salesforce, workday, expiringOrg, expiringTenant),
            Stream.concat(CALM.stream(), EXPIRING.stream())
                .flatMap(name -> Stream.of("salesforce-" + name, "workday-" + name))
                .map(connector -> connector + ":*/*:*")
                .toList(),
            List.of(salesforce.clientSecret(), workday.clientSecret(), workday.refreshToken()),
            List.of(salesforce, workday, expiringOrg, expiringTenant)));
    this.salesforce = salesforce;
    this.workday = workday;
    this.expiringOrg = expiringOrg;
    this.expiringTenant = expiringTenant;
  }

  private static Map<String, StoredCredential> credentials(
      SalesforceSimulator salesforce,
      WorkdaySimulator workday,
      SalesforceSimulator expiringOrg,
      WorkdaySimulator expiringTenant) {
    Map<String, StoredCredential> stored = new HashMap<>();
    for (String name : CALM) {
      stored.put("salesforce/" + name, credential(salesforce));
      stored.put("workday/" + name, credential(workday));
    }
    for (String name : EXPIRING) {
      stored.put("salesforce/" + name, credential(expiringOrg));
      stored.put("workday/" + name, credential(expiringTenant));
    }
    return stored;
  }

  private static StoredCredential credential(SalesforceSimulator org) {
    return new StoredCredential.ClientCredentials(
        client(org, org.clientId(), org.clientSecret(), Authentication.POST));
  }

  private static StoredCredential credential(WorkdaySimulator tenant) {
    return new StoredCredential.Refresh(
        client(tenant, tenant.clientId(), tenant.clientSecret(), Authentication.BASIC),
        Secret.of(tenant.refreshToken()));
  }

  SalesforceSimulator salesforce() {
    return salesforce;
  }

  WorkdaySimulator expiringTenant() {
    return expiringTenant;
  }

  /** The system whose sessions live. */
  Simulator calm(Vendor vendor) {
    return vendor == Vendor.SALESFORCE ? salesforce : workday;
  }

  /** The system whose sessions a test may end. */
  Simulator expiring(Vendor vendor) {
    return vendor == Vendor.SALESFORCE ? expiringOrg : expiringTenant;
  }

  /** Lets every request run into a situation, which both vendors have under the same name. */
  void always(Vendor vendor, String situation) {
    switch (vendor) {
      case SALESFORCE ->
          salesforce.always(dev.bailiwick.simulator.salesforce.Situation.valueOf(situation));
      case WORKDAY -> workday.always(dev.bailiwick.simulator.workday.Situation.valueOf(situation));
    }
  }

  /** Lets one request run into it. */
  void once(Vendor vendor, String situation) {
    switch (vendor) {
      case SALESFORCE ->
          salesforce.once(dev.bailiwick.simulator.salesforce.Situation.valueOf(situation));
      case WORKDAY -> workday.once(dev.bailiwick.simulator.workday.Situation.valueOf(situation));
    }
  }
}
