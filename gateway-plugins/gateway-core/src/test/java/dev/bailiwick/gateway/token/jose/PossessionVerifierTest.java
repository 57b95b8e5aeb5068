// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.gateway.DenyReason;
import dev.bailiwick.gateway.token.AgentToken;
import dev.bailiwick.gateway.token.Confirmation;
import dev.bailiwick.gateway.token.DpopNonces;
import dev.bailiwick.gateway.token.LocalReplayGuard;
import dev.bailiwick.gateway.token.ProofOfPossession;
import dev.bailiwick.gateway.token.ProofOfPossession.Presented;
import dev.bailiwick.gateway.token.ProofOptions;
import dev.bailiwick.gateway.token.ReplayGuard;
import dev.bailiwick.gateway.token.TokenVerdict;
import dev.bailiwick.policy.Bundle;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The checks of {@link PossessionVerifier} by the numbers of its class comment. What must be denied
 * for its form stands in the corpus of {@link MalformedTokensTest}.
 */
class PossessionVerifierTest {
  private final Lab lab = new Lab();
  private final String token = lab.draft().sign();
  private final AgentToken agent = lab.verified(token);

  @AfterEach
  void close() {
    lab.close();
  }

  @Nested
  class Step01Scheme {
    @ParameterizedTest
    @ValueSource(strings = {"DPoP", "dpop", "DPOP"})
    void proveWhenSchemeInAnyCaseThenVerifies(String scheme) {
      TokenVerdict verdict = lab.prove(agent, Lab.presented(scheme, token, lab.proof(token)));

      assertThat(verdict).isEqualTo(new TokenVerdict.Verified(agent));
    }

    @Test
    void proveWhenUnboundAndBundleAllowsBearerThenVerifies() {
      AgentToken unbound = with(new Confirmation.None(), Bundle.Proof.BEARER);

      assertThat(lab.prove(unbound, Lab.presented("Bearer", token, null)))
          .isInstanceOf(TokenVerdict.Verified.class);
    }

    @Test
    void proveWhenUnboundUnderDpopThenDenies() {
      AgentToken unbound = with(new Confirmation.None(), Bundle.Proof.BEARER);

      assertThat(reason(unbound, Lab.presented("DPoP", token, lab.proof(token))))
          .isEqualTo(DenyReason.PROOF_SCHEME);
    }

    @ParameterizedTest
    @EnumSource(
        value = Bundle.Proof.class,
        names = {"DPOP", "MTLS", "DPOP_OR_MTLS"})
    void proveWhenUnboundAndBundleDemandsAProofThenDenies(Bundle.Proof proof) {
      AgentToken unbound = with(new Confirmation.None(), proof);

      assertThat(reason(unbound, Lab.presented("Bearer", token, null)))
          .isEqualTo(DenyReason.TOKEN_UNBOUND);
    }

    @Test
    void proveWhenBoundTokenUnderBearerAndBundleAllowsBearerThenStillDenies() {
      AgentToken bound = with(agent.confirmation(), Bundle.Proof.BEARER);

      assertThat(reason(bound, Lab.presented("Bearer", token, lab.proof(token))))
          .isEqualTo(DenyReason.PROOF_SCHEME);
    }
  }

  @Nested
  class Step02And03Form {
    @ParameterizedTest
    @EnumSource(SignatureAlgorithm.class)
    void proveWhenSignedWithAcceptedAlgorithmThenVerifies(SignatureAlgorithm algorithm) {
      SigningKey key = SigningKey.generate(algorithm);
      String bound = lab.draft().boundTo(key).sign();
      String proof = DpopProofSigner.create(key, lab.clock).proof("GET", Lab.TARGET, bound);

      TokenVerdict verdict = lab.prove(lab.verified(bound), Lab.presented("DPoP", bound, proof));

      assertThat(verdict).isInstanceOf(TokenVerdict.Verified.class);
    }
  }

