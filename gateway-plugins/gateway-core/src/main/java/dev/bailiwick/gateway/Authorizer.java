// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.gateway.token.AgentToken;
import dev.bailiwick.gateway.token.TokenGrant;
import dev.bailiwick.policy.AskedRows;
import dev.bailiwick.policy.Attempt;
import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.Ceiling;
import dev.bailiwick.policy.CeilingVerdict;
import dev.bailiwick.policy.Condition;
import dev.bailiwick.policy.FieldRule;
import dev.bailiwick.policy.TouchedFields;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Step 7: the token's grants and the agent's ceiling must both cover <em>every</em> operation. One
 * operation that is not covered denies the whole request. Rows count as {@link RowSums} adds them.
 *
 * <p>Only the outermost actor and the top-level claims decide; inner actors are history (RFC 8693
 * §4.1).
 */
final class Authorizer {
  private Authorizer() {}

  /** Empty when everything is covered; otherwise what is missing, and the scope that names it. */
  static Optional<Denial> authorize(Walk walk, AgentToken token, String connector) {
    if (token.actors().isEmpty()) {
      return deny(
          DenyReason.AGENT_UNKNOWN,
          "the token names no actor (act); exchange it for one that names the agent");
    }
    var caller = token.actors().getFirst();
    Optional<Bundle.AgentRule> agent =
        walk.snapshot()
            .bundle()
            .agent(token.issuer().name(), caller.subject())
            .filter(
                rule -> caller.issuer().equals(rule.actorIssuer().orElse(token.issuer().issuer())));
    if (agent.isEmpty()) {
      return deny(
          DenyReason.AGENT_UNKNOWN,
          "the bundle has no agent whose actor is this token's outermost act; add it under agents");
    }
    walk.agent(agent.get());
    Optional<Denial> delegation = delegation(token, agent.get());
    if (delegation.isPresent()) {
      return delegation;
    }
    for (Operation operation : RowSums.added(walk.operations())) {
      Attempt attempt = attempt(connector, operation);
      Optional<Denial> missing = granted(token, attempt);
      if (missing.isEmpty()) {
        missing = underCeiling(agent.get(), attempt, () -> input(walk, token, operation));
      }
      if (missing.isPresent()) {
        return missing.map(denial -> at(operation, denial));
      }
    }
    return Optional.empty();
  }

  private static Optional<Denial> delegation(AgentToken token, Bundle.AgentRule agent) {
    if (token.actors().size() > agent.delegation().maxDepth()) {
      return deny(
          DenyReason.DELEGATION_TOO_DEEP,
          "the actor chain is longer than the "
              + agent.delegation().maxDepth()
              + " that agents."
              + agent.name()
              + ".delegation.maxDepth permits");
    }
    Duration lifetime = Duration.between(token.issuedAt(), token.expiresAt());
    if (lifetime.compareTo(agent.delegation().maxLifetime()) > 0) {
      return deny(
          DenyReason.TOKEN_LIFETIME,
          "the token lives longer than the "
              + agent.delegation().maxLifetime().toSeconds()
              + " s that agents."
              + agent.name()
              + ".delegation.maxLifetime permits");
    }
    return Optional.empty();
  }

  /** An operation in the words of policy. */
  static Attempt attempt(String connector, Operation operation) {
    FieldUse use = operation.fields();
    return new Attempt(
        connector,
        operation.family(),
        operation.object(),
        operation.action().word(),
        new TouchedFields(use.read(), use.filtered(), use.written(), use.readsAll()),
        new AskedRows(operation.rows().most(), operation.rows().way()));
  }

  /** What the token itself grants. */
  private static Optional<Denial> granted(AgentToken token, Attempt attempt) {
    List<TokenGrant> grants =
        token
            .grants()
            .covering(attempt.connector(), attempt.family(), attempt.object(), attempt.action());
    if (grants.isEmpty()) {
      return Optional.of(
          new Denial(
              DenyReason.SCOPE_NOT_GRANTED,
              "the token does not grant " + attempt.scope() + "; ask for it when the task starts",
              attempt.scope()));
    }
    @Nullable String missing = null;
    for (TokenGrant grant : grants) {
      Optional<String> denied = grant.fields().firstDenied(attempt.fields());
      if (denied.isEmpty()) {
        return Optional.empty();
      }
      missing = denied.get();
    }
    return Optional.of(
        new Denial(
            DenyReason.FIELD_NOT_GRANTED,
            "the token's grant of "
                + attempt.scope()
                + (FieldRule.EVERY_FIELD.equals(missing)
                    ? " covers only some fields and the request reads all of them: name the fields"
                        + " that are wanted"
                    : " does not cover the field " + missing),
            attempt.scope()));
  }

  private static Optional<Denial> underCeiling(
      Bundle.AgentRule agent, Attempt attempt, Supplier<Condition.Input> input) {
    CeilingVerdict verdict = Ceiling.check(agent, attempt, input);
    return switch (verdict) {
      case CeilingVerdict.Permitted permitted -> Optional.empty();
      case CeilingVerdict.NoScope none ->
          ceiling(DenyReason.SCOPE_ABOVE_CEILING, verdict, agent, attempt);
      case CeilingVerdict.FieldDenied field ->
          ceiling(DenyReason.FIELD_NOT_GRANTED, verdict, agent, attempt);
      case CeilingVerdict.RowsDenied rows ->
          ceiling(DenyReason.ROWS_NOT_GRANTED, verdict, agent, attempt);
      case CeilingVerdict.ConditionNotMet condition ->
          ceiling(DenyReason.CONDITION_NOT_MET, verdict, agent, attempt);
    };
  }

  private static Optional<Denial> ceiling(
      DenyReason reason, CeilingVerdict verdict, Bundle.AgentRule agent, Attempt attempt) {
    return Optional.of(new Denial(reason, verdict.sentence(agent, attempt), attempt.scope()));
  }

  /** What a condition may look at; made only when a rule has one. */
  private static Condition.Input input(Walk walk, AgentToken token, Operation operation) {
    Map<String, Object> principal = new HashMap<>(token.claims());
    String groups = token.issuer().claims().getOrDefault("groups", "groups");
    principal.put("groups", token.claims().getOrDefault(groups, List.of()));
    principal.put("sub", token.principal());
    principal.put("issuer", token.issuer().issuer());
    Map<String, Object> about = new HashMap<>();
    about.put("task", token.task());
    about.put("depth", (long) token.actors().size());
    about.put("acr", token.claims().getOrDefault("acr", ""));
    return new Condition.Input(
        principal,
        about,
        about(operation),
        Map.of(
            "method", walk.request().method(),
            "path", walk.target().map(target -> target.path()).orElse("")));
  }

  /** What a condition finds under {@code operation}. */
  static Map<String, Object> about(Operation operation) {
    return Map.of(
        "family", operation.family(),
        "object", operation.object(),
        "action", operation.action().word(),
        "fields", List.copyOf(operation.fields().named()));
  }

  /** Names the part of a compound request. */
  static Denial at(Operation operation, Denial denial) {
    return operation.where().isEmpty()
        ? denial
        : new Denial(denial.reason(), operation.where() + ": " + denial.sentence(), denial.scope());
  }

  private static Optional<Denial> deny(DenyReason reason, String sentence) {
    return Optional.of(new Denial(reason, sentence));
  }
}
