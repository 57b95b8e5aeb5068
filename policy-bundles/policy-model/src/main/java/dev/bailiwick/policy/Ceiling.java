// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import dev.bailiwick.policy.Bundle.AgentRule;
import dev.bailiwick.policy.Bundle.CeilingRule;
import dev.bailiwick.policy.CeilingVerdict.ConditionNotMet;
import dev.bailiwick.policy.CeilingVerdict.FieldDenied;
import dev.bailiwick.policy.CeilingVerdict.NoScope;
import dev.bailiwick.policy.CeilingVerdict.Permitted;
import dev.bailiwick.policy.CeilingVerdict.RowsDenied;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Decides whether an agent's ceiling covers an attempt. The gateway and {@code bailiwick policy
 * test} both decide here, so that what was tested is what is enforced.
 *
 * <p>One line must cover the whole attempt: fields of several lines never add up, because a request
 * that joins them can tell more than the two requests that each line permits.
 */
public final class Ceiling {
  private Ceiling() {}

  /**
   * Checks one attempt. Of several lines that cover the scope, the most specific one that permits
   * the attempt decides; when none does, the verdict is the one that came closest.
   *
   * @param input what conditions look at; asked for only when a condition has to be evaluated
   */
  public static CeilingVerdict check(
      AgentRule agent, Attempt attempt, Supplier<Condition.Input> input) {
    CeilingVerdict closest = new NoScope();
    for (CeilingRule rule : covering(agent, attempt)) {
      CeilingVerdict verdict = judge(rule, attempt, input);
      if (verdict instanceof Permitted) {
        return verdict;
      }
      if (rank(verdict) > rank(closest)) {
        closest = verdict;
      }
    }
    return closest;
  }

  /**
   * The verdict of every line whose scope covers the attempt, the most specific first: why {@link
   * #check} answers as it does.
   */
  public static List<CeilingVerdict> explain(
      AgentRule agent, Attempt attempt, Supplier<Condition.Input> input) {
    return covering(agent, attempt).stream().map(rule -> judge(rule, attempt, input)).toList();
  }

  private static List<CeilingRule> covering(AgentRule agent, Attempt attempt) {
    return agent
        .index()
        .covering(attempt.connector(), attempt.family(), attempt.object(), attempt.action());
  }

  private static CeilingVerdict judge(
      CeilingRule rule, Attempt attempt, Supplier<Condition.Input> input) {
    Optional<String> denied = rule.fields().firstDenied(attempt.fields());
    if (denied.isPresent()) {
      return new FieldDenied(denied.get(), rule);
    }
    if (!rule.limits().permit(attempt)) {
      return new RowsDenied(rule);
    }
    return rule.when().isEmpty() || rule.when().get().holds(input.get())
        ? new Permitted(rule)
        : new ConditionNotMet(rule);
  }

  /** How far an attempt came. */
  private static int rank(CeilingVerdict verdict) {
    return switch (verdict) {
      case NoScope none -> 0;
      case FieldDenied fields -> 1;
      case RowsDenied rows -> 2;
      case ConditionNotMet condition -> 3;
      case Permitted permitted -> 4;
    };
  }
}
