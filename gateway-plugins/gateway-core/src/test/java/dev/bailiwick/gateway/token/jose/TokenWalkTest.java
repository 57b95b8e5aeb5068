// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.gateway.token.AgentToken;
import dev.bailiwick.gateway.token.LocalReplayGuard;
import dev.bailiwick.gateway.token.ProofOfPossession;
import dev.bailiwick.gateway.token.ProofOfPossession.Presented;
import dev.bailiwick.gateway.token.ProofOptions;
import dev.bailiwick.gateway.token.TokenVerdict;
import dev.bailiwick.gateway.token.TokenVerifier;
import dev.bailiwick.policy.Bundle;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The way from minting to proving, for every algorithm. */
class TokenWalkTest {
  private static final String ISSUER = "https://login.acme.example";
  private static final String GATEWAY = "https://gateway.acme.example";

  private final FakeClock clock = new FakeClock();

  @ParameterizedTest
  @EnumSource(SignatureAlgorithm.class)
  void proveWhenTokenAndProofAreGoodThenVerifies(SignatureAlgorithm algorithm) throws Exception {
    SigningKey issuerKey = SigningKey.generate(algorithm);
    SigningKey agentKey = SigningKey.generate(algorithm);
    URI target = URI.create(GATEWAY + "/servicenow/api/now/table/incident");
    String token =
        AgentTokenMint.create(ISSUER, issuerKey, clock)
            .draft("alice", GATEWAY)
            .actor(ISSUER, "triage-agent")
            .actor(ISSUER, "planner")
            .grant("servicenow:table/incident:read")
            .boundTo(agentKey)
            .sign();
    String proof = DpopProofSigner.create(agentKey, clock).proof("GET", target, token);
    ProofOfPossession possession =
        PossessionVerifier.create(
            ProofOptions.defaults(), LocalReplayGuard.withDefaults(clock), clock);

    try (KeyServer keys = new KeyServer(issuerKey);
        TokenVerifier verifier =
            AccessTokenVerifier.create(List.of(issuer(keys.address())), 8192, clock)) {
      TokenVerdict verified =
          verifier.verify(token).toCompletableFuture().get(10, TimeUnit.SECONDS);
      assertThat(verified).isInstanceOf(TokenVerdict.Verified.class);
      AgentToken agent = ((TokenVerdict.Verified) verified).token();
      TokenVerdict proven =
          possession
              .prove(
                  agent,
                  new Presented("DPoP", token, Optional.of(proof), "GET", target, Optional.empty()))
              .toCompletableFuture()
              .join();

      assertThat(proven).isEqualTo(verified);
      assertThat(agent.actors()).hasSize(2);
      assertThat(agent.grants().covering("servicenow", "table", "incident", "read")).hasSize(1);
    }
  }

  private static Bundle.Issuer issuer(URI jwks) {
    return new Bundle.Issuer(
        "acme",
        ISSUER,
        jwks,
        GATEWAY,
        Bundle.Proof.DPOP,
        Bundle.GrantClaim.AUTHORIZATION_DETAILS,
        Duration.ofMinutes(15),
        3,
        Duration.ofSeconds(30),
        Map.of());
  }
}
