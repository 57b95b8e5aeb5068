// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.Secret;
import dev.bailiwick.contract.connector.RequestCase;
import dev.bailiwick.contract.connector.RequestCorpus;
import dev.bailiwick.gateway.credential.FileVault;
import dev.bailiwick.gateway.credential.OAuthClient;
import dev.bailiwick.gateway.credential.StoredCredential;
import dev.bailiwick.gateway.credential.VaultKey;
import dev.bailiwick.simulator.Simulator;
import dev.bailiwick.simulator.salesforce.SalesforceSimulator;
import dev.bailiwick.simulator.workday.WorkdaySimulator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A test bed with every vendor that has a corpus, and an agent that may do anything there: what is
 * denied is denied for the request's own sake.
 */
final class ParityBed implements AutoCloseable {

  /**
   * A vendor, mounted under its name.
   *
   * @param name of the connector, its adapter and its corpus
   * @param upstream where its requests arrive
   * @param options of the connector, as the corpus expects them
   */
  record Vendor(String name, Simulator upstream, String options) {
    String mount() {
      return "/" + name;
    }

    String everything() {
      return name + ":*/*:*";
    }

    /** Every file of the corpus that is on the class path, so that none is forgotten. */
    List<RequestCase> corpus() {
      String folder = "/dev/bailiwick/connector/" + name + "/";
      URL one = ParityBed.class.getResource(folder + "target.http");
      if (one == null) {
        throw new IllegalStateException("no corpus of " + name + " on the class path");
      }
      try (Stream<Path> files = Files.list(Path.of(one.toURI()).getParent())) {
        return RequestCorpus.load(
                ParityBed.class,
                files
                    .map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".http"))
                    .sorted()
                    .map(folder::concat)
                    .toArray(String[]::new))
            .toList();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (URISyntaxException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private final GatewayTestBed bed;
  private final SalesforceSimulator salesforce = new SalesforceSimulator();
  private final WorkdaySimulator workday = new WorkdaySimulator();
  private final List<Vendor> vendors;

  /** Makes everything but the gateway. */
  ParityBed(Path directory) throws IOException {
    bed = new GatewayTestBed(directory);
    salesforce.start();
    workday.start();
    vendors =
        List.of(
            new Vendor(
                "servicenow",
                bed.servicenow(),
                "scriptedRest: \"/api/x_acme_app/v1/orders, /api/123456/tidy\""),
            new Vendor(
                "salesforce",
                salesforce,
                "keyPrefixes: \"001=Account 003=Contact a0B=Invoice__c\", "
                    + "apexRestPaths: \"/cases/escalate /orders/*\""),
            new Vendor("workday", workday, "tenant: acme"));
    mount();
    store();
  }

  private void mount() throws IOException {
    Path bundle = bed.setup().bundle();
    StringBuilder connectors = new StringBuilder();
    StringBuilder ceiling = new StringBuilder();
    for (Vendor vendor : vendors) {
      ceiling.append("      - \"").append(vendor.everything()).append("\"\n");
      if (!vendor.name().equals("servicenow")) {
        connectors.append(
            """
              %1$s:
                adapter: %1$s
                path: %2$s
                upstream: "%3$s"
                credential: vault:%1$s/contract
            """
                .formatted(vendor.name(), vendor.mount(), vendor.upstream().origin()));
        connectors.append("    options: {").append(vendor.options()).append("}\n");
      }
    }
    String text = Files.readString(bundle);
    String first = "  servicenow:\n    adapter: servicenow\n";
    String narrow =
        """
              - servicenow:table/incident:read
              - scope: servicenow:table/incident:update
                fields: {allow: [work_notes, state]}
        """;
    assertThat(text).contains(first, narrow);
    Files.writeString(
        bundle,
        text.replace(
                first, connectors + first + "    options: {" + vendors.get(0).options() + "}\n")
            .replace(narrow, ceiling));
  }

  private void store() {
    FileVault vault =
        FileVault.open(
            bed.setup().vault(), VaultKey.ofFile(bed.setup().vaultKey()), Clock.systemUTC());
    vault.put(
        "salesforce/contract",
        refresh(
            salesforce.tokenEndpoint(),
            OAuthClient.Authentication.POST,
            salesforce.clientId(),
            salesforce.clientSecret(),
            salesforce.refreshToken()));
    vault.put(
        "workday/contract",
        refresh(
            workday.tokenEndpoint(),
            OAuthClient.Authentication.BASIC,
            workday.clientId(),
            workday.clientSecret(),
            workday.refreshToken()));
  }

  private static StoredCredential refresh(
      URI endpoint,
      OAuthClient.Authentication authentication,
      String client,
      String secret,
      String refreshToken) {
    return new StoredCredential.Refresh(
        new OAuthClient(endpoint, client, Secret.of(secret), authentication, null, Map.of()),
        Secret.of(refreshToken));
  }

  GatewayTestBed bed() {
    return bed;
  }

  Vendor vendor(String name) {
    return vendors.stream().filter(vendor -> vendor.name().equals(name)).findFirst().orElseThrow();
  }

  @Override
  public void close() {
    bed.close();
    salesforce.close();
    workday.close();
  }
}
