// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import java.util.Optional;

/** A condition that was compiled by {@link ConditionCompiler}. */
final class CelCondition implements Condition {
  private final String text;
  private final CelRuntime.Program program;

  CelCondition(String text, CelRuntime.Program program) {
    this.text = text;
    this.program = program;
  }

  @Override
  public boolean holds(Input input) {
    try {
      return Boolean.TRUE.equals(program.eval(name -> variable(input, name)));
    } catch (CelEvaluationException | RuntimeException e) {
      return false; // what cannot be evaluated does not hold
    }
  }

  private static Optional<Object> variable(Input input, String name) {
    return switch (name) {
      case "principal" -> Optional.of(input.principal());
      case "token" -> Optional.of(input.token());
      case "operation" -> Optional.of(input.operation());
      case "request" -> Optional.of(input.request());
      default -> Optional.empty();
    };
  }

  @Override
  public String text() {
    return text;
  }

  @Override
  public String toString() {
    return text;
  }
}
