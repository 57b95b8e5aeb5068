// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.benchmarks;

import dev.bailiwick.gateway.token.AgentToken;
import dev.bailiwick.gateway.token.ProofOfPossession;
import dev.bailiwick.gateway.token.ProofOptions;
import dev.bailiwick.gateway.token.ReplayGuard;
import dev.bailiwick.gateway.token.TokenVerdict;
import dev.bailiwick.gateway.token.TokenVerifier;
import dev.bailiwick.gateway.token.jose.AccessTokenVerifier;
import dev.bailiwick.gateway.token.jose.DpopProofSigner;
import dev.bailiwick.gateway.token.jose.PossessionVerifier;
import dev.bailiwick.gateway.token.jose.SignatureAlgorithm;
import dev.bailiwick.gateway.token.jose.SigningKey;
import dev.bailiwick.policy.Bundle;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * One DPoP proof, checked in full. The proof is the same every time, so the replay memory is one
 * that has never seen it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up method first
public class ProofBenchmark {
  /** How the agent signs. */
  @Param({"ES256", "EDDSA"})
  public SignatureAlgorithm algorithm;

  private ProofOfPossession possession;
  private AgentToken token;
  private ProofOfPossession.Presented presented;

  @Setup
  public void prepare() {
    SigningKey issuerKey = SigningKey.generate(SignatureAlgorithm.ES256);
    SigningKey proofKey = SigningKey.generate(algorithm);
    try (Scene scene = Scene.withIssuerKey(issuerKey)) {
      Bundle bundle = scene.bundle(1);
      String compact = scene.draft().boundTo(proofKey).sign();
      URI target = URI.create(Scene.AUDIENCE + "/servicenow/api/now/table/incident");
      token = verified(bundle, compact);
      presented =
          new ProofOfPossession.Presented(
              "DPoP",
              compact,
              Optional.of(
                  DpopProofSigner.create(proofKey, Clock.systemUTC())
                      .proof("GET", target, compact)),
              "GET",
              target.toString(),
              Optional.empty());
    }
    possession =
        PossessionVerifier.create(
            new ProofOptions(
                Duration.ofMinutes(9),
                Duration.ofSeconds(30),
                ProofOptions.defaults().maxProofBytes()),
            new Forgetful(),
            Clock.systemUTC());
    if (!(proof() instanceof TokenVerdict.Verified)) {
      throw new IllegalStateException("the benchmark's proof is not accepted");
    }
  }

  private static AgentToken verified(Bundle bundle, String compact) {
    try (TokenVerifier verifier =
        AccessTokenVerifier.create(
            List.copyOf(bundle.issuers().values()), compact.length(), Clock.systemUTC())) {
      return ((TokenVerdict.Verified) verifier.verify(compact).toCompletableFuture().join())
          .token();
    }
  }

  /** Everything that RFC 9449 §4.3 asks for, signature included. */
  @Benchmark
  public TokenVerdict proof() {
    return possession.prove(token, presented).toCompletableFuture().join();
  }

  /** Every proof is a first use to it. */
  private static final class Forgetful implements ReplayGuard {
    @Override
    public CompletionStage<Outcome> remember(Use use) {
      return CompletableFuture.completedStage(Outcome.FRESH);
    }

    @Override
    public boolean seenHere(Use use) {
      return false;
    }
  }
}
