// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import dev.bailiwick.policy.Bundle.AgentRule;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Answers what a bundle permits, without a gateway and without a token: the most that any token
 * could reach. Immutable and thread-safe.
 */
public final class PolicyEvaluator {
  private final Bundle bundle;

  public PolicyEvaluator(Bundle bundle) {
    this.bundle = Objects.requireNonNull(bundle, "bundle");
  }

  /** What a question can be answered with. */
  public enum Outcome {
    /** A line of the ceiling covers the attempt. */
    PERMITTED,
    /** The bundle has no such agent. */
    UNKNOWN_AGENT,
    /** No line has a scope that covers the attempt. */
    NO_SCOPE,
    /** The scope is covered, a field is not. */
    FIELD_DENIED,
    /** Scope and fields are covered, but too many rows are asked for. */
    ROWS_DENIED,
    /** All of that is covered, but a condition does not hold. */
    CONDITION_NOT_MET
  }

  /**
   * An answer.
   *
   * @param verdict what the ceiling says; empty when there is no such agent
   * @param lines what each line of the ceiling that covers the scope says, the most specific first
   * @param sentence the answer in words: what was found, and what to do next
   */
  public record Answer(
      Outcome outcome,
      Optional<CeilingVerdict> verdict,
      List<CeilingVerdict> lines,
      String sentence) {
    public Answer {
      lines = List.copyOf(lines);
    }

    public boolean isPermitted() {
      return outcome == Outcome.PERMITTED;
    }
  }

  /**
   * Whether an agent may attempt something.
   *
   * @param agentName the agent's name in the bundle
   * @param input what conditions look at
   */
  public Answer evaluate(String agentName, Attempt attempt, Condition.Input input) {
    AgentRule agent = bundle.agents().get(agentName);
    if (agent == null) {
      return new Answer(
          Outcome.UNKNOWN_AGENT,
          Optional.empty(),
          List.of(),
          "there is no agents."
              + agentName
              + Suggestion.didYouMean(agentName, bundle.agents().keySet()));
    }
    Supplier<Condition.Input> inputs = () -> input;
    CeilingVerdict verdict = Ceiling.check(agent, attempt, inputs);
    return new Answer(
        outcome(verdict),
        Optional.of(verdict),
        Ceiling.explain(agent, attempt, inputs),
        verdict.sentence(agent, attempt));
  }

  private static Outcome outcome(CeilingVerdict verdict) {
    return switch (verdict) {
      case CeilingVerdict.Permitted permitted -> Outcome.PERMITTED;
      case CeilingVerdict.NoScope none -> Outcome.NO_SCOPE;
      case CeilingVerdict.FieldDenied field -> Outcome.FIELD_DENIED;
      case CeilingVerdict.RowsDenied rows -> Outcome.ROWS_DENIED;
      case CeilingVerdict.ConditionNotMet condition -> Outcome.CONDITION_NOT_MET;
    };
  }
}