  @Nested
  class Step04Key {
    @Test
    void proveWhenJwkHasMoreMembersThenTheyMeanNothing() {
      Map<String, Object> jwk = new HashMap<>(Lab.AGENT_KEY.publicMembers());
      jwk.put("kid", "any");
      jwk.put("use", "enc");
      Map<String, Object> header = lab.proofHeader(Lab.AGENT_KEY);
      header.put("jwk", jwk);
      String proof = Lab.AGENT_KEY.signCompact(header, lab.proofClaims(token));

      assertThat(lab.prove(agent, Lab.presented("DPoP", token, proof)))
          .isInstanceOf(TokenVerdict.Verified.class);
    }

    @Test
    void proveWhenManyProofsOfOneKeyThenEachIsCheckedOnItsOwn() {
      lab.prove(agent, Lab.presented("DPoP", token, lab.proof(token)));
      String forged =
          Lab.OTHER_KEY.signCompact(lab.proofHeader(Lab.AGENT_KEY), lab.proofClaims(token));

      assertThat(reason(agent, Lab.presented("DPoP", token, forged)))
          .isEqualTo(DenyReason.PROOF_SIGNATURE);
    }

    @Test
    void proveWhenAnotherAgentsTokenIsUsedWithOwnKeyThenDenies() {
      String stolen = token;
      String proof =
          DpopProofSigner.create(Lab.OTHER_KEY, lab.clock).proof("GET", Lab.TARGET, stolen);

      assertThat(reason(agent, Lab.presented("DPoP", stolen, proof)))
          .isEqualTo(DenyReason.PROOF_MISMATCH);
    }
  }

  @Nested
  class Step06RequestAndToken {
    @ParameterizedTest
    @ValueSource(
        strings = {
          "https://gateway.acme.example/servicenow/api/now/table/incident?sysparm_limit=1",
          "https://gateway.acme.example/servicenow/api/now/table/incident#top",
          "HTTPS://Gateway.Acme.Example:443/servicenow/api/now/table/incident",
          "https://gateway.acme.example/servicenow/api/now/./x/../table/%69ncident",
        })
    void proveWhenHtuIsTheSameAddressInOtherSpellingThenVerifies(String htu) {
      Map<String, Object> claims = lab.proofClaims(token);
      claims.put("htu", htu);

      assertThat(lab.prove(agent, Lab.presented("DPoP", token, proof(claims))))
          .isInstanceOf(TokenVerdict.Verified.class);
    }

    @Test
    void proveWhenConfiguredAddressIsInOtherSpellingThenVerifies() {
      Presented presented =
          new Presented(
              "DPoP",
              token,
              Optional.of(lab.proof(token)),
              "GET",
              "https://GATEWAY.acme.example:443/servicenow/api/now/table/incident",
              Optional.empty());

      assertThat(lab.prove(agent, presented)).isInstanceOf(TokenVerdict.Verified.class);
    }

    @Test
    void proveWhenProofIsForAnotherTokenOfTheSameAgentThenDenies() {
      String other = lab.draft().sign();

      assertThat(reason(agent, Lab.presented("DPoP", token, lab.proof(other))))
          .isEqualTo(DenyReason.PROOF_MISMATCH);
    }
  }

  @Nested
  class Step07Window {
    @ParameterizedTest
    @ValueSource(longs = {-59, 0, 30})
    void proveWhenIatInsideTheWindowThenVerifies(long offset) {
      Map<String, Object> claims = lab.proofClaims(token);
      claims.put("iat", lab.now() + offset);

      assertThat(lab.prove(agent, Lab.presented("DPoP", token, proof(claims))))
          .isInstanceOf(TokenVerdict.Verified.class);
    }
  }

  @Nested
  class Step08Nonce {
    private final DpopNonces nonces = DpopNonces.random(Duration.ofMinutes(1), lab.clock);
    private final ProofOfPossession possession =
        PossessionVerifier.create(ProofOptions.defaults(), lab.replay, nonces, lab.clock);
    private final DpopProofSigner signer = DpopProofSigner.create(Lab.AGENT_KEY, lab.clock);

    @Test
    void proveWhenNonceAbsentThenAsksForOne() {
      TokenVerdict verdict =
          Lab.await(possession.prove(agent, Lab.presented("DPoP", token, lab.proof(token))));

      assertThat(Lab.denial(verdict).reason()).isEqualTo(DenyReason.PROOF_NONCE);
      assertThat(possession.nonce()).hasValue(nonces.current());
    }

