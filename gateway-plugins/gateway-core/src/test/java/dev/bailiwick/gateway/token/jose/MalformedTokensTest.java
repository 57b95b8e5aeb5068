// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.gateway.Denial;
import dev.bailiwick.gateway.DenyReason;
import dev.bailiwick.gateway.token.AgentToken;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The corpus of tokens and proofs that must be denied, each for its own reason. */
class MalformedTokensTest {
  private static final int SHOWN = 8;

  private static Lab lab;

  @BeforeAll
  static void openLab() {
    lab = new Lab();
  }

  @AfterAll
  static void closeLab() {
    lab.close();
  }

  static Stream<Corpus.Case> tokens() {
    return Corpus.read("tokens.json");
  }

  static Stream<Corpus.Case> proofs() {
    return Corpus.read("proofs.json");
  }

  @ParameterizedTest
  @MethodSource("tokens")
  void verifyWhenTokenMalformedThenDenies(Corpus.Case line) {
    String token = token(line);

    Denial denial = lab.denial(token);

    assertThat(denial.reason()).isEqualTo(line.expected());
    assertShowsNothingOf(token, denial);
  }

  @ParameterizedTest
  @MethodSource("proofs")
  void proveWhenProofMalformedThenDenies(Corpus.Case line) {
    String token = lab.draft().sign();
    AgentToken agent = lab.verified(token);
    String proof = proof(line, token);
    String scheme = line.has("scheme") ? line.text("scheme") : "DPoP";

    Denial denial =
        Lab.denial(
            lab.prove(agent, Lab.presented(scheme, token, line.has("absent") ? null : proof)));

    assertThat(denial.reason()).isEqualTo(line.expected());
    assertShowsNothingOf(token, denial);
    assertShowsNothingOf(proof, denial);
  }

  @Test
  void corpusWhenReadThenNoTwoCasesShareAName() {
    List<String> names = Stream.concat(tokens(), proofs()).map(Object::toString).toList();

    assertThat(names).doesNotHaveDuplicates().hasSizeGreaterThan(200);
  }

  @Test
  void corpusWhenReadThenEveryReasonOfTheVerifierOccurs() {
    List<DenyReason> reasons =
        Stream.of(DenyReason.values())
            .filter(r -> r.name().startsWith("TOKEN_") || r.name().startsWith("PROOF_"))
            .filter(r -> !NOT_A_MATTER_OF_FORM.contains(r))
            .toList();

    assertThat(Stream.concat(tokens(), proofs()).map(Corpus.Case::expected)).containsAll(reasons);
  }

  /** These depend on more than one token or proof and are tested where that is. */
  private static final List<DenyReason> NOT_A_MATTER_OF_FORM =
      List.of(
          DenyReason.TOKEN_MISSING,
          DenyReason.TOKEN_REVOKED,
          DenyReason.PROOF_REPLAYED,
          DenyReason.PROOF_NONCE,
          DenyReason.PROOF_CERTIFICATE);

  private static String token(Corpus.Case line) {
    Corpus corpus = new Corpus(lab.now());
    Map<String, Object> claims = lab.claims();
    Map<String, Object> detail = Lab.detail();
    corpus.merge(detail, line.change().get("detail"));
    claims.put("authorization_details", List.of(detail));
    SigningKey signer = line.has("signer") ? Lab.OTHER_KEY : Lab.ISSUER_KEY;
    return corpus.sign(line, signer, lab.header(), claims);
  }

  private static String proof(Corpus.Case line, String token) {
    Corpus corpus = new Corpus(lab.now());
    corpus.define("${ath}=", Lab.ath(token) + "=");
    SigningKey signer = line.has("signer") ? Lab.OTHER_KEY : Lab.AGENT_KEY;
    Map<String, Object> header = lab.proofHeader(signer);
    Map<String, Object> jwk = new LinkedHashMap<>(signer.publicMembers());
    corpus.merge(jwk, line.change().get("jwk"));
    header.put("jwk", jwk);
    return corpus.sign(
        line, line.has("signedBy") ? Lab.OTHER_KEY : signer, header, lab.proofClaims(token));
  }

  /** No {@value #SHOWN} characters of the secret in a row stand in the denial. */
  private static void assertShowsNothingOf(String secret, Denial denial) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i + SHOWN <= secret.length(); i++) {
      parts.add(secret.substring(i, i + SHOWN));
    }

    assertThat(parts).noneMatch(denial.toString()::contains);
  }
}
