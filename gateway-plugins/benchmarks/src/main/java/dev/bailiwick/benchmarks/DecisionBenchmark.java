// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.benchmarks;

import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.VendorCall;
import dev.bailiwick.connector.salesforce.SalesforceAdapter;
import dev.bailiwick.connector.servicenow.ServiceNowAdapter;
import dev.bailiwick.gateway.token.jose.SignatureAlgorithm;
import dev.bailiwick.gateway.token.jose.SigningKey;
import dev.bailiwick.policy.AskedRows;
import dev.bailiwick.policy.Attempt;
import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.Ceiling;
import dev.bailiwick.policy.CeilingVerdict;
import dev.bailiwick.policy.Condition;
import dev.bailiwick.policy.TouchedFields;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * From a raw request to a verdict: parse the target and the body, name the operations, ask the
 * ceiling.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up method first
public class DecisionBenchmark {
  private static final Condition.Input NOTHING =
      new Condition.Input(Map.of(), Map.of(), Map.of(), Map.of());

  /** Scopes in the agent's ceiling: the verdict must not depend on it. */
  @Param({"1", "10000"})
  public int scopes;

  private static final Headers JSON = Headers.none().with("Content-Type", "application/json");

  /** Three hundred characters, with a sub-query, a relationship and a semi-join. */
  private static final String SOQL =
      "SELECT Id, Name, Industry, AnnualRevenue, Owner.Name, (SELECT Id, FirstName, LastName, Email"
          + " FROM Contacts WHERE Email != NULL) FROM Account WHERE Industry = 'Energy' AND"
          + " AnnualRevenue > 1000000 AND Id IN (SELECT AccountId FROM Opportunity WHERE StageName"
          + " = 'Closed Won') ORDER BY AnnualRevenue DESC LIMIT 200";

  /** As it stands on the request line. */
  private static final String SOQL_PARAMETER =
      "q=" + URLEncoder.encode(SOQL, StandardCharsets.UTF_8);

  private static final byte[] COMPOSITE = composite();

  private Connector serviceNow;
  private Connector salesforce;
  private Bundle.AgentRule agent;

  @Setup
  public void prepare() {
    try (Scene scene = Scene.withIssuerKey(SigningKey.generate(SignatureAlgorithm.ES256))) {
      Bundle bundle = scene.bundle(scopes);
      agent = bundle.agents().values().iterator().next();
    }
    serviceNow = new ServiceNowAdapter().connect(settings("servicenow"));
    salesforce = new SalesforceAdapter().connect(settings("salesforce"));
  }

  private static ConnectorSettings settings(String name) {
    return new ConnectorSettings(
        name,
        URI.create("https://acme.example"),
        URI.create(Scene.AUDIENCE + "/" + name),
        Map.of());
  }

  /** Twenty-five updates. */
  private static byte[] composite() {
    return IntStream.range(0, 25)
        .mapToObj(
            i ->
                "{\"method\":\"PATCH\",\"referenceId\":\"r%d\",\"url\":".formatted(i)
                    + "\"/services/data/v66.0/sobjects/Account/0015g00000B%04dAAA\",".formatted(i)
                    + "\"body\":{\"Name\":\"Acme %d\",\"Industry\":\"Energy\"}}".formatted(i))
        .collect(Collectors.joining(",", "{\"allOrNone\":true,\"compositeRequest\":[", "]}"))
        .getBytes(StandardCharsets.UTF_8);
  }

  /** One record by its id: nothing but the path says what it is. */
  @Benchmark
  public void pathOnly(Blackhole hole) {
    ConnectorRequest request =
        get("/api/now/table/incident/46d44a5dc0a8010e0000f1a5a4d1a3f1", null);
    decide(hole, "servicenow", serviceNow.call(request));
  }

  /** A list with chosen fields and an encoded query. */
  @Benchmark
  public void query(Blackhole hole) {
    ConnectorRequest request =
        get(
            "/api/now/table/incident",
            "sysparm_fields=number,short_description,state"
                + "&sysparm_query=active%3Dtrue%5Epriority%3D1%5EORDERBYDESCopened_at"
                + "&sysparm_limit=20");
    decide(hole, "servicenow", serviceNow.call(request));
  }

  /** A Salesforce query. */
  @Benchmark
  public void soql(Blackhole hole) {
    decide(hole, "salesforce", salesforce.call(get("/services/data/v66.0/query", SOQL_PARAMETER)));
  }

  /** A Salesforce request with 25 others inside. */
  @Benchmark
  public void composite(Blackhole hole) {
    ConnectorRequest request =
        new ConnectorRequest(
            "POST", RequestTarget.parse("/services/data/v66.0/composite", null), JSON, COMPOSITE);
    decide(hole, "salesforce", salesforce.call(request));
  }

  private static ConnectorRequest get(String path, @Nullable String query) {
    return ConnectorRequest.head("GET", RequestTarget.parse(path, query), Headers.none());
  }

  private void decide(Blackhole hole, String connector, VendorCall call) {
    for (Operation operation : call.operations()) {
      FieldUse use = operation.fields();
      CeilingVerdict verdict =
          Ceiling.check(
              agent,
              new Attempt(
                  connector,
                  operation.family(),
                  operation.object(),
                  operation.action().word(),
                  new TouchedFields(use.read(), use.filtered(), use.written(), use.readsAll()),
                  new AskedRows(operation.rows().most(), operation.rows().way())),
              () -> NOTHING);
      if (!(verdict instanceof CeilingVerdict.Permitted)) {
        throw new IllegalStateException("the benchmark's request is not permitted");
      }
      hole.consume(verdict);
    }
  }
}
