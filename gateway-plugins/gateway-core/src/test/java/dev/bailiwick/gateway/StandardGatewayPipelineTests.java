// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.audit.AuditRecord;
import dev.bailiwick.audit.AuditRecord.Actor;
import dev.bailiwick.connector.BodyLimits;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.gateway.credential.CredentialResult;
import dev.bailiwick.gateway.token.TokenVerdict;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class StandardGatewayPipelineTests {
  private final WalkFixture fixture = new WalkFixture();

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private UpstreamCall allowed(InboundRequest request, String body) {
    Decision decision = fixture.walk(request, utf8(body));
    assertThat(decision).isInstanceOf(Decision.Allow.class);
    return ((Decision.Allow) decision).call();
  }

  private GatewayResponse denied(InboundRequest request, String body) {
    Decision decision = fixture.walk(request, utf8(body));
    assertThat(decision).isInstanceOf(Decision.Deny.class);
    return ((Decision.Deny) decision).response();
  }

  private void assertDenied(InboundRequest request, String body, DenyReason reason) {
    GatewayResponse response = denied(request, body);

    assertThat(response.headers().first("x-bailiwick-code")).contains(reason.name());
    assertThat(response.status()).isEqualTo(reason.status());
    assertThat(fixture.decision().code()).isEqualTo(reason.name());
    assertThat(fixture.decision().allowed()).isFalse();
    assertThat(fixture.records).hasSize(1);
  }

  private static InboundRequest patch(String path) {
    return WalkFixture.request(
        "PATCH", path, Headers.of(List.of(new Headers.Field("content-length", "5"))));
  }

  @Nested
  class Form {
    @ParameterizedTest
    @CsvSource({
      "/shop/a/../b, MALFORMED_TARGET",
      "/shop/%2e%2e/b, MALFORMED_TARGET",
      "/shop/a%2fb, MALFORMED_TARGET",
      "/shop//a, MALFORMED_TARGET",
      "/shop/a;x=y, MALFORMED_TARGET",
      "/shop/%6camp, MALFORMED_TARGET",
      "/shop/%252e, MALFORMED_TARGET",
      "https://gateway.example/shop/lamp, MALFORMED_TARGET",
      "/elsewhere, NO_ROUTE",
      "/shopping/lamp, NO_ROUTE",
    })
    void admitWhenTargetIsNotCanonicalThenDenies(String path, DenyReason reason) {
      assertDenied(WalkFixture.get(path), "", reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TRACE", "CONNECT", "OPTIONS", "get", "FOO"})
    void admitWhenMethodIsUnknownThenDenies(String method) {
      assertDenied(
          WalkFixture.request(method, "/shop/lamp", Headers.none()),
          "",
          DenyReason.METHOD_NOT_ALLOWED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Authorization", "DPoP", "Host", "Content-Type"})
    void admitWhenHeaderIsRepeatedThenDenies(String name) {
      Headers twice =
          Headers.of(List.of(new Headers.Field(name, "a"), new Headers.Field(name, "b")));

      assertDenied(
          WalkFixture.request("GET", "/shop/lamp", twice), "", DenyReason.AMBIGUOUS_HEADER);
    }

    @Test
    void admitWhenTwoLengthsAreGivenThenDenies() {
      Headers both =
          Headers.of(
              List.of(
                  new Headers.Field("content-length", "1"),
                  new Headers.Field("transfer-encoding", "chunked")));

      assertDenied(
          WalkFixture.request("PATCH", "/shop/lamp", both), "", DenyReason.MALFORMED_REQUEST);
    }

    @Test
    void admitWhenProofIsOversizeThenDenies() {
      Headers large = Headers.of(List.of(new Headers.Field("dpop", "x".repeat(5000))));
      InboundRequest request =
          new InboundRequest("GET", "/shop/lamp", null, large, Optional.empty(), "127.0.0.1");

      assertDenied(request, "", DenyReason.HEADER_TOO_LARGE);
    }

    @Test
    void admitWhenWebSocketIsAskedForThenDenies() {
      Headers upgrade = Headers.of(List.of(new Headers.Field("Upgrade", "websocket")));

      assertDenied(
          WalkFixture.request("GET", "/shop/lamp", upgrade), "", DenyReason.OPERATION_FORBIDDEN);
    }

    @Test
    void admitWhenBodyHasNoMeaningThenDenies() {
      Headers length = Headers.of(List.of(new Headers.Field("content-length", "3")));

      assertDenied(WalkFixture.request("GET", "/shop/lamp", length), "", DenyReason.BODY_MALFORMED);
    }
  }

  @Nested
  class Caller {
    @ParameterizedTest
    @ValueSource(strings = {"", "DPoP", "DPoP ", "Basic abc", "DPoP a b", "token"})
    void admitWhenAuthorizationIsNoTokenThenDeniesWithChallenge(String authorization) {
      Headers headers =
          authorization.isEmpty()
              ? Headers.none()
              : Headers.of(List.of(new Headers.Field("authorization", authorization)));
      InboundRequest request =
          new InboundRequest("GET", "/shop/lamp", null, headers, Optional.empty(), "127.0.0.1");

      GatewayResponse response = denied(request, "");

      assertThat(response.status()).isEqualTo(401);
      assertThat(response.headers().first("www-authenticate"))
          .hasValueSatisfying(value -> assertThat(value).startsWith("DPoP algs="));
    }

    @Test
    void admitWhenTokenIsDeniedThenSaysSoAndRecords() {
      fixture.verdict =
          new TokenVerdict.Denied(new Denial(DenyReason.TOKEN_EXPIRED, "the token has expired"));

      assertDenied(WalkFixture.get("/shop/lamp"), "", DenyReason.TOKEN_EXPIRED);
    }

    @Test
    void admitWhenProofIsDeniedThenRecordsWhoseTokenWasPresented() {
      fixture.proofDenial = Optional.of(new Denial(DenyReason.PROOF_MISMATCH, "another key"));

      assertDenied(WalkFixture.get("/shop/lamp"), "", DenyReason.PROOF_MISMATCH);
      assertThat(fixture.decision().caller().orElseThrow().tokenId()).isEqualTo("jti-1");
    }

    @Test
    void admitWhenNonceIsAskedForThenHandsOneOut() {
      fixture.verdict =
          new TokenVerdict.Denied(new Denial(DenyReason.PROOF_NONCE, "use the nonce"));

      GatewayResponse response = denied(WalkFixture.get("/shop/lamp"), "");

      assertThat(response.headers().first("dpop-nonce")).contains("nonce-1");
      assertThat(response.headers().first("www-authenticate").orElseThrow())
          .contains("error=\"use_dpop_nonce\"");
    }

    @Test
    void admitWhenRevokedThenDenies() {
      fixture.revoked = Optional.of(new Denial(DenyReason.TOKEN_REVOKED, "the task was ended"));

      assertDenied(WalkFixture.get("/shop/lamp"), "", DenyReason.TOKEN_REVOKED);
    }
  }

  @Nested
  class Authority {
    @Test
    void decideWhenTokenLacksTheScopeThenNamesIt() {
      fixture.verdict = new TokenVerdict.Verified(WalkFixture.token("shop:widget/sofa:read"));

      GatewayResponse response = denied(WalkFixture.get("/shop/lamp"), "");

      assertThat(new String(response.body(), StandardCharsets.UTF_8))
          .contains("SCOPE_NOT_GRANTED")
          .contains("shop:widget/lamp:read");
      assertThat(response.headers().first("www-authenticate").orElseThrow())
          .contains("error=\"insufficient_scope\"")
          .contains("scope=\"shop:widget/lamp:read\"");
      assertThat(fixture.decision().operations()).containsExactly("shop:widget/lamp:read");
    }

    @ParameterizedTest
    @CsvSource({
      "desk, price, SCOPE_ABOVE_CEILING",
      "lamp, colour, FIELD_NOT_GRANTED",
      "sofa, price, CONDITION_NOT_MET",
    })
    void decideWhenCeilingDoesNotCoverThenDenies(String widget, String field, DenyReason reason) {
      assertDenied(patch("/shop/" + widget), field, reason);
      assertThat(fixture.decision().sentence()).startsWith("part[0]: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/shop/shelf", "/shop/shelf?limit=6", "/shop/shelf?limit=0"})
    void decideWhenMoreRowsAreAskedForThanTheCeilingCoversThenDenies(String path) {
      GatewayResponse response = denied(WalkFixture.get(path), "");

      assertThat(new String(response.body(), StandardCharsets.UTF_8))
          .contains("ROWS_NOT_GRANTED")
          .contains("at most 5 rows")
          .contains("limit=5");
      assertThat(response.headers().first("www-authenticate").orElseThrow())
          .contains("scope=\"shop:shelf/all:read\"");
    }

    @ParameterizedTest
    @CsvSource({
      "/shop/shelves?each=3, the request asks for up to 6: ask with each=5 (all parts added up)",
      "/shop/shelves, the request sets no limit: add each=5 (all parts added up)",
    })
    void decideWhenPartsTogetherAskForMoreRowsThanTheCeilingCoversThenDenies(
        String path, String sentence) {
      GatewayResponse response = denied(WalkFixture.get(path), "");

      assertThat(new String(response.body(), StandardCharsets.UTF_8))
          .contains("ROWS_NOT_GRANTED")
          .contains("at most 5 rows of one request")
          .contains(sentence);
    }

    @Test
    void decideWhenPartsTogetherAskForFewRowsThenAllows() {
      UpstreamCall call = allowed(WalkFixture.get("/shop/shelves?each=2"), "");

      assertThat(call.request().target().pathAndQuery()).isEqualTo("/shelves?each=2");
    }

    @Test
    void decideWhenFewRowsAreAskedForThenAllows() {
      UpstreamCall call = allowed(WalkFixture.get("/shop/shelf?limit=5"), "");

      assertThat(call.request().target().pathAndQuery()).isEqualTo("/shelf?limit=5");
    }

    @Test
    void decideWhenConditionHoldsThenAllows() {
      fixture.verdict =
          new TokenVerdict.Verified(
              WalkFixture.token(
                  List.of(new Actor("https://login.example", "buyer")),
                  List.of("movers"),
                  "shop:*/*:*"));

      UpstreamCall call = allowed(patch("/shop/sofa"), "price");

      assertThat(call.request().method()).isEqualTo("PATCH");
    }

    @ParameterizedTest
    @CsvSource({
      "https://login.example, seller",
      "https://other.example, buyer",
    })
    void decideWhenOutermostActorIsNoAgentThenDenies(String issuer, String subject) {
      fixture.verdict =
          new TokenVerdict.Verified(
              WalkFixture.token(List.of(new Actor(issuer, subject)), List.of(), "shop:*/*:*"));

      assertDenied(WalkFixture.get("/shop/lamp"), "", DenyReason.AGENT_UNKNOWN);
    }

    @Test
    void decideWhenThereIsNoActorThenDenies() {
      fixture.verdict =
          new TokenVerdict.Verified(WalkFixture.token(List.of(), List.of(), "shop:*/*:*"));

      assertDenied(WalkFixture.get("/shop/lamp"), "", DenyReason.AGENT_UNKNOWN);
    }

    @Test
    void decideWhenChainIsLongerThanTheAgentMayHaveThenDenies() {
      Actor buyer = new Actor("https://login.example", "buyer");
      fixture.verdict =
          new TokenVerdict.Verified(
              WalkFixture.token(List.of(buyer, buyer, buyer), List.of(), "shop:*/*:*"));

      assertDenied(WalkFixture.get("/shop/lamp"), "", DenyReason.DELEGATION_TOO_DEEP);
    }

    @Test
    void decideWhenOperationIsUnknownThenDenies() {
      assertDenied(WalkFixture.get("/shop/lamp/parts"), "", DenyReason.OPERATION_UNKNOWN);
    }
  }

  @Nested
  class Upstream {
    @Test
    void admitWhenConnectorHasALimitOfItsOwnForBodiesThenThatHolds() {
      Admission admission = WalkFixture.now(fixture.pipeline().admit(patch("/shop/lamp")));

      assertThat(admission)
          .isInstanceOfSatisfying(
              Admission.Admitted.class,
              admitted -> assertThat(admitted.maxBodyBytes()).isEqualTo(2 * 1024 * 1024));
    }

    @Test
    void decideWhenBodyIsReadThenWithinTheLimitsOfTheConnector() {
      allowed(patch("/shop/lamp"), "price");

      assertThat(fixture.bodyLimits).containsExactly(BodyLimits.ofBytes(2 * 1024 * 1024));
    }

    @Test
    void decideWhenAllowedThenSendsTheCredentialAndNothingOfTheAgents() {
      UpstreamCall call = allowed(WalkFixture.get("/shop/lamp?x=1"), "");

      assertThat(call.origin()).hasToString("https://shop.example");
      assertThat(call.request().target().pathAndQuery()).isEqualTo("/lamp?x=1");
      assertThat(call.request().headers().all("authorization"))
          .containsExactly("Bearer upstream-1");
      assertThat(call.request().headers().has("dpop")).isFalse();
    }

    @Test
    void answeredWhenReadThenRecordsOnceWithTheStatus() {
      UpstreamCall call = allowed(WalkFixture.get("/shop/lamp"), "");
      assertThat(fixture.records).isEmpty();

      UpstreamCall.Next next = WalkFixture.now(call.answered(200, Headers.none(), true));

      assertThat(next).isInstanceOf(UpstreamCall.Next.Relay.class);
      assertThat(fixture.records).hasSize(1);
      assertThat(fixture.decision().upstreamStatus()).hasValue(200);
      assertThat(fixture.decision().credential()).contains("vault:shop/main");
      assertThat(fixture.decision().caller().orElseThrow().principal()).isEqualTo("alice");
    }

    @Test
    void decideWhenWriteThenRecordsBeforeItIsSent() {
      UpstreamCall call = allowed(patch("/shop/lamp"), "price");
      assertThat(fixture.records).hasSize(1);

      UpstreamCall.Next next = WalkFixture.now(call.answered(200, Headers.none(), true));

      assertThat(next).isInstanceOf(UpstreamCall.Next.Relay.class);
      assertThat(fixture.records).hasSize(2);
      assertThat(((AuditRecord.UpstreamAnswer) fixture.records.get(1)).upstreamStatus())
          .isEqualTo(OptionalInt.of(200));
    }

    @Test
    void decideWhenEvidenceFailsThenDeniesWritesOnly() {
      fixture.auditFailure = Optional.of("the disk is full");
      fixture.appendFails = true;

      GatewayResponse write = denied(patch("/shop/lamp"), "price");
      UpstreamCall read = allowed(WalkFixture.get("/shop/lamp"), "");

      assertThat(write.status()).isEqualTo(503);
      assertThat(new String(write.body(), StandardCharsets.UTF_8)).contains("the disk is full");
      assertThat(WalkFixture.now(read.answered(200, Headers.none(), true)))
          .isInstanceOf(UpstreamCall.Next.Relay.class);
    }

    @Test
    void decideWhenThereIsNoRoomForItsRecordThenDeniesAReadToo() {
      fixture.auditCrowded = true;

      GatewayResponse read = denied(WalkFixture.get("/shop/lamp"), "");

      assertThat(read.status()).isEqualTo(503);
      assertThat(read.headers().first("x-bailiwick-code")).contains("AUDIT_UNAVAILABLE");
      assertThat(new String(read.body(), StandardCharsets.UTF_8))
          .contains("a read that cannot be recorded is denied");
    }

    @Test
    void decideWhenRecordOfAWriteFailsThenDoesNotSendIt() {
      fixture.appendFails = true;

      GatewayResponse response = denied(patch("/shop/lamp"), "price");

      assertThat(response.headers().first("x-bailiwick-code")).contains("AUDIT_UNAVAILABLE");
      assertThat(fixture.abandoned).isEqualTo(1);
    }

    @Test
    void answeredWhenCredentialExpiredThenRenewsAndRetriesOnce() {
      fixture.inbound = new Inbound.CredentialExpired();
      UpstreamCall call = allowed(WalkFixture.get("/shop/lamp"), "");

      UpstreamCall.Next first = WalkFixture.now(call.answered(401, Headers.none(), true));
      UpstreamCall.Next second = WalkFixture.now(call.answered(401, Headers.none(), true));

      assertThat(((UpstreamCall.Next.Retry) first).request().headers().first("authorization"))
          .contains("Bearer upstream-2");
      assertThat(fixture.renewals).containsExactly("vault:shop/main#1");
      assertThat(((UpstreamCall.Next.Replace) second).response().status()).isEqualTo(502);
    }

    @Test
    void answeredWhenExpiredAndBodyIsGoneThenRenewsAndAsksToTryAgain() {
      fixture.inbound = new Inbound.CredentialExpired();
      UpstreamCall call = allowed(patch("/shop/lamp"), "price");

      UpstreamCall.Next next = WalkFixture.now(call.answered(401, Headers.none(), false));

      GatewayResponse response = ((UpstreamCall.Next.Replace) next).response();
      assertThat(response.status()).isEqualTo(503);
      assertThat(response.headers().first("retry-after")).contains("1");
      assertThat(fixture.renewals).hasSize(1);
    }

    @Test
    void reportedWhenReadThenRecordsOnceWithTheStatus() {
      UpstreamCall call = allowed(WalkFixture.get("/shop/lamp"), "");

      WalkFixture.now(call.reported(OptionalInt.of(404)));

      assertThat(fixture.records).hasSize(1);
      assertThat(fixture.decision().allowed()).isTrue();
      assertThat(fixture.decision().upstreamStatus()).hasValue(404);
    }

    @Test
    void reportedWhenNobodyKnowsThenAllowedIsStillOnRecord() {
      UpstreamCall read = allowed(WalkFixture.get("/shop/lamp"), "");
      WalkFixture.now(read.reported(OptionalInt.empty()));
      assertThat(fixture.decision().allowed()).isTrue();
      assertThat(fixture.decision().upstreamStatus()).isEmpty();

      UpstreamCall write = allowed(patch("/shop/lamp"), "price");
      WalkFixture.now(write.reported(OptionalInt.empty()));

      assertThat(fixture.records).hasSize(3);
      assertThat(((AuditRecord.UpstreamAnswer) fixture.records.get(2)).upstreamStatus()).isEmpty();
      assertThat(fixture.abandoned).isEqualTo(2);
    }

    @Test
    void reportedWhenCredentialWasNotAcceptedThenItIsRenewedAtOnce() {
      UpstreamCall call = allowed(WalkFixture.get("/shop/lamp"), "");

      WalkFixture.now(call.reported(OptionalInt.of(401)));

      assertThat(fixture.renewals).containsExactly("vault:shop/main#1");
      assertThat(fixture.decision().code()).isEqualTo("RENEWED_RETRY");
    }

    @ParameterizedTest
    @CsvSource({"missing, 502", "consent, 502", "unavailable, 503"})
    void decideWhenThereIsNoCredentialThenDenies(String kind, int status) {
      fixture.credential =
          switch (kind) {
            case "missing" -> new CredentialResult.Missing("no such entry");
            case "consent" -> new CredentialResult.NeedsConsent("consent was withdrawn");
            default -> new CredentialResult.Unavailable("no answer", Duration.ofSeconds(7));
          };

      GatewayResponse response = denied(WalkFixture.get("/shop/lamp"), "");

      assertThat(response.status()).isEqualTo(status);
    }

    @Test
    void decideWhenBreakerIsOpenThenDeniesWithoutACall() {
      fixture.breakerOpen = Optional.of(Duration.ofSeconds(9));

      GatewayResponse response = denied(WalkFixture.get("/shop/lamp"), "");

      assertThat(response.status()).isEqualTo(503);
      assertThat(response.headers().first("retry-after")).contains("9");
    }

    @Test
    void decideWhenTheUpstreamAskedForAPauseThenDeniesUntilItIsOver() {
      UpstreamCall call = allowed(WalkFixture.get("/shop/lamp"), "");
      Headers asked = Headers.none().with("Retry-After", "30");
      assertThat(WalkFixture.now(call.answered(429, asked, true)))
          .isInstanceOf(UpstreamCall.Next.Relay.class);

      GatewayResponse response = denied(WalkFixture.get("/shop/lamp"), "");

      assertThat(response.status()).isEqualTo(429);
      assertThat(response.headers().first("x-bailiwick-code")).contains("UPSTREAM_LIMITED");
      assertThat(response.headers().first("retry-after")).contains("30");
      assertThat(new String(response.body(), StandardCharsets.UTF_8))
          .startsWith("UPSTREAM_LIMITED ");
    }

    @Test
    void decideWhenTheVendorSaidInItsOwnWayThatItIsLimitedThenDeniesUntilItIsOver() {
      fixture.inbound =
          new Inbound.Limited(
              new Inbound.Relay(403, Headers.none(), Optional.empty()), Duration.ofSeconds(40));
      UpstreamCall call = allowed(WalkFixture.get("/shop/lamp"), "");
      assertThat(WalkFixture.now(call.answered(403, Headers.none(), true)))
          .isInstanceOf(UpstreamCall.Next.Relay.class);

      GatewayResponse response = denied(WalkFixture.get("/shop/lamp"), "");

      assertThat(response.headers().first("x-bailiwick-code")).contains("UPSTREAM_LIMITED");
      assertThat(response.headers().first("retry-after")).contains("40");
    }

    @Test
    void inspectedWhenBodyIsTooLongThenItIsRelayedOnlyIfTheConnectorSaidHow() {
      UpstreamCall call = allowed(WalkFixture.get("/shop/lamp"), "");
      Inbound.Relay relay = new Inbound.Relay(200, Headers.none(), Optional.empty());
      fixture.inbound = new Inbound.Inspect(10, Optional.of(relay));
      assertThat(WalkFixture.now(call.answered(200, Headers.none(), true)))
          .isEqualTo(new UpstreamCall.Next.Inspect(10));
      assertThat(WalkFixture.now(call.inspected(new byte[10], false, true)))
          .isEqualTo(new UpstreamCall.Next.Relay(relay));

      UpstreamCall other = allowed(WalkFixture.get("/shop/lamp"), "");
      fixture.inbound = new Inbound.Inspect(10);
      assertThat(WalkFixture.now(other.answered(200, Headers.none(), true)))
          .isEqualTo(new UpstreamCall.Next.Inspect(10));
      assertThat(WalkFixture.now(other.inspected(new byte[10], false, true)))
          .isInstanceOf(UpstreamCall.Next.Replace.class);
    }

    @Test
    void decideWhenAsManyCallsAreUnderWayAsMayBeThenDenies() {
      UpstreamCall first = allowed(WalkFixture.get("/shop/lamp"), "");
      UpstreamCall second = allowed(WalkFixture.get("/shop/lamp"), "");

      GatewayResponse crowded = denied(WalkFixture.get("/shop/lamp"), "");

      assertThat(crowded.headers().first("x-bailiwick-code")).contains("CALLS_CROWDED");
      assertThat(crowded.headers().first("retry-after")).contains("1");
      assertThat(WalkFixture.now(first.answered(200, Headers.none(), true)))
          .isInstanceOf(UpstreamCall.Next.Relay.class);
      assertThat(WalkFixture.now(second.failed(new ConnectException())).status()).isEqualTo(502);
      UpstreamCall unused = allowed(WalkFixture.get("/shop/lamp"), "");
      UpstreamCall alsoUnused = allowed(WalkFixture.get("/shop/lamp"), "");
    }

    @Test
    void decideWhenTheRateIsUsedUpThenDenies() {
      for (int i = 0; i < 50; i++) {
        UpstreamCall call = allowed(WalkFixture.get("/shop/lamp"), "");
        assertThat(WalkFixture.now(call.answered(200, Headers.none(), true))).isNotNull();
      }

      GatewayResponse response = denied(WalkFixture.get("/shop/lamp"), "");

      assertThat(response.status()).isEqualTo(429);
      assertThat(response.headers().first("x-bailiwick-code")).contains("CALLS_LIMITED");
      assertThat(response.headers().first("retry-after")).isPresent();
    }

    @Test
    void answeredWhenTheVendorTellsItsLimitThenTheMeterHears() {
      UpstreamCall call = allowed(WalkFixture.get("/shop/lamp"), "");

      UpstreamCall.Next unused =
          WalkFixture.now(
              call.answered(200, Headers.none().with("X-RateLimit-Remaining", "7"), true));

      assertThat(fixture.usages).hasSize(1).first().asString().startsWith("shop ").contains("7");
    }

    @Test
    void failedWhenTimeoutThen504ElseBadGateway() {
      UpstreamCall call = allowed(WalkFixture.get("/shop/lamp"), "");

      assertThat(WalkFixture.now(call.failed(new TimeoutException())).status()).isEqualTo(504);
      assertThat(WalkFixture.now(call.failed(new ConnectException())).status()).isEqualTo(502);
    }

    @Test
    void failedWhenGivenUpThenUpstreamIsNotBlamed() {
      UpstreamCall call = allowed(WalkFixture.get("/shop/lamp"), "");

      GatewayResponse response =
          WalkFixture.now(call.failed(new CancellationException("the agent hung up")));

      assertThat(response.status()).isEqualTo(502);
      assertThat(fixture.abandoned).isEqualTo(1);
      assertThat(fixture.decision().sentence()).contains("given up");
    }

    @Test
    void unsentWhenReadThenItIsDeniedOnRecordAndTheUpstreamIsNotBlamed() {
      UpstreamCall call = allowed(WalkFixture.get("/shop/lamp"), "");

      GatewayResponse response =
          WalkFixture.now(call.unsent(new Denial(DenyReason.INTERNAL, "the host cannot say it")));

      assertThat(response.status()).isEqualTo(500);
      assertThat(fixture.abandoned).isEqualTo(1);
      assertThat(fixture.records).hasSize(1);
      assertThat(fixture.decision().allowed()).isFalse();
      assertThat(fixture.decision().code()).isEqualTo("INTERNAL");
      assertThat(fixture.decision().sentence())
          .isEqualTo("nothing was sent: the host cannot say it");
      assertThat(fixture.decision().caller()).isPresent();
    }

    @Test
    void unsentWhenWriteThenItsIntentIsFollowedByTheWordThatNothingWasSent() {
      UpstreamCall call = allowed(patch("/shop/lamp"), "price");

      GatewayResponse response =
          WalkFixture.now(call.unsent(new Denial(DenyReason.INTERNAL, "the host cannot say it")));

      AuditRecord.GatewayDecision intent = (AuditRecord.GatewayDecision) fixture.records.get(0);
      AuditRecord.UpstreamAnswer answer = (AuditRecord.UpstreamAnswer) fixture.records.get(1);
      assertThat(fixture.records).hasSize(3);
      assertThat(answer.upstreamStatus()).isEmpty();
      assertThat(answer.sentence()).isEqualTo("nothing was sent: the host cannot say it");
      assertThat(answer.correlationId()).isEqualTo(intent.correlationId());
      assertThat(fixture.decision().correlationId()).isEqualTo(intent.correlationId());
      assertThat(response.headers().first("x-correlation-id")).contains(intent.correlationId());
      assertThat(fixture.abandoned).isEqualTo(1);
    }

    @Test
    void answeredWhenUnusableThenReplaces() {
      fixture.inbound = new Inbound.Unusable("a login page instead of a result");
      UpstreamCall call = allowed(WalkFixture.get("/shop/lamp"), "");

      UpstreamCall.Next next = WalkFixture.now(call.answered(200, Headers.none(), true));

      assertThat(((UpstreamCall.Next.Replace) next).response().status()).isEqualTo(502);
    }
  }

  @Nested
  class Unexpected {
    @ParameterizedTest
    @ValueSource(
        strings = {
          "verify",
          "prove",
          "revocations",
          "classify",
          "operations",
          "guard",
          "credential",
          "outbound"
        })
    void walkWhenAStepThrowsThenDeniesAsInternal(String step) {
      fixture.failingStep = step;
      fixture.failing = new IllegalStateException("holds " + WalkFixture.TOKEN);

      GatewayResponse response = denied(WalkFixture.get("/shop/lamp"), "");

      assertThat(response.status()).isEqualTo(500);
      assertThat(new String(response.body(), StandardCharsets.UTF_8))
          .contains("correlation id")
          .doesNotContain(WalkFixture.TOKEN);
      assertThat(fixture.decision().code()).isEqualTo("INTERNAL");
      assertThat(fixture.decision().sentence()).doesNotContain(WalkFixture.TOKEN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"classify", "operations"})
    void walkWhenAParserRunsOutOfStackThenDeniesAsInternal(String step) {
      fixture.failingStep = step;
      fixture.failing = new StackOverflowError();

      assertThat(denied(WalkFixture.get("/shop/lamp"), "").status()).isEqualTo(500);
      assertThat(fixture.decision().code()).isEqualTo("INTERNAL");
    }

    @ParameterizedTest
    @ValueSource(strings = {"inbound", "renew"})
    void answeredWhenAStepThrowsThenReplacesTheAnswer(String step) {
      fixture.inbound = new Inbound.CredentialExpired();
      UpstreamCall call = allowed(WalkFixture.get("/shop/lamp"), "");
      fixture.failingStep = step;
      fixture.failing = new IllegalStateException("boom");

      UpstreamCall.Next next = WalkFixture.now(call.answered(200, Headers.none(), true));

      assertThat(((UpstreamCall.Next.Replace) next).response().status()).isEqualTo(500);
    }
  }

  @Test
  void denyWhenAlreadyAdmittedThenCallerAndCorrelationIdStay() {
    GatewayPipeline pipeline = fixture.pipeline();
    Admission.Admitted admitted =
        (Admission.Admitted) WalkFixture.now(pipeline.admit(patch("/shop/lamp")));

    GatewayResponse response =
        WalkFixture.now(
            pipeline.deny(
                admitted, new Denial(DenyReason.BODY_MALFORMED, "the host shows no body")));

    assertThat(response.status()).isEqualTo(400);
    assertThat(response.headers().first("x-correlation-id")).contains(admitted.correlationId());
    assertThat(fixture.decision().correlationId()).isEqualTo(admitted.correlationId());
    assertThat(fixture.decision().caller().orElseThrow().principal()).isEqualTo("alice");
    assertThat(fixture.decision().connector()).contains("shop");
    assertThat(fixture.decision().target()).contains("/shop/lamp");
  }

  @Test
  void denyWhenHostAsksThenAnswersWithEvidence() {
    Denial denial = new Denial(DenyReason.INTERNAL, "the route was not wired to be decided");

    GatewayResponse response =
        WalkFixture.now(fixture.pipeline().deny(WalkFixture.get("/shop/lamp"), denial));

    assertThat(response.status()).isEqualTo(500);
    assertThat(fixture.decision().code()).isEqualTo("INTERNAL");
    assertThat(fixture.decision().sentence()).contains("not wired");
  }
}
