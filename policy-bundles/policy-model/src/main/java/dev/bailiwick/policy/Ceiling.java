// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import dev.bailiwick.policy.Bundle.AgentRule;
import dev.bailiwick.policy.Bundle.CeilingRule;
import dev.bailiwick.policy.CeilingVerdict.ConditionNotMet;
import dev.bailiwick.policy.CeilingVerdict.FieldDenied;
import dev.bailiwick.policy.CeilingVerdict.NoScope;
import dev.bailiwick.policy.CeilingVerdict.Permitted;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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
    Condition.@Nullable Input known = null;
    @Nullable CeilingVerdict closest = null;
    for (CeilingRule rule :
        agent
            .index()
            .covering(attempt.connector(), attempt.family(), attempt.object(), attempt.action())) {
      Optional<String> denied = rule.fields().firstDenied(attempt.fields());
      if (denied.isPresent()) {
        closest = closest == null ? new FieldDenied(denied.get(), rule) : closest;
        continue;
      }
      if (rule.when().isEmpty()) {
        return new Permitted(rule);
      }
      known = known == null ? input.get() : known;
      if (rule.when().get().holds(known)) {
        return new Permitted(rule);
      }
      closest = closest instanceof ConditionNotMet ? closest : new ConditionNotMet(rule);
    }
    return closest == null ? new NoScope() : closest;
  }
}
