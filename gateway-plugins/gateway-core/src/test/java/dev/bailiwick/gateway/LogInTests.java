// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.audit.AuditRecord.Actor;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.gateway.token.AgentToken;
import dev.bailiwick.gateway.token.Confirmation;
import dev.bailiwick.gateway.token.TokenVerdict;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LogInTests {
  private static final String TOKEN = "aGVhZA.Ym9keQ.c2ln";
  private static final String SECRET_FORM = "grant_type=client_credentials&client_secret=" + TOKEN;

  private final WalkFixture fixture = new WalkFixture();

  private static InboundRequest request(String method, String... headers) {
    List<Headers.Field> fields = new ArrayList<>();
    fields.add(new Headers.Field("Content-Type", "application/x-www-form-urlencoded"));
    for (int i = 0; i < headers.length; i += 2) {
      fields.add(new Headers.Field(headers[i], headers[i + 1]));
    }
    return new InboundRequest(
        method, "/shop/oauth/token", null, Headers.of(fields), Optional.empty(), "127.0.0.1");
  }

  private Decision logIn(InboundRequest request, String form) {
    return fixture.walk(request, form.getBytes(StandardCharsets.UTF_8));
  }

  private String granted(InboundRequest request, String form) {
    Decision decision = logIn(request, form);
    assertThat(decision).isInstanceOf(Decision.Answer.class);
    GatewayResponse response = ((Decision.Answer) decision).response();
    assertThat(response.status()).isEqualTo(200);
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  private GatewayResponse denied(InboundRequest request, String form, DenyReason reason) {
    Decision decision = logIn(request, form);
    assertThat(decision).isInstanceOf(Decision.Deny.class);
    GatewayResponse response = ((Decision.Deny) decision).response();
    assertThat(response.headers().first("x-bailiwick-code")).contains(reason.name());
    assertThat(fixture.decision().code()).isEqualTo(reason.name());
    assertThat(new String(response.body(), StandardCharsets.UTF_8)).doesNotContain(TOKEN);
    return response;
  }

  private static String text(GatewayResponse response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        SECRET_FORM,
        "grant_type=refresh_token&client_id=x&client_secret=y&refresh_token=" + TOKEN,
        "grant_type=password&username=x&password=" + TOKEN,
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + TOKEN,
        "grant_type=password&username=x&password=y&client_secret=" + TOKEN
      })
  void logInWhenTokenStandsInAnyPlaceThenItComesBack(String form) {
    String answer = granted(request("POST"), form);

    assertThat(answer)
        .isEqualTo(
            "{\"access_token\":\""
                + TOKEN
                + "\",\"token_type\":\"DPoP\",\"expires_in\":300,"
                + "\"instance_url\":\"https://gateway.example/shop\"}");
    assertThat(fixture.verified).containsExactly(TOKEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Basic", "ID"})
  void logInWhenTokenIsTheSecretOfTheHeaderThenItComesBack(String scheme) {
    String pair =
        Base64.getEncoder().encodeToString(("id:" + TOKEN).getBytes(StandardCharsets.UTF_8));

    String answer =
        granted(
            request("POST", "Authorization", scheme + " " + pair), "grant_type=client_credentials");

    assertThat(answer).contains(TOKEN);
  }

  @Test
  void logInWhenGrantedThenOneRecordAndNothingUpstream() {
    String unused = granted(request("POST"), SECRET_FORM);

    assertThat(fixture.records).hasSize(1);
    assertThat(fixture.decision().allowed()).isTrue();
    assertThat(fixture.decision().credential()).isEmpty();
    assertThat(fixture.decision().operations()).isEmpty();
    assertThat(fixture.decision().caller()).isPresent();
    assertThat(fixture.decision().toString()).doesNotContain(TOKEN);
    assertThat(fixture.credentialsAsked).isZero();
  }

  @ParameterizedTest
  @CsvSource({"false, Bearer", "true, DPoP"})
  void logInWhenProofIsSentThenItIsCheckedLikeAnyOther(boolean proof, String scheme) {
    InboundRequest request = proof ? request("POST", "DPoP", "proof") : request("POST");

    String unused = granted(request, SECRET_FORM);

    assertThat(fixture.proofs)
        .containsExactly(scheme + " " + TOKEN + " https://gateway.example/shop/oauth/token");
  }

  @Test
  void logInWhenTokenIsBoundToNothingThenItIsABearerToken() {
    AgentToken bound = WalkFixture.token("shop:*/*:*");
    fixture.verdict =
        new TokenVerdict.Verified(
            new AgentToken(
                bound.issuer(),
                bound.principal(),
                bound.actors(),
                bound.task(),
                bound.session(),
                bound.tokenId(),
                bound.parentTokenId(),
                bound.clientId(),
                bound.grantList(),
                bound.grants(),
                new Confirmation.None(),
                bound.claims(),
                bound.issuedAt(),
                bound.notBefore(),
                bound.expiresAt()));

    String answer = granted(request("POST"), SECRET_FORM);

    assertThat(answer).contains("\"token_type\":\"Bearer\"");
  }

  @Test
  void logInWhenTokenIsDeniedThenAnswersAsATokenEndpointDoes() {
    fixture.verdict =
        new TokenVerdict.Denied(new Denial(DenyReason.TOKEN_EXPIRED, "the token has expired"));

    GatewayResponse response = denied(request("POST"), SECRET_FORM, DenyReason.TOKEN_EXPIRED);

    assertThat(response.status()).isEqualTo(400);
    assertThat(text(response))
        .isEqualTo("{\"error\":\"invalid_grant\",\"error_description\":\"the token has expired\"}");
    assertThat(response.headers().first("www-authenticate")).isEmpty();
  }

  @Test
  void logInWhenProofNeedsANonceThenTheAnswerCarriesOne() {
    fixture.proofDenial = Optional.of(new Denial(DenyReason.PROOF_NONCE, "use the nonce"));

    GatewayResponse response = denied(request("POST"), SECRET_FORM, DenyReason.PROOF_NONCE);

    assertThat(response.status()).isEqualTo(400);
    assertThat(text(response)).contains("\"error\":\"use_dpop_nonce\"");
    assertThat(response.headers().first("dpop-nonce")).contains("nonce-1");
  }

  @Test
  void logInWhenTokenIsRevokedThenDenies() {
    fixture.revoked = Optional.of(new Denial(DenyReason.TOKEN_REVOKED, "revoked"));

    GatewayResponse response = denied(request("POST"), SECRET_FORM, DenyReason.TOKEN_REVOKED);

    assertThat(response.status()).isEqualTo(400);
  }

  @Test
  void logInWhenBundleDoesNotKnowTheAgentThenDenies() {
    fixture.verdict =
        new TokenVerdict.Verified(
            WalkFixture.token(
                List.of(new Actor("https://login.example", "stranger")), List.of(), "shop:*/*:*"));

    GatewayResponse response = denied(request("POST"), SECRET_FORM, DenyReason.AGENT_UNKNOWN);

    assertThat(text(response)).contains("\"error\":\"unauthorized_client\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "grant_type=client_credentials&client_secret=hunter2 | no token",
        "client_secret=" + TOKEN + " | grant_type",
        "grant_type=authorization_code&client_secret=" + TOKEN + " | grant_type",
        "grant_type=password&password=" + TOKEN + "&client_secret=a.b.c | several tokens",
        SECRET_FORM + "&client_secret=" + TOKEN + " | twice",
        "grant_type=password&password=%zz | cannot be read"
      })
  void logInWhenFormIsNoLogInThenDenies(String form, String why) {
    GatewayResponse response = denied(request("POST"), form, DenyReason.BODY_MALFORMED);

    assertThat(response.status()).isEqualTo(400);
    assertThat(text(response)).contains("\"error\":\"invalid_request\"").contains(why);
    assertThat(fixture.verified).isEmpty();
  }

  @Test
  void logInWhenMethodIsNotPostThenDenies() {
    GatewayResponse response = denied(request("GET"), SECRET_FORM, DenyReason.OPERATION_FORBIDDEN);

    assertThat(response.status()).isEqualTo(400);
  }

  @Test
  void logInWhenBodyIsJsonThenDenies() {
    InboundRequest request =
        new InboundRequest(
            "POST",
            "/shop/oauth/token",
            null,
            Headers.of(List.of(new Headers.Field("Content-Type", "application/json"))),
            Optional.empty(),
            "127.0.0.1");

    GatewayResponse response =
        denied(request, "{\"grant_type\":\"password\"}", DenyReason.UNSUPPORTED_MEDIA_TYPE);

    assertThat(response.status()).isEqualTo(415);
  }

  @Test
  void logInWhenAnythingFailsThenDenies() {
    fixture.failing = new IllegalStateException("boom");
    fixture.failingStep = "prove";

    GatewayResponse response = denied(request("POST"), SECRET_FORM, DenyReason.INTERNAL);

    assertThat(text(response)).contains("\"error\":\"server_error\"").doesNotContain("boom");
  }

  @Test
  void admitWhenRequestIsALogInThenReadsAFormAndNoMore() {
    Admission admission = WalkFixture.now(fixture.pipeline().admit(request("POST")));

    assertThat(admission)
        .isInstanceOfSatisfying(
            Admission.Admitted.class,
            admitted -> {
              assertThat(admitted.needsBody()).isTrue();
              assertThat(admitted.maxBodyBytes()).isEqualTo(4 * 8 * 1024);
            });
  }
}
