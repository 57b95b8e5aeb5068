// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.bailiwick.audit.AuditRecord.Actor;
import dev.bailiwick.gateway.Denial;
import dev.bailiwick.gateway.DenyReason;
import dev.bailiwick.gateway.token.AgentToken;
import dev.bailiwick.gateway.token.Confirmation;
import dev.bailiwick.gateway.token.TokenGrant;
import dev.bailiwick.gateway.token.TokenVerdict;
import dev.bailiwick.gateway.token.TokenVerifier;
import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.FieldRule;
import dev.bailiwick.policy.Scope;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The checks of {@link AccessTokenVerifier} by the numbers of its class comment: what passes, and
 * what needs more than a malformed token to show. What must be denied for its form stands in the
 * corpus of {@link MalformedTokensTest}.
 */
class AccessTokenVerifierTest {
  private Lab lab = new Lab();

  @AfterEach
  void close() {
    lab.close();
  }

  private void relaunch(Lab other) {
    lab.close();
    lab = other;
  }

  @Nested
  class Step01And02Form {
    @Test
    void verifyWhenTokenExactlyAtLimitThenVerifies() {
      int spare = Lab.MAX_TOKEN_BYTES - lab.draft().claim("note", "").sign().length();
      String token = lab.draft().claim("note", "x".repeat(spare * 3 / 4)).sign();

      assertThat(token.length()).isBetween(Lab.MAX_TOKEN_BYTES - 3, Lab.MAX_TOKEN_BYTES);
      assertThat(lab.verify(token)).isInstanceOf(TokenVerdict.Verified.class);
    }

    @Test
    void verifyWhenUnusedBitsOfTheSignatureChangedThenDenies() {
      String token = lab.draft().sign();
      lab.verified(token);
      String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
      char last = token.charAt(token.length() - 1);
      char sameOctets = alphabet.charAt(alphabet.indexOf(last) + 1);

      Denial denial = lab.denial(token.substring(0, token.length() - 1) + sameOctets);

      assertThat(denial.reason()).isEqualTo(DenyReason.TOKEN_MALFORMED);
    }
  }

  @Nested
  class Step04Issuer {
    @Test
    void verifyWhenIssuerUnknownThenNothingIsFetched() {
      Map<String, Object> claims = lab.claims();
      claims.put("iss", "https://evil.example");

      Denial denial = lab.denial(Lab.OTHER_KEY.signCompact(lab.header(), claims));

      assertThat(denial.reason()).isEqualTo(DenyReason.TOKEN_ISSUER);
      assertThat(lab.keys.requests()).isZero();
    }

    @Test
    void verifyWhenKeyIsOfAnotherTrustedIssuerThenDenies() {
      try (KeyServer otherKeys = new KeyServer(Lab.OTHER_KEY)) {
        Bundle.Issuer other = renamed(Lab.rules(otherKeys.address()), "other");
        TokenVerifier both =
            AccessTokenVerifier.create(
                List.of(Lab.rules(lab.keys.address()), other), Lab.MAX_TOKEN_BYTES, lab.clock);
        String crossed =
            AgentTokenMint.create(Lab.ISSUER, Lab.OTHER_KEY, lab.clock)
                .draft("alice", Lab.GATEWAY)
                .sign();

        Denial denial = Lab.denial(Lab.await(both.verify(crossed)));
        both.close();

        assertThat(denial.reason()).isEqualTo(DenyReason.TOKEN_KEY);
      }
    }

    @Test
    void createWhenTwoIssuersShareTheirIssThenThrows() {
      Bundle.Issuer rules = Lab.rules(URI.create("http://127.0.0.1:1/jwks"));

      assertThatIllegalArgumentException()
          .isThrownBy(() -> AccessTokenVerifier.create(List.of(rules, rules), 8192, lab.clock))
          .withMessageContaining("acme");
    }

    @Test
    void createWhenClockSkewAboveOneMinuteThenThrows() {
      Bundle.Issuer r = Lab.rules(URI.create("http://127.0.0.1:1/jwks"));
      Bundle.Issuer lax =
          new Bundle.Issuer(
              r.name(),
              r.issuer(),
              r.jwks(),
              r.audience(),
              r.proof(),
              r.grants(),
              r.maxLifetime(),
              r.maxDepth(),
              Duration.ofSeconds(61),
              r.claims());

      assertThatIllegalArgumentException()
          .isThrownBy(() -> AccessTokenVerifier.create(List.of(lax), 8192, lab.clock))
          .withMessageContaining("clockSkew");
    }

