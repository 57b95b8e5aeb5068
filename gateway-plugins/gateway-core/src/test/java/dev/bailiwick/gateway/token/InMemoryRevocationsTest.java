// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.audit.AuditRecord.Actor;
import dev.bailiwick.gateway.Denial;
import dev.bailiwick.gateway.DenyReason;
import dev.bailiwick.gateway.token.InMemoryRevocations.Kill;
import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.ScopeIndex;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class InMemoryRevocationsTest {
  private static final String ISSUER = "https://login.acme.example";
  private static final AgentToken TOKEN = token("https://login.other.example");

  private final InMemoryRevocations revocations = new InMemoryRevocations();

  static Stream<Kill> killsOfTheToken() {
    return Stream.of(
        new Kill.Token(ISSUER, "token-1"),
        new Kill.Token("https://login.other.example", "token-0"),
        new Kill.Task("task-1"),
        new Kill.Session(ISSUER, "session-1"),
        new Kill.AnyActor(ISSUER, "triage-agent"),
        new Kill.AnyActor("spiffe://acme", "planner"),
        new Kill.Principal(ISSUER, "alice"));
  }

  static Stream<Kill> killsOfOthers() {
    return Stream.of(
        new Kill.Token(ISSUER, "token-0"),
        new Kill.Token("https://login.other.example", "token-1"),
        new Kill.Task("task-2"),
        new Kill.Session("https://login.other.example", "session-1"),
        new Kill.AnyActor(ISSUER, "planner"),
        new Kill.AnyActor(ISSUER, "alice"),
        new Kill.Principal(ISSUER, "triage-agent"),
        new Kill.Principal("https://login.other.example", "alice"));
  }

  @ParameterizedTest
  @MethodSource("killsOfTheToken")
  void checkWhenKilledThenDenies(Kill kill) {
    revocations.revoke(kill);

    assertThat(revocations.check(TOKEN).map(Denial::reason)).hasValue(DenyReason.TOKEN_REVOKED);
  }

  @ParameterizedTest
  @MethodSource("killsOfOthers")
  void checkWhenSomebodyElseIsKilledThenAlive(Kill kill) {
    revocations.revoke(kill);

    assertThat(revocations.check(TOKEN)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("killsOfTheToken")
  void checkWhenRestoredThenAlive(Kill kill) {
    revocations.revoke(kill);
    revocations.revoke(kill);

    assertThat(revocations.restore(kill)).isTrue();
    assertThat(revocations.restore(kill)).isFalse();
    assertThat(revocations.check(TOKEN)).isEmpty();
  }

  @Test
  void checkWhenKilledByManyThreadsThenEveryKillHolds() throws Exception {
    int threads = 8;
    Callable<Long> work =
        () -> {
          String own = Thread.currentThread().getName();
          long alive = 0;
          for (int i = 0; i < 500; i++) {
            revocations.revoke(new Kill.Task(own + i));
            revocations.revoke(new Kill.Task("task-1"));
            alive += revocations.check(TOKEN).isEmpty() ? 1 : 0;
          }
          return alive;
        };

    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (Future<Long> alive : pool.invokeAll(Collections.nCopies(threads, work))) {
        assertThat(alive.get()).isZero();
      }
    }
  }

  private static AgentToken token(String parentIssuer) {
    Bundle.Issuer issuer =
        new Bundle.Issuer(
            "acme",
            ISSUER,
            URI.create(ISSUER + "/jwks"),
            "https://gateway.acme.example",
            Bundle.Proof.DPOP,
            Bundle.GrantClaim.AUTHORIZATION_DETAILS,
            Duration.ofMinutes(15),
            3,
            Duration.ZERO,
            Map.of());
    return new AgentToken(
        issuer,
        "alice",
        List.of(new Actor(ISSUER, "triage-agent"), new Actor("spiffe://acme", "planner")),
        "task-1",
        Optional.of("session-1"),
        "token-1",
        Optional.of("token-0"),
        Optional.of("triage-agent"),
        List.of(),
        ScopeIndex.of(List.<TokenGrant>of(), TokenGrant::scope),
        new Confirmation.DpopKey("key"),
        Map.of(AgentToken.PARENT_CLAIM, Map.of("iss", parentIssuer, "jti", "token-0")),
        Instant.EPOCH,
        Optional.empty(),
        Instant.EPOCH.plusSeconds(300));
  }
}