    @Test
    void proveWhenNonceCurrentThenVerifies() {
      String nonce = possession.nonce().orElseThrow();
      String proof = signer.proof("GET", Lab.TARGET, token, nonce);

      assertThat(Lab.await(possession.prove(agent, Lab.presented("DPoP", token, proof))))
          .isInstanceOf(TokenVerdict.Verified.class);
    }

    @Test
    void proveWhenNonceTwoPeriodsOldThenAsksForANewOne() {
      String nonce = nonces.current();
      lab.clock.advance(Duration.ofMinutes(2));
      String proof = signer.proof("GET", Lab.TARGET, token, nonce);

      TokenVerdict verdict =
          Lab.await(possession.prove(agent, Lab.presented("DPoP", token, proof)));

      assertThat(Lab.denial(verdict).reason()).isEqualTo(DenyReason.PROOF_NONCE);
    }

    @Test
    void nonceWhenNotAskedForThenEmpty() {
      assertThat(lab.possession.nonce()).isEmpty();
    }
  }

  @Nested
  class Step09To11Replay {
    @Test
    void proveWhenProofUsedTwiceThenDenies() {
      Presented presented = Lab.presented("DPoP", token, lab.proof(token));
      lab.prove(agent, presented);

      assertThat(reason(agent, presented)).isEqualTo(DenyReason.PROOF_REPLAYED);
    }

    @Test
    void proveWhenProofUsedAgainLaterInTheWindowThenDenies() {
      Presented presented = Lab.presented("DPoP", token, lab.proof(token));
      lab.prove(agent, presented);
      lab.clock.advance(Duration.ofSeconds(59));

      assertThat(reason(agent, presented)).isEqualTo(DenyReason.PROOF_REPLAYED);
    }

    @Test
    void proveWhenProofFromAheadUsedAgainThenDeniesUntilItIsStale() {
      Map<String, Object> claims = lab.proofClaims(token);
      claims.put("iat", lab.now() + 30);
      Presented presented = Lab.presented("DPoP", token, proof(claims));
      lab.prove(agent, presented);

      lab.clock.advance(Duration.ofSeconds(89));
      DenyReason lastSecond = reason(agent, presented);
      lab.clock.advance(Duration.ofSeconds(1));
      DenyReason afterwards = reason(agent, presented);

      assertThat(lastSecond).isEqualTo(DenyReason.PROOF_REPLAYED);
      assertThat(afterwards).isEqualTo(DenyReason.PROOF_STALE);
    }

    @Test
    void proveWhenHtuOfTheSecondUseIsSpelledDifferentlyThenStillReplayed() {
      Map<String, Object> claims = lab.proofClaims(token);
      lab.prove(agent, Lab.presented("DPoP", token, proof(claims)));
      claims.put("htu", Lab.TARGET + "?again");

      assertThat(reason(agent, Lab.presented("DPoP", token, proof(claims))))
          .isEqualTo(DenyReason.PROOF_REPLAYED);
    }

    @Test
    void proveWhenProofIsForgedThenItsJtiStaysUsable() {
      Map<String, Object> claims = lab.proofClaims(token);
      String forged = Lab.OTHER_KEY.signCompact(lab.proofHeader(Lab.AGENT_KEY), claims);
      lab.prove(agent, Lab.presented("DPoP", token, forged));

      assertThat(lab.prove(agent, Lab.presented("DPoP", token, proof(claims))))
          .isInstanceOf(TokenVerdict.Verified.class);
    }