    private Bundle.Issuer renamed(Bundle.Issuer r, String name) {
      return new Bundle.Issuer(
          name,
          "https://" + name + ".example",
          r.jwks(),
          r.audience(),
          r.proof(),
          r.grants(),
          r.maxLifetime(),
          r.maxDepth(),
          r.clockSkew(),
          r.claims());
    }
  }

  @Nested
  class Step05And06KeyAndSignature {
    @ParameterizedTest
    @EnumSource(SignatureAlgorithm.class)
    void verifyWhenSignedWithAcceptedAlgorithmThenVerifies(SignatureAlgorithm algorithm) {
      SigningKey key = SigningKey.generate(algorithm);
      relaunch(new Lab(rules -> rules, key));
      String token =
          AgentTokenMint.create(Lab.ISSUER, key, lab.clock)
              .draft("alice", Lab.GATEWAY)
              .grant("servicenow:table/incident:read")
              .boundTo(Lab.AGENT_KEY)
              .sign();

      assertThat(lab.verified(token).principal()).isEqualTo("alice");
    }

    @ParameterizedTest
    @EnumSource(SignatureAlgorithm.class)
    void verifyWhenOneBitOfTheSignatureFlipsThenDenies(SignatureAlgorithm algorithm) {
      SigningKey key = SigningKey.generate(algorithm);
      relaunch(new Lab(rules -> rules, key));
      String token =
          AgentTokenMint.create(Lab.ISSUER, key, lab.clock).draft("alice", Lab.GATEWAY).sign();
      int dot = token.lastIndexOf('.');
      byte[] signature = Base64Url.decodeCanonical(token.substring(dot + 1));
      signature[signature.length / 2] ^= 1;

      Denial denial = lab.denial(token.substring(0, dot + 1) + Base64Url.encode(signature));

      assertThat(denial.reason()).isEqualTo(DenyReason.TOKEN_SIGNATURE);
    }
  }

  @Nested
  class Step07Type {
    @ParameterizedTest
    @ValueSource(strings = {"at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"})
    void verifyWhenTypeNamesAnAccessTokenThenVerifies(String typ) {
      Map<String, Object> header = lab.header();
      header.put("typ", typ);

      TokenVerdict verdict = lab.verify(Lab.ISSUER_KEY.signCompact(header, lab.claims()));

      assertThat(verdict).isInstanceOf(TokenVerdict.Verified.class);
    }
  }

  @Nested
  class Step08Times {
    @Test
    void verifyWhenExpiredWithinSkewThenVerifies() {
      Map<String, Object> claims = lab.claims();
      claims.put("exp", lab.now() - 29);
      claims.put("iat", lab.now() - 300);

      assertThat(lab.verify(sign(claims))).isInstanceOf(TokenVerdict.Verified.class);
    }

    @Test
    void verifyWhenTimesAreFractionsThenReadsThem() {
      Map<String, Object> claims = lab.claims();
      claims.put("nbf", lab.now() - 0.5);

      assertThat(lab.verified(sign(claims)).notBefore())
          .hasValue(lab.clock.instant().minusMillis(500));
    }

    @Test
    void verifyWhenLifetimeExactlyAtLimitThenVerifies() {
      String token = lab.draft().lifetime(Duration.ofMinutes(15)).sign();

      assertThat(lab.verify(token)).isInstanceOf(TokenVerdict.Verified.class);
    }

    @Test
    void verifyWhenIssuedAheadWithinSkewThenVerifies() {
      Map<String, Object> claims = lab.claims();
      claims.put("iat", lab.now() + 30);
      claims.put("nbf", lab.now() + 30);

      assertThat(lab.verify(sign(claims))).isInstanceOf(TokenVerdict.Verified.class);
    }
  }

