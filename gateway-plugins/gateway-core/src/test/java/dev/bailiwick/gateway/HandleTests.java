// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.audit.AuditRecord.Actor;
import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.BodyRewriter;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.Handle;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.gateway.UpstreamCall.Next;
import dev.bailiwick.gateway.handle.DeferredHandles.Holder;
import dev.bailiwick.gateway.token.AgentToken;
import dev.bailiwick.gateway.token.TokenVerdict;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Locators and jobs: an answer hands one out, and only the agent that got it can go on. */
final class HandleTests {
  private static final Operation READ_LAMP =
      Operation.of("widget", "lamp", Action.READ, FieldUse.all());

  private final WalkFixture fixture = new WalkFixture();

  @BeforeEach
  void answersHandOut() {
    fixture.inbound = WalkFixture.handingOut();
  }

  private void callerIs(String actor, String principal, String task, String... scopes) {
    AgentToken token =
        WalkFixture.token(List.of(new Actor("https://login.example", actor)), List.of(), scopes);
    fixture.verdict =
        new TokenVerdict.Verified(
            new AgentToken(
                token.issuer(),
                principal,
                token.actors(),
                task,
                token.session(),
                token.tokenId(),
                token.parentTokenId(),
                token.clientId(),
                token.grantList(),
                token.grants(),
                token.confirmation(),
                token.claims(),
                token.issuedAt(),
                token.notBefore(),
                token.expiresAt()));
  }

  private void readLampAndGet(String handle) {
    Decision decision = fixture.walk(WalkFixture.get("/shop/lamp"));
    answer(decision, handle);
  }

  private static void answer(Decision decision, String handle) {
    assertThat(decision).isInstanceOf(Decision.Allow.class);
    Next next =
        WalkFixture.now(((Decision.Allow) decision).call().answered(200, Headers.none(), true));
    BodyRewriter rewriter = ((Next.Relay) next).answer().rewriter().orElseThrow().get();
    byte[] body = handle.getBytes(StandardCharsets.UTF_8);
    assertThat(rewriter.feed(body, 0, body.length)).isEqualTo(body);
    assertThat(rewriter.finish()).isEmpty();
  }

  private void assertDenied(String path, DenyReason reason) {
    Decision decision = fixture.walk(WalkFixture.get(path));

    assertThat(decision).isInstanceOf(Decision.Deny.class);
    assertThat(fixture.decision().code()).isEqualTo(reason.name());
  }

  @Test
  void useWhenTheAgentGotItThenDoesWhatItsRequestDid() {
    readLampAndGet("h1");

    Decision decision = fixture.walk(WalkFixture.get("/shop/pages/h1"));

    answer(decision, "h1");
    assertThat(fixture.decision().operations()).containsExactly("shop:widget/lamp:read");
  }

  @Test
  void useWhenALaterPageHandsOutAnotherThenThatIsTheSame() {
    readLampAndGet("h1");
    answer(fixture.walk(WalkFixture.get("/shop/pages/h1")), "h2");

    answer(fixture.walk(WalkFixture.get("/shop/pages/h2")), "h3");

    assertThat(fixture.decision().operations()).containsExactly("shop:widget/lamp:read");
  }

  @Test
  void useWhenNobodyGotItThenDenies() {
    assertDenied("/shop/pages/h1", DenyReason.HANDLE_UNKNOWN);
    assertThat(fixture.credentialsAsked).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mallory alice task-1", "buyer bob task-1", "buyer alice task-2"})
  void useWhenAnotherAgentPrincipalOrTaskAsksThenDenies(String caller) {
    readLampAndGet("h1");
    String[] words = caller.split(" ");
    callerIs(words[0], words[1], words[2], "shop:*/*:*");

    assertDenied("/shop/pages/h1", DenyReason.HANDLE_UNKNOWN);
  }

  @Test
  void useWhenTheGrantIsGoneThenDenies() {
    readLampAndGet("h1");
    callerIs("buyer", "alice", "task-1", "shop:widget/sofa:read");

    assertDenied("/shop/pages/h1", DenyReason.SCOPE_NOT_GRANTED);
  }

  @Test
  void useWhenAnotherAgentsAnswerHoldsItThenStaysWhereItIs() {
    Holder other = new Holder("https://login.example", "https://login.example x", "bob", "task-9");
    assertThat(fixture.handles.keep("shop", WalkFixture.handle("h1"), other, List.of(READ_LAMP)))
        .isTrue();

    readLampAndGet("h1");

    assertDenied("/shop/pages/h1", DenyReason.HANDLE_UNKNOWN);
  }

  @Test
  void beginWhenTheAgentHoldsAsManyAsItMayThenDenies() {
    Holder holder =
        StandardGatewayPipeline.holder(((TokenVerdict.Verified) fixture.verdict).token());
    for (int i = 0; i < 1_000; i++) {
      Handle handle = WalkFixture.handle("h" + i);
      assertThat(fixture.handles.keep("shop", handle, holder, List.of(READ_LAMP))).isTrue();
    }

    Decision decision = fixture.walk(WalkFixture.get("/shop/job"));

    assertThat(decision).isInstanceOf(Decision.Deny.class);
    GatewayResponse response = ((Decision.Deny) decision).response();
    assertThat(response.status()).isEqualTo(429);
    assertThat(response.headers().first("retry-after")).isPresent();
    assertThat(fixture.decision().code()).isEqualTo("HANDLES_FULL");
  }

  @Test
  void explainWhenARequestUsesAHandleThenSaysThatOnlyTheGatewayKnows() {
    Explanation explanation =
        fixture.explainer().explain(WalkFixture.get("/shop/pages/h1"), new byte[0]);

    assertThat(explanation)
        .isInstanceOfSatisfying(
            Explanation.Denied.class,
            denied -> assertThat(denied.denial().reason()).isEqualTo(DenyReason.HANDLE_UNKNOWN));
  }

  @Test
  void answerWhenNothingGoesOnThenItIsLeftAlone() {
    fixture.inbound =
        new dev.bailiwick.connector.Inbound.Relay(200, Headers.none(), Optional.empty());

    Decision decision = fixture.walk(WalkFixture.get("/shop/lamp"));

    Next next =
        WalkFixture.now(((Decision.Allow) decision).call().answered(200, Headers.none(), true));
    assertThat(((Next.Relay) next).answer()).isSameAs(fixture.inbound);
  }
}