    @Test
    void proveWhenKeyAtItsLimitThenDeniesAndOthersPass() {
      LocalReplayGuard small = new LocalReplayGuard(2, 10, lab.clock);
      ProofOfPossession possession =
          PossessionVerifier.create(ProofOptions.defaults(), small, lab.clock);
      String othersToken = lab.draft().boundTo(Lab.OTHER_KEY).sign();
      String othersProof =
          DpopProofSigner.create(Lab.OTHER_KEY, lab.clock).proof("GET", Lab.TARGET, othersToken);

      List<TokenVerdict> flood =
          Stream.generate(
                  () ->
                      Lab.await(
                          possession.prove(agent, Lab.presented("DPoP", token, lab.proof(token)))))
              .limit(3)
              .toList();
      TokenVerdict other =
          Lab.await(
              possession.prove(
                  lab.verified(othersToken), Lab.presented("DPoP", othersToken, othersProof)));

      assertThat(flood.subList(0, 2)).hasOnlyElementsOfType(TokenVerdict.Verified.class);
      assertThat(Lab.denial(flood.get(2)).reason()).isEqualTo(DenyReason.REPLAY_CAPACITY);
      assertThat(other).isInstanceOf(TokenVerdict.Verified.class);
    }

    @Test
    void proveWhenStoreDoesNotAnswerThenDenies() {
      assertThat(reasonWith(CompletableFuture.completedFuture(ReplayGuard.Outcome.UNAVAILABLE)))
          .isEqualTo(DenyReason.REPLAY_CAPACITY);
    }

    @Test
    void proveWhenStoreFailsThenDenies() {
      assertThat(reasonWith(CompletableFuture.failedFuture(new IllegalStateException("down"))))
          .isEqualTo(DenyReason.REPLAY_CAPACITY);
    }

    @Test
    void proveWhenStoreThrowsThenDeniesAsInternal() {
      assertThat(reasonWith(null)).isEqualTo(DenyReason.INTERNAL);
    }

    @Test
    void proveWhenStoreIsSlowThenWaitsWithoutBlocking() {
      CompletableFuture<ReplayGuard.Outcome> slow = new CompletableFuture<>();

      CompletionStage<TokenVerdict> stage =
          with(slow).prove(agent, Lab.presented("DPoP", token, lab.proof(token)));
      boolean early = stage.toCompletableFuture().isDone();
      slow.complete(ReplayGuard.Outcome.FRESH);

      assertThat(early).isFalse();
      assertThat(stage.toCompletableFuture())
          .isCompletedWithValueMatching(verdict -> verdict instanceof TokenVerdict.Verified);
    }

    @Test
    void proveWhenCheapCheckFailsThenTheStoreIsNeverAsked() {
      List<ReplayGuard.Use> asked = new ArrayList<>();
      ProofOfPossession possession =
          PossessionVerifier.create(
              ProofOptions.defaults(),
              new FakeReplayGuard(CompletableFuture.completedFuture(null), asked),
              lab.clock);
      Map<String, Object> claims = lab.proofClaims(token);
      claims.put("htm", "DELETE");

      Lab.await(possession.prove(agent, Lab.presented("DPoP", token, proof(claims))));

      assertThat(asked).isEmpty();
    }

    private DenyReason reasonWith(CompletionStage<ReplayGuard.Outcome> outcome) {
      return Lab.denial(
              Lab.await(with(outcome).prove(agent, Lab.presented("DPoP", token, lab.proof(token)))))
          .reason();
    }

    private ProofOfPossession with(CompletionStage<ReplayGuard.Outcome> outcome) {
      return PossessionVerifier.create(
          ProofOptions.defaults(), new FakeReplayGuard(outcome, new ArrayList<>()), lab.clock);
    }
  }

  /** Answers as told, or throws when told nothing. */
  private record FakeReplayGuard(CompletionStage<Outcome> outcome, List<ReplayGuard.Use> asked)
      implements ReplayGuard {
    @Override
    public boolean seenHere(Use use) {
      asked.add(use);
      return false;
    }

    @Override
    public CompletionStage<Outcome> remember(Use use) {
      asked.add(use);
      if (outcome == null) {
        throw new IllegalStateException("broken");
      }
      return outcome;
    }
  }

  @Nested
  class Certificates {
    private final X509Certificate certificate = certificate();
    private final String thumbprint = Base64Url.encode(TokenHash.sha256(der()));
    private final AgentToken bound =
        with(new Confirmation.ClientCertificate(thumbprint), Bundle.Proof.MTLS);

