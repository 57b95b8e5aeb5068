// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import dev.bailiwick.policy.Bundle.CeilingRule;
import java.util.List;
import java.util.Optional;

/** Holds a bundle against its cases. */
public final class CaseRunner {
  private CaseRunner() {}

  /**
   * What became of one case.
   *
   * @param passed whether the answer is the expected one
   * @param sentence what was expected and what was found; for a case that passed, the answer
   */
  public record Result(
      PolicyCase policyCase, PolicyEvaluator.Answer answer, boolean passed, String sentence) {}

  /** Runs every case, in the order of the file. */
  public static List<Result> run(Bundle bundle, List<PolicyCase> cases) {
    PolicyEvaluator evaluator = new PolicyEvaluator(bundle);
    return cases.stream().map(each -> run(evaluator, each)).toList();
  }

  private static Result run(PolicyEvaluator evaluator, PolicyCase expected) {
    PolicyEvaluator.Answer answer =
        evaluator.evaluate(expected.agent(), expected.attempt(), expected.input());
    if (answer.isPermitted() != expected.allowed()) {
      return new Result(
          expected,
          answer,
          false,
          "expected "
              + (expected.allowed() ? "allow" : "deny")
              + ", because "
              + expected.because()
              + "; but "
              + answer.sentence());
    }
    Optional<CeilingRule> decided = answer.verdict().flatMap(CaseRunner::rule);
    if (expected.rule().isPresent() && !expected.rule().equals(decided.map(CeilingRule::scope))) {
      return new Result(
          expected,
          answer,
          false,
          "expected "
              + expected.rule().get()
              + " to decide, because "
              + expected.because()
              + "; but "
              + answer.sentence());
    }
    return new Result(expected, answer, true, answer.sentence());
  }

  private static Optional<CeilingRule> rule(CeilingVerdict verdict) {
    return switch (verdict) {
      case CeilingVerdict.Permitted(CeilingRule rule) -> Optional.of(rule);
      case CeilingVerdict.FieldDenied(String field, CeilingRule rule) -> Optional.of(rule);
      case CeilingVerdict.RowsDenied(CeilingRule rule) -> Optional.of(rule);
      case CeilingVerdict.ConditionNotMet(CeilingRule rule) -> Optional.of(rule);
      case CeilingVerdict.NoScope none -> Optional.empty();
    };
  }
}