  @Nested
  class Step09AudienceAndClaims {
    @Test
    void verifyWhenAudienceIsAnArrayOfOneThenVerifies() {
      Map<String, Object> claims = lab.claims();
      claims.put("aud", List.of(Lab.GATEWAY));

      assertThat(lab.verify(sign(claims))).isInstanceOf(TokenVerdict.Verified.class);
    }

    @Test
    void verifyWhenTokenIsGoodThenSaysWhatItHolds() {
      String token =
          lab.draft()
              .actor(Lab.ISSUER, "planner")
              .client("client-1")
              .task("task-1")
              .session("session-1")
              .tokenId("token-1")
              .parent("https://other.example", "token-0")
              .claim("groups", List.of("support"))
              .sign();

      AgentToken agent = lab.verified(token);

      assertThat(agent.principal()).isEqualTo("alice");
      assertThat(agent.actors())
          .containsExactly(new Actor(Lab.ISSUER, "triage-agent"), new Actor(Lab.ISSUER, "planner"));
      assertThat(agent.clientId()).hasValue("client-1");
      assertThat(agent.task()).isEqualTo("task-1");
      assertThat(agent.session()).hasValue("session-1");
      assertThat(agent.tokenId()).isEqualTo("token-1");
      assertThat(agent.parentTokenId()).hasValue("token-0");
      assertThat(agent.claims()).containsEntry("groups", List.of("support"));
      assertThat(agent.issuedAt()).isEqualTo(lab.clock.instant());
      assertThat(agent.expiresAt()).isEqualTo(lab.clock.instant().plus(Duration.ofMinutes(5)));
    }

    @Test
    void verifyWhenBundleRenamesClaimsThenReadsThose() {
      relaunch(new Lab(Lab.claimNames(Map.of("task", "run_id", "session", "session_state"))));
      Map<String, Object> claims = lab.claims();
      claims.remove("txn");
      claims.put("run_id", "run-7");
      claims.put("session_state", "s-7");

      AgentToken agent = lab.verified(sign(claims));

      assertThat(agent.task()).isEqualTo("run-7");
      assertThat(agent.session()).hasValue("s-7");
    }

    @Test
    void verifyWhenRenamedTaskClaimMissingThenDeniesAndNamesIt() {
      relaunch(new Lab(Lab.claimNames(Map.of("task", "run_id"))));

      Denial denial = lab.denial(sign(lab.claims()));

      assertThat(denial.reason()).isEqualTo(DenyReason.TOKEN_CLAIMS);
      assertThat(denial.sentence()).contains("run_id");
    }
  }

  @Nested
  class Step10Confirmation {
    private final String jkt = Lab.AGENT_KEY.thumbprint();

    @ParameterizedTest
    @EnumSource(
        value = Bundle.Proof.class,
        names = {"DPOP", "DPOP_OR_MTLS", "BEARER"})
    void verifyWhenBoundToAKeyThenVerifiesAndStaysBound(Bundle.Proof proof) {
      relaunch(new Lab(Lab.proof(proof)));

      AgentToken agent = lab.verified(sign(lab.claims()));

      assertThat(agent.confirmation()).isEqualTo(new Confirmation.DpopKey(jkt));
    }

    @ParameterizedTest
    @EnumSource(
        value = Bundle.Proof.class,
        names = {"MTLS", "DPOP_OR_MTLS", "BEARER"})
    void verifyWhenBoundToACertificateThenVerifiesAndStaysBound(Bundle.Proof proof) {
      relaunch(new Lab(Lab.proof(proof)));
      Map<String, Object> claims = lab.claims();
      claims.put("cnf", Map.of("x5t#S256", jkt));

      AgentToken agent = lab.verified(sign(claims));

      assertThat(agent.confirmation()).isEqualTo(new Confirmation.ClientCertificate(jkt));
    }

    @Test
    void verifyWhenBoundToAKeyWhereCertificatesAreDemandedThenDenies() {
      relaunch(new Lab(Lab.proof(Bundle.Proof.MTLS)));

      Denial denial = lab.denial(sign(lab.claims()));

      assertThat(denial.reason()).isEqualTo(DenyReason.TOKEN_UNBOUND);
      assertThat(denial.sentence()).contains("mtls");
    }

