// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.benchmarks;

import dev.bailiwick.gateway.token.TokenVerdict;
import dev.bailiwick.gateway.token.TokenVerifier;
import dev.bailiwick.gateway.token.jose.AccessTokenVerifier;
import dev.bailiwick.gateway.token.jose.SignatureAlgorithm;
import dev.bailiwick.gateway.token.jose.SigningKey;
import dev.bailiwick.policy.Bundle;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A token that was verified before: the price of every call after the first. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up method first
public class TokenBenchmark {
  /** How the issuer signs. */
  @Param({"ES256", "RS256"})
  public SignatureAlgorithm algorithm;

  private Scene scene;
  private TokenVerifier verifier;
  private String token;

  @Setup
  public void prepare() {
    SigningKey key = SigningKey.generate(algorithm);
    scene = Scene.withIssuerKey(key);
    Bundle bundle = scene.bundle(1);
    verifier =
        AccessTokenVerifier.create(
            List.copyOf(bundle.issuers().values()),
            bundle.gateway().limits().maxTokenBytes(),
            Clock.systemUTC());
    token = scene.draft().boundTo(SigningKey.generate(SignatureAlgorithm.ES256)).sign();
    if (!(hit() instanceof TokenVerdict.Verified)) {
      throw new IllegalStateException("the benchmark's token is not accepted");
    }
  }

  /** The same token again. */
  @Benchmark
  public TokenVerdict hit() {
    return verifier.verify(token).toCompletableFuture().join();
  }

  @TearDown
  public void finish() {
    verifier.close();
    scene.close();
  }
}
