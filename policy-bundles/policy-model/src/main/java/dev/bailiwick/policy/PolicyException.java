// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.util.List;
import java.util.stream.Collectors;

/** A bundle that cannot be used, with everything that is wrong with it. */
public final class PolicyException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<PolicyProblem> problems;

  public PolicyException(List<PolicyProblem> problems) {
    super(
        problems.stream().map(PolicyProblem::toString).collect(Collectors.joining("\n")),
        null,
        false,
        false);
    this.problems = List.copyOf(problems);
  }

  /** All problems, in the order of the document. */
  public List<PolicyProblem> problems() {
    return problems;
  }
}