    @Test
    void proveWhenConnectionHasTheCertificateThenVerifies() {
      assertThat(lab.prove(bound, presented("Bearer", Optional.of(certificate))))
          .isInstanceOf(TokenVerdict.Verified.class);
    }

    @Test
    void proveWhenConnectionHasNoCertificateThenDenies() {
      assertThat(reason(bound, presented("Bearer", Optional.empty())))
          .isEqualTo(DenyReason.PROOF_CERTIFICATE);
    }

    @Test
    void proveWhenConnectionHasAnotherCertificateThenDenies() {
      AgentToken other =
          with(new Confirmation.ClientCertificate(Lab.AGENT_KEY.thumbprint()), Bundle.Proof.MTLS);

      assertThat(reason(other, presented("Bearer", Optional.of(certificate))))
          .isEqualTo(DenyReason.PROOF_CERTIFICATE);
    }

    @Test
    void proveWhenCertificateFitsButSchemeIsDpopThenDenies() {
      assertThat(reason(bound, presented("DPoP", Optional.of(certificate))))
          .isEqualTo(DenyReason.PROOF_SCHEME);
    }

    private Presented presented(String scheme, Optional<X509Certificate> connection) {
      return new Presented(
          scheme, token, Optional.empty(), "GET", Lab.TARGET.toString(), connection);
    }

    private byte[] der() {
      try {
        return certificate.getEncoded();
      } catch (CertificateException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Nested
  class Unexpected {
    @Test
    void proveWhenTargetIsNoHttpAddressThenDeniesAsInternal() {
      Presented presented =
          new Presented(
              "DPoP", token, Optional.of(lab.proof(token)), "GET", "urn:gateway", Optional.empty());

      assertThat(reason(agent, presented)).isEqualTo(DenyReason.INTERNAL);
    }

    @Test
    void toStringOfWhatWasPresentedThenShowsNothing() {
      assertThat(Lab.presented("DPoP", token, lab.proof(token))).hasToString("Presented[hidden]");
    }
  }

  private String proof(Map<String, Object> claims) {
    return Lab.AGENT_KEY.signCompact(lab.proofHeader(Lab.AGENT_KEY), claims);
  }

  private DenyReason reason(AgentToken agentToken, Presented presented) {
    return Lab.denial(lab.prove(agentToken, presented)).reason();
  }

  private AgentToken with(Confirmation confirmation, Bundle.Proof proof) {
    return new AgentToken(
        Lab.proof(proof).apply(agent.issuer()),
        agent.principal(),
        agent.actors(),
        agent.task(),
        agent.session(),
        agent.tokenId(),
        agent.parentTokenId(),
        agent.clientId(),
        agent.grantList(),
        agent.grants(),
        confirmation,
        agent.claims(),
        agent.issuedAt(),
        agent.notBefore(),
        agent.expiresAt());
  }

  private static X509Certificate certificate() {
    String pem =
        """
        -----BEGIN CERTIFICATE-----
        MIIBdzCCAR2gAwIBAgIUBf36y0IpelZ2u2GrPs9x1u2nZgkwCgYIKoZIzj0EAwIw
        EDEOMAwGA1UEAwwFYWdlbnQwIBcNMjYxMTIzMDQyMTI5WhgPMjEyNjEwMzAwNDIx
        MjlaMBAxDjAMBgNVBAMMBWFnZW50MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
        mas5NA9F5LZRvQf36WtHG3l66WX/amVZqpBr8HJF+M/VpC1cgTX5ZNeuu7Ix0v2K
        GgK0gj+mjwdjOdl4/521JaNTMFEwHQYDVR0OBBYEFPx404xsfDHALsmPHNcrTuv3
        aCiiMB8GA1UdIwQYMBaAFPx404xsfDHALsmPHNcrTuv3aCiiMA8GA1UdEwEB/wQF
        MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAKY0wweU9k//ilnlMX/Pb/cqRMV7IFQv
        v8Rh21G2t23vAiAsYQTrfEpecgE4JaJ4RXomxU4AUMVJsLxViqrBfjHs4w==
        -----END CERTIFICATE-----
        """;
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(
                  new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    } catch (CertificateException e) {
      throw new AssertionError(e);
    }
  }
}
