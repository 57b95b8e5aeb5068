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
import dev.bailiwick.connector.servicenow.ServiceNowAdapter;
import dev.bailiwick.gateway.token.jose.SignatureAlgorithm;
import dev.bailiwick.gateway.token.jose.SigningKey;
import dev.bailiwick.policy.Attempt;
import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.Ceiling;
import dev.bailiwick.policy.CeilingVerdict;
import dev.bailiwick.policy.Condition;
import dev.bailiwick.policy.TouchedFields;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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

/** From a raw path to a verdict: parse the target, name the operations, ask the ceiling. */
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

  private Connector connector;
  private Bundle.AgentRule agent;

  @Setup
  public void prepare() {
    try (Scene scene = Scene.withIssuerKey(SigningKey.generate(SignatureAlgorithm.ES256))) {
      Bundle bundle = scene.bundle(scopes);
      agent = bundle.agents().values().iterator().next();
    }
    connector =
        new ServiceNowAdapter()
            .connect(
                new ConnectorSettings(
                    "servicenow",
                    URI.create("https://acme.example"),
                    URI.create(Scene.AUDIENCE + "/servicenow"),
                    Map.of()));
  }

  /** One record by its id: nothing but the path says what it is. */
  @Benchmark
  public void pathOnly(Blackhole hole) {
    decide(hole, "/api/now/table/incident/46d44a5dc0a8010e0000f1a5a4d1a3f1", null);
  }

  /** A list with chosen fields and an encoded query. */
  @Benchmark
  public void query(Blackhole hole) {
    decide(
        hole,
        "/api/now/table/incident",
        "sysparm_fields=number,short_description,state"
            + "&sysparm_query=active%3Dtrue%5Epriority%3D1%5EORDERBYDESCopened_at&sysparm_limit=20");
  }

  private void decide(Blackhole hole, String path, @Nullable String query) {
    ConnectorRequest request =
        ConnectorRequest.head("GET", RequestTarget.parse(path, query), Headers.none());
    for (Operation operation : connector.call(request).operations()) {
      FieldUse use = operation.fields();
      CeilingVerdict verdict =
          Ceiling.check(
              agent,
              new Attempt(
                  "servicenow",
                  operation.family(),
                  operation.object(),
                  operation.action().word(),
                  new TouchedFields(use.read(), use.filtered(), use.written(), use.readsAll())),
              () -> NOTHING);
      if (!(verdict instanceof CeilingVerdict.Permitted)) {
        throw new IllegalStateException("the benchmark's request is not permitted");
      }
      hole.consume(verdict);
    }
  }
}
