// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.gateway.Denial;
import dev.bailiwick.gateway.token.AgentToken;
import dev.bailiwick.gateway.token.LocalReplayGuard;
import dev.bailiwick.gateway.token.ProofOfPossession;
import dev.bailiwick.gateway.token.ProofOfPossession.Presented;
import dev.bailiwick.gateway.token.ProofOptions;
import dev.bailiwick.gateway.token.TokenGrant;
import dev.bailiwick.gateway.token.TokenVerdict;
import dev.bailiwick.gateway.token.TokenVerifier;
import dev.bailiwick.policy.Bundle;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;

/** One issuer, one agent, one gateway, and tokens and proofs that are good until changed. */
final class Lab implements AutoCloseable {
  static final String ISSUER = "https://login.acme.example";
  static final String GATEWAY = "https://gateway.acme.example";
  static final URI TARGET = URI.create(GATEWAY + "/servicenow/api/now/table/incident");
  static final int MAX_TOKEN_BYTES = 8 * 1024;

  static final SigningKey ISSUER_KEY = SigningKey.generate(SignatureAlgorithm.ES256);
  static final SigningKey AGENT_KEY = SigningKey.generate(SignatureAlgorithm.ES256);
  static final SigningKey OTHER_KEY = SigningKey.generate(SignatureAlgorithm.ES256);

  final FakeClock clock = new FakeClock();
  final KeyServer keys;
  final TokenVerifier verifier;
  final LocalReplayGuard replay = LocalReplayGuard.withDefaults(clock);
  final ProofOfPossession possession =
      PossessionVerifier.create(ProofOptions.defaults(), replay, clock);

  Lab() {
    this(rules -> rules);
  }

  /** With other rules for the issuer than {@link #rules}. */
  Lab(UnaryOperator<Bundle.Issuer> change) {
    this(change, ISSUER_KEY);
  }

  Lab(UnaryOperator<Bundle.Issuer> change, SigningKey... published) {
    keys = new KeyServer(published);
    verifier =
        AccessTokenVerifier.create(
            List.of(change.apply(rules(keys.address()))), MAX_TOKEN_BYTES, clock);
  }

  static Bundle.Issuer rules(URI jwks) {
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

  static UnaryOperator<Bundle.Issuer> proof(Bundle.Proof proof) {
    return r ->
        new Bundle.Issuer(
            r.name(),
            r.issuer(),
            r.jwks(),
            r.audience(),
            proof,
            r.grants(),
            r.maxLifetime(),
            r.maxDepth(),
            r.clockSkew(),
            r.claims());
  }

  static UnaryOperator<Bundle.Issuer> grants(Bundle.GrantClaim grants) {
    return r ->
        new Bundle.Issuer(
            r.name(),
            r.issuer(),
            r.jwks(),
            r.audience(),
            r.proof(),
            grants,
            r.maxLifetime(),
            r.maxDepth(),
            r.clockSkew(),
            r.claims());
  }

  static UnaryOperator<Bundle.Issuer> claimNames(Map<String, String> claims) {
    return r ->
        new Bundle.Issuer(
            r.name(),
            r.issuer(),
            r.jwks(),
            r.audience(),
            r.proof(),
            r.grants(),
            r.maxLifetime(),
            r.maxDepth(),
            r.clockSkew(),
            claims);
  }

  long now() {
    return clock.instant().getEpochSecond();
  }

  // Tokens

  AgentTokenMint mint() {
    return AgentTokenMint.create(ISSUER, ISSUER_KEY, clock);
  }

  AgentTokenMint.Draft draft() {
    return mint()
        .draft("alice", GATEWAY)
        .actor(ISSUER, "triage-agent")
        .grant("servicenow:table/incident:read")
        .boundTo(AGENT_KEY);
  }

  Map<String, Object> header() {
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("typ", "at+jwt");
    header.put("alg", "ES256");
    header.put("kid", ISSUER_KEY.keyId());
    return header;
  }

  Map<String, Object> claims() {
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iss", ISSUER);
    claims.put("aud", GATEWAY);
    claims.put("sub", "alice");
    claims.put("client_id", "triage-agent");
    claims.put("iat", now() - 10);
    claims.put("exp", now() + 290);
    claims.put("jti", "7b1f");
    claims.put("txn", "task-1");
    claims.put("act", Map.of("iss", ISSUER, "sub", "triage-agent"));
    claims.put("cnf", Map.of("jkt", AGENT_KEY.thumbprint()));
    claims.put("authorization_details", List.of(detail()));
    return claims;
  }

  static Map<String, Object> detail() {
    Map<String, Object> detail = new LinkedHashMap<>();
    detail.put("type", TokenGrant.DETAILS_TYPE);
    detail.put("identifier", "servicenow");
    detail.put("datatypes", List.of("table/incident"));
    detail.put("actions", List.of("read"));
    return detail;
  }

  TokenVerdict verify(String token) {
    return await(verifier.verify(token));
  }

  AgentToken verified(String token) {
    TokenVerdict verdict = verify(token);
    assertThat(verdict).isInstanceOf(TokenVerdict.Verified.class);
    return ((TokenVerdict.Verified) verdict).token();
  }

  Denial denial(String token) {
    return denial(verify(token));
  }

  static Denial denial(TokenVerdict verdict) {
    assertThat(verdict).isInstanceOf(TokenVerdict.Denied.class);
    return ((TokenVerdict.Denied) verdict).denial();
  }

  // Proofs

  String proof(String token) {
    return DpopProofSigner.create(AGENT_KEY, clock).proof("GET", TARGET, token);
  }

  Map<String, Object> proofHeader(SigningKey key) {
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("typ", "dpop+jwt");
    header.put("alg", key.algorithm().headerValue());
    header.put("jwk", key.publicMembers());
    return header;
  }

  Map<String, Object> proofClaims(String token) {
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("jti", "c0ffee");
    claims.put("htm", "GET");
    claims.put("htu", TARGET.toString());
    claims.put("iat", now());
    claims.put("ath", ath(token));
    return claims;
  }

  static String ath(String token) {
    return Base64Url.encode(TokenHash.sha256(token.getBytes(StandardCharsets.US_ASCII)));
  }

  static Presented presented(String scheme, String token, String proof) {
    return new Presented(
        scheme, token, Optional.ofNullable(proof), "GET", TARGET.toString(), Optional.empty());
  }

  TokenVerdict prove(AgentToken token, Presented presented) {
    return await(possession.prove(token, presented));
  }

  static TokenVerdict await(CompletionStage<TokenVerdict> stage) {
    try {
      return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("no verdict", e);
    }
  }

  @Override
  public void close() {
    verifier.close();
    keys.close();
  }
}
