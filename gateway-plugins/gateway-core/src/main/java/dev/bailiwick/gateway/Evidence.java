// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.bailiwick.audit.AuditLog;
import dev.bailiwick.audit.AuditRecord;
import dev.bailiwick.audit.AuditRecord.Caller;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.gateway.token.AgentToken;
import dev.bailiwick.gateway.token.Confirmation;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Step 11: writes what was decided.
 *
 * <p>A read is one record, written when the answer is about to leave. A write is recorded, durably,
 * before it is sent, and its answer in a second record: a crash in between leaves the intent. Room
 * for all of them is kept before anything is sent, and given back when the call is over.
 */
final class Evidence {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int READ_RECORDS = 1;

  /** That it is sent, how it was answered, and what the agent was told instead. */
  private static final int WRITE_RECORDS = 3;

  private final AuditLog log;
  private final Clock clock;

  /**
   * One caller for all calls with a token: records that wait hold it, and the log knows it again.
   */
  private final Cache<AgentToken, Caller> callers =
      Caffeine.newBuilder().weakKeys().executor(Runnable::run).build();

  Evidence(AuditLog log, Clock clock) {
    this.log = log;
    this.clock = clock;
  }

  /** Why nothing can be recorded at the moment, if so. */
  Optional<String> failure() {
    return log.failure();
  }

  /** Completes when all that is to be said of the call will be kept; exceptionally when not. */
  CompletionStage<Void> room(Walk walk) {
    return log.place(walk.writes() ? WRITE_RECORDS : READ_RECORDS).thenAccept(walk::place);
  }

  /** The last was said of a call. */
  void over(Walk walk) {
    walk.place().ifPresent(AuditLog.Place::close);
  }

  /** A denial, which is the last. Not waited for: nothing happened that could go unrecorded. */
  void denied(Walk walk, Denial denial) {
    var unused =
        append(
            walk,
            decision(walk, false, denial.reason().name(), denial.sentence(), OptionalInt.empty()));
    over(walk);
  }

  /** A read that was answered, with an empty status when only the host knows how. */
  void answeredRead(Walk walk, OptionalInt status) {
    var unused = append(walk, decision(walk, true, "ALLOW", allowed(walk), status));
  }

  /** A log-in that the gateway answered. */
  void loggedIn(Walk walk) {
    var unused =
        append(
            walk,
            decision(
                walk,
                true,
                "ALLOW",
                "log-in answered with the agent's own token; nothing went upstream",
                OptionalInt.empty()));
  }

  /**
   * A write that is about to be sent; completes when the record is on disk, and exceptionally when
   * it is not there in time: a disk that hangs must not hold the agent.
   */
  CompletionStage<AuditLog.Receipt> beforeWrite(Walk walk) {
    return append(walk, decision(walk, true, "ALLOW", allowed(walk), OptionalInt.empty()))
        .toCompletableFuture()
        .orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** How a write ended. */
  void answeredWrite(Walk walk, OptionalInt status, String sentence) {
    var unused =
        append(
            walk,
            new AuditRecord.UpstreamAnswer(
                clock.instant(),
                walk.correlationId(),
                walk.token().map(AgentToken::task),
                walk.route().map(ConnectorRoutes.Route::name).orElse(""),
                status,
                sentence));
  }

  private CompletionStage<AuditLog.Receipt> append(Walk walk, AuditRecord record) {
    Optional<AuditLog.Place> place = walk.place();
    return place.isPresent() ? place.get().append(record) : log.append(record);
  }

  private static String allowed(Walk walk) {
    return "covered by the token and by the ceiling of agent " + walk.agentName();
  }

  private AuditRecord decision(
      Walk walk, boolean allowed, String code, String sentence, OptionalInt status) {
    return new AuditRecord.GatewayDecision(
        clock.instant(),
        walk.correlationId(),
        allowed,
        code,
        sentence,
        walk.snapshot().bundle().id(),
        walk.token().map(token -> callers.get(token, Evidence::caller)),
        walk.route().map(ConnectorRoutes.Route::name),
        printable(walk.request().method()),
        walk.target().map(target -> target.path()),
        scopes(walk),
        allowed && walk.logIn().isEmpty()
            ? walk.route().map(route -> route.rule().credential())
            : Optional.empty(),
        status,
        walk.request().sourceAddress());
  }

  private static List<String> scopes(Walk walk) {
    String connector = walk.route().map(ConnectorRoutes.Route::name).orElse("");
    Set<String> scopes = new LinkedHashSet<>();
    for (Operation operation : walk.operations()) {
      scopes.add(operation.scope(connector));
    }
    return List.copyOf(scopes);
  }

  private static Caller caller(AgentToken token) {
    Optional<String> thumbprint =
        switch (token.confirmation()) {
          case Confirmation.DpopKey key -> Optional.of(key.thumbprint());
          case Confirmation.ClientCertificate certificate -> Optional.of(certificate.thumbprint());
          case Confirmation.None none -> Optional.empty();
        };
    return new Caller(
        token.issuer().issuer(),
        token.principal(),
        token.actors(),
        token.task(),
        token.tokenId(),
        token.parentTokenId(),
        token.clientId(),
        thumbprint);
  }

  /** A method that was denied may be anything. */
  private static String printable(String method) {
    boolean printable = method.length() <= 16;
    for (int i = 0; printable && i < method.length(); i++) {
      printable = method.charAt(i) > ' ' && method.charAt(i) < 0x7f;
    }
    return printable ? method : "(unprintable)";
  }
}
