// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import dev.bailiwick.policy.Bundle.AgentRule;
import dev.bailiwick.policy.Bundle.CeilingRule;

/** What an agent's ceiling says about one attempt. */
public sealed interface CeilingVerdict {

  /** This line of the ceiling covers the attempt: scope, fields, limits and condition. */
  record Permitted(CeilingRule rule) implements CeilingVerdict {}

  /** No line has a scope that covers the attempt. */
  record NoScope() implements CeilingVerdict {}

  /**
   * The scope is covered, but not this field.
   *
   * @param field the first field that is not covered, or {@link FieldRule#EVERY_FIELD} when the
   *     attempt reads all fields without naming them
   */
  record FieldDenied(String field, CeilingRule rule) implements CeilingVerdict {}

  /** Scope and fields are covered, but more rows are asked for than the line's limit. */
  record RowsDenied(CeilingRule rule) implements CeilingVerdict {}

  /** All of that is covered, but the line's condition does not hold. */
  record ConditionNotMet(CeilingRule rule) implements CeilingVerdict {}

  /** Says what was found and what to do next, in words that may be shown to the caller. */
  default String sentence(AgentRule agent, Attempt attempt) {
    return switch (this) {
      case Permitted(CeilingRule rule) ->
          attempt.scope()
              + " is permitted to "
              + agent.name()
              + " by "
              + rule.scope()
              + " (line "
              + rule.line()
              + ")";
      case NoScope() ->
          attempt.scope()
              + " is above the ceiling of "
              + agent.name()
              + ": add that scope to agents."
              + agent.name()
              + ".ceiling, or ask for less";
      case FieldDenied(String field, CeilingRule rule) when field.equals(FieldRule.EVERY_FIELD) ->
          rule.scope()
              + " (line "
              + rule.line()
              + ") covers only some fields and the request reads all of them: name the fields that"
              + " are wanted";
      case FieldDenied(String field, CeilingRule rule) ->
          rule.scope()
              + " (line "
              + rule.line()
              + ") does not cover the field "
              + field
              + ": leave it out, or add it to the line's fields.allow";
      case RowsDenied(CeilingRule rule) ->
          rule.scope()
              + " (line "
              + rule.line()
              + ") covers at most "
              + rule.limits().rows().orElse(0)
              + " rows of one request and "
              + attempt.rows().excess(rule.limits().rows().orElse(0));
      case ConditionNotMet(CeilingRule rule) ->
          rule.scope()
              + " (line "
              + rule.line()
              + ") holds only when "
              + rule.when().map(Condition::text).orElse("its condition is met");
    };
  }
}