    @Test
    void verifyWhenUnboundAndBundleAllowsBearerThenVerifies() {
      relaunch(new Lab(Lab.proof(Bundle.Proof.BEARER)));
      Map<String, Object> claims = lab.claims();
      claims.remove("cnf");

      assertThat(lab.verified(sign(claims)).confirmation()).isEqualTo(new Confirmation.None());
    }

    @ParameterizedTest
    @EnumSource(
        value = Bundle.Proof.class,
        names = {"DPOP", "MTLS", "DPOP_OR_MTLS"})
    void verifyWhenUnboundAndBundleDemandsAProofThenDenies(Bundle.Proof proof) {
      relaunch(new Lab(Lab.proof(proof)));
      Map<String, Object> claims = lab.claims();
      claims.remove("cnf");

      assertThat(lab.denial(sign(claims)).reason()).isEqualTo(DenyReason.TOKEN_UNBOUND);
    }

    @Test
    void verifyWhenUnknownMethodStandsBesideAKnownOneThenIgnoresIt() {
      Map<String, Object> claims = lab.claims();
      claims.put("cnf", Map.of("jkt", jkt, "osc", "x"));

      assertThat(lab.verified(sign(claims)).confirmation())
          .isEqualTo(new Confirmation.DpopKey(jkt));
    }

    @Test
    void verifyWhenOnlyUnknownMethodsAndBundleAllowsBearerThenStillDenies() {
      relaunch(new Lab(Lab.proof(Bundle.Proof.BEARER)));
      Map<String, Object> claims = lab.claims();
      claims.put("cnf", Map.of("osc", "x"));

      assertThat(lab.denial(sign(claims)).reason()).isEqualTo(DenyReason.TOKEN_CONFIRMATION);
    }
  }

  @Nested
  class Step14ChainAndGrants {
    @Test
    void verifyWhenNoActorThenThePrincipalCallsItself() {
      Map<String, Object> claims = lab.claims();
      claims.remove("act");

      assertThat(lab.verified(sign(claims)).actors()).isEmpty();
    }

    @Test
    void verifyWhenChainExactlyAtLimitThenVerifies() {
      String token = lab.draft().actor("i", "second").actor("i", "third").sign();

      assertThat(lab.verified(token).actors()).hasSize(3);
    }

    @Test
    void verifyWhenActorCarriesOtherMembersThenTheyMeanNothing() {
      Map<String, Object> claims = lab.claims();
      Map<String, Object> act =
          Map.of(
              "iss", "i",
              "sub", "s",
              "sub_profile", "ai_agent",
              "exp", 1,
              "aud", "https://other.example",
              "cnf", Map.of("jkt", "not this one"));
      claims.put("act", act);

      AgentToken agent = lab.verified(sign(claims));

      assertThat(agent.actors()).containsExactly(new Actor("i", "s"));
      assertThat(agent.confirmation())
          .isEqualTo(new Confirmation.DpopKey(Lab.AGENT_KEY.thumbprint()));
    }

    @Test
    void verifyWhenDetailsThenGrantsEveryDatatypeAndAction() {
      Map<String, Object> detail = Lab.detail();
      detail.put("datatypes", List.of("table/incident", "attachment/*"));
      detail.put("actions", List.of("read", "create"));
      detail.put("fields", Map.of("allow", List.of("state"), "deny", List.of("salary")));
      detail.put("locations", List.of(Lab.GATEWAY));
      FieldRule fields = new FieldRule(Set.of("state"), Set.of("salary"));

      AgentToken agent = lab.verified(sign(withDetail(detail)));

      assertThat(agent.grantList())
          .containsExactly(
              new TokenGrant(Scope.parse("servicenow:table/incident:read"), fields),
              new TokenGrant(Scope.parse("servicenow:table/incident:create"), fields),
              new TokenGrant(Scope.parse("servicenow:attachment/*:read"), fields),
              new TokenGrant(Scope.parse("servicenow:attachment/*:create"), fields));
      assertThat(agent.grants().covering("servicenow", "attachment", "x", "read")).hasSize(1);
      assertThat(agent.grants().covering("servicenow", "table", "user", "read")).isEmpty();
    }

