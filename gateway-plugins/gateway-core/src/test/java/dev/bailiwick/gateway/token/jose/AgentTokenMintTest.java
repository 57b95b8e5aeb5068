// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.gateway.token.AgentToken;
import dev.bailiwick.gateway.token.Confirmation;
import dev.bailiwick.gateway.token.TokenGrant;
import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.FieldRule;
import dev.bailiwick.policy.Scope;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the mint signs, the verifier reads back. */
class AgentTokenMintTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Lab lab = new Lab(Lab.proof(Bundle.Proof.BEARER));

  @AfterEach
  void close() {
    lab.close();
  }

  @Test
  void signWhenGrantsShareAnObjectThenTheyShareAnEntryAndComeBack() {
    Scope read = Scope.parse("servicenow:table/incident:read");
    Scope update = Scope.parse("servicenow:table/incident:update");
    FieldRule notes = new FieldRule(Set.of("work_notes", "state"), Set.of("caller_id"));
    String token =
        lab.mint()
            .draft("alice", Lab.GATEWAY)
            .grant(read, FieldRule.any())
            .grant("servicenow:table/incident:create")
            .grant(read, FieldRule.any())
            .grant(update, notes)
            .sign();

    AgentToken agent = lab.verified(token);

    assertThat(payload(token).get("authorization_details")).hasSize(2);
    assertThat(agent.grantList())
        .containsExactly(
            new TokenGrant(read, FieldRule.any()),
            new TokenGrant(Scope.parse("servicenow:table/incident:create"), FieldRule.any()),
            new TokenGrant(update, notes));
  }

  @Test
  void signWhenNothingElseIsSaidThenTokenIsUnboundAndTaskAndIdAreRandom() {
    AgentToken one = lab.verified(draft().sign());
    AgentToken two = lab.verified(draft().sign());

    assertThat(one.confirmation()).isEqualTo(new Confirmation.None());
    assertThat(one.actors()).isEmpty();
    assertThat(one.clientId()).hasValue("alice");
    assertThat(one.tokenId()).isNotEqualTo(two.tokenId());
    assertThat(one.task()).isNotEqualTo(two.task());
  }

  @Test
  void signWhenBoundToACertificateThenComesBack() {
    Confirmation certificate =
        new Confirmation.ClientCertificate(Base64Url.encode(TokenHash.sha256(new byte[0])));

    assertThat(lab.verified(draft().boundTo(certificate).sign()).confirmation())
        .isEqualTo(certificate);
  }

  @Test
  void signWhenClaimIsGivenThenItReplacesTheMintsOwn() {
    String token = draft().claim("aud", "https://other.example").sign();

    assertThat(payload(token).get("aud").asString()).isEqualTo("https://other.example");
  }

  @Test
  void toStringThenNamesNobody() {
    assertThat(draft()).hasToString("Draft[hidden]");
  }

  @Test
  void proofWhenTargetHasQueryAndFragmentThenTheyAreLeftOut() {
    String proof =
        DpopProofSigner.create(Lab.AGENT_KEY, lab.clock)
            .proof("GET", URI.create("https://gateway.acme.example/p?q=1#f"), "token", "n-1");

    assertThat(payload(proof).get("htu").asString()).isEqualTo("https://gateway.acme.example/p");
    assertThat(payload(proof).get("nonce").asString()).isEqualTo("n-1");
  }

  @Test
  void proofWhenMadeTwiceThenHasAnotherJti() {
    DpopProofSigner signer = DpopProofSigner.create(Lab.AGENT_KEY, lab.clock);

    JsonNode one = payload(signer.proof("GET", Lab.TARGET, "token"));
    JsonNode two = payload(signer.proof("GET", Lab.TARGET, "token"));

    assertThat(one.get("jti")).isNotEqualTo(two.get("jti"));
  }

  @Test
  void signCompactWhenTextIsNoJsonThenSignsItAsItStands() {
    String compact = Lab.AGENT_KEY.signCompact("not", "json");

    assertThat(compact).startsWith("bm90.anNvbg.");
  }

  private AgentTokenMint.Draft draft() {
    return lab.mint()
        .draft("alice", Lab.GATEWAY)
        .claim("authorization_details", List.of(Map.copyOf(Lab.detail())));
  }

  private static JsonNode payload(String compact) {
    byte[] json = Base64Url.decodeCanonical(compact.split("[.]")[1]);
    return JSON.readTree(new String(json, StandardCharsets.UTF_8));
  }
}