    @Test
    void verifyWhenScopeBesideDetailsThenOnlyWhatBothCoverIsGranted() {
      Map<String, Object> detail = Lab.detail();
      detail.put("datatypes", List.of("table/*"));
      detail.put("actions", List.of("read", "update"));
      detail.put("fields", Map.of("deny", List.of("salary")));
      Map<String, Object> claims = withDetail(detail);
      claims.put(
          "scope", "openid servicenow:table/incident:* *:table/problem:read salesforce:x/y:read");

      AgentToken agent = lab.verified(sign(claims));

      assertThat(agent.grantList())
          .extracting(grant -> grant.scope().toString())
          .containsExactlyInAnyOrder(
              "servicenow:table/incident:read",
              "servicenow:table/problem:read",
              "servicenow:table/incident:update");
      assertThat(agent.grantList()).noneMatch(grant -> grant.fields().permits("salary"));
    }

    @Test
    void verifyWhenScopeBesideDetailsIsDisjointThenGrantsNothing() {
      Map<String, Object> claims = lab.claims();
      claims.put("scope", "servicenow:table/problem:read");

      assertThat(lab.verified(sign(claims)).grantList()).isEmpty();
    }

    @Test
    void verifyWhenScopesBesideDetailsAreNotOurFormThenDetailsStand() {
      Map<String, Object> claims = lab.claims();
      claims.put("scope", "openid https://graph.example/User.Read");

      assertThat(lab.verified(sign(claims)).grantList()).hasSize(1);
    }

    @Test
    void verifyWhenBundleTakesScopesThenGrantsThem() {
      relaunch(new Lab(Lab.grants(Bundle.GrantClaim.SCOPE)));
      Map<String, Object> claims = lab.claims();
      claims.remove("authorization_details");
      claims.put("scope", "openid servicenow:table/incident:read");

      assertThat(lab.verified(sign(claims)).grantList())
          .containsExactly(
              new TokenGrant(Scope.parse("servicenow:table/incident:read"), FieldRule.any()));
    }

    @Test
    void verifyWhenBundleTakesScopesAndDetailsAreThereThenDetailsNarrow() {
      relaunch(new Lab(Lab.grants(Bundle.GrantClaim.SCOPE)));
      Map<String, Object> claims = lab.claims();
      claims.put("scope", "servicenow:table/*:*");

      assertThat(lab.verified(sign(claims)).grantList())
          .containsExactly(
              new TokenGrant(Scope.parse("servicenow:table/incident:read"), FieldRule.any()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "openid"})
    void verifyWhenBundleTakesScopesAndNoneIsOursThenDenies(String scope) {
      relaunch(new Lab(Lab.grants(Bundle.GrantClaim.SCOPE)));
      Map<String, Object> claims = lab.claims();
      claims.remove("authorization_details");
      if (!scope.isEmpty()) {
        claims.put("scope", scope);
      }

      assertThat(lab.denial(sign(claims)).reason())
          .isEqualTo(DenyReason.TOKEN_AUTHORIZATION_DETAILS);
    }

    private Map<String, Object> withDetail(Map<String, Object> detail) {
      Map<String, Object> claims = lab.claims();
      claims.put("authorization_details", List.of(detail));
      return claims;
    }
  }

  @Nested
  class RememberedTokens {
    @Test
    void verifyWhenSeenBeforeThenAnswersWithTheSameToken() {
      String token = lab.draft().sign();
      AgentToken first = lab.verified(token);

      assertThat(lab.verified(token)).isSameAs(first);
    }

    @Test
    void verifyWhenSeenBeforeAndExpiredSinceThenDenies() {
      String token = lab.draft().sign();
      lab.verified(token);
      lab.clock.advance(Duration.ofSeconds(330));

      assertThat(lab.denial(token).reason()).isEqualTo(DenyReason.TOKEN_EXPIRED);
    }

    @Test
    void verifyWhenSeenBeforeAndClockSetBackBehindNbfThenDenies() {
      Map<String, Object> claims = lab.claims();
      claims.put("nbf", lab.now());
      String token = sign(claims);
      lab.verified(token);
      lab.clock.advance(Duration.ofSeconds(-31));

      assertThat(lab.denial(token).reason()).isEqualTo(DenyReason.TOKEN_NOT_YET_VALID);
    }

    @Test
    void verifyWhenForgedTokenCopiesIssAndJtiThenDenies() {
      String token = sign(lab.claims());
      lab.verified(token);
      Map<String, Object> forged = lab.claims();
      forged.put("sub", "root");
      String[] segments = token.split("[.]");
      String unsigned = Lab.OTHER_KEY.signCompact(lab.header(), forged);

      Denial copiedSignature =
          lab.denial(unsigned.substring(0, unsigned.lastIndexOf('.') + 1) + segments[2]);

      assertThat(copiedSignature.reason()).isEqualTo(DenyReason.TOKEN_SIGNATURE);
      assertThat(lab.denial(unsigned).reason()).isEqualTo(DenyReason.TOKEN_SIGNATURE);
    }

    @Test
    void verifyWhenKeyWithdrawnThenRememberedTokensDieWithIt() {
      String token = lab.draft().lifetime(Duration.ofMinutes(15)).sign();
      lab.verified(token);
      lab.keys.publish(Lab.OTHER_KEY);
      lab.clock.advance(KeyFetching.defaults().keepFor().plus(Duration.ofMinutes(1)));

      assertThat(lab.denial(token).reason()).isEqualTo(DenyReason.TOKEN_KEY);
    }

    @Test
    void verifyWhenKeysFetchedAgainUnchangedThenTokensStayRemembered() {
      String token = lab.draft().lifetime(Duration.ofMinutes(15)).sign();
      AgentToken first = lab.verified(token);
      lab.clock.advance(KeyFetching.defaults().keepFor().plus(Duration.ofMinutes(1)));
      String another = lab.draft().sign();
      lab.verified(another);

      assertThat(lab.keys.requests()).isEqualTo(2);
      assertThat(lab.verified(token)).isSameAs(first);
    }

    @Test
    void verifyWhenManyThreadsMixGoodAndForgedThenNoneIsTakenForAnother() throws Exception {
      int threads = 8;
      List<String> good =
          IntStream.range(0, 4).mapToObj(i -> lab.draft().tokenId("t" + i).sign()).toList();
      CyclicBarrier start = new CyclicBarrier(threads);
      Callable<Set<Object>> work =
          () -> {
            Set<Object> wrong = new HashSet<>();
            start.await();
            for (int i = 0; i < 200; i++) {
              String token = good.get(i % good.size());
              String forged = token.substring(0, token.length() - 8) + "AAAAAAAA";
              if (!(lab.verify(token) instanceof TokenVerdict.Verified v)
                  || !v.token().tokenId().equals("t" + i % good.size())) {
                wrong.add("denied a good one");
              }
              if (i % 20 == 0 && lab.verify(forged) instanceof TokenVerdict.Verified) {
                wrong.add("verified a forged one");
              }
            }
            return wrong;
          };

      try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
        for (Future<Set<Object>> done : pool.invokeAll(Collections.nCopies(threads, work))) {
          assertThat(done.get()).isEmpty();
        }
      }
      assertThat(lab.keys.requests()).isEqualTo(1);
    }
  }

  @Nested
  class Unexpected {
    @Test
    void verifyWhenSomethingBreaksThenDeniesAsInternalAndShowsNothing() {
      Clock broken =
          new Clock() {
            @Override
            public ZoneId getZone() {
              return ZoneId.of("UTC");
            }

            @Override
            public Clock withZone(ZoneId zone) {
              return this;
            }

            @Override
            public Instant instant() {
              throw new IllegalStateException("no time");
            }
          };
      TokenVerifier verifier =
          AccessTokenVerifier.create(
              List.of(Lab.rules(lab.keys.address())), Lab.MAX_TOKEN_BYTES, broken);

      Denial denial = Lab.denial(Lab.await(verifier.verify(lab.draft().sign())));
      verifier.close();

      assertThat(denial.reason()).isEqualTo(DenyReason.INTERNAL);
    }

    @Test
    void toStringThenNamesIssuersOnly() {
      assertThat(lab.verifier).hasToString("AccessTokenVerifier[acme]");
    }
  }

  private static String sign(Map<String, Object> claims) {
    return Lab.ISSUER_KEY.signCompact(
        Map.of("typ", "at+jwt", "alg", "ES256", "kid", Lab.ISSUER_KEY.keyId()), claims);
  }
}
