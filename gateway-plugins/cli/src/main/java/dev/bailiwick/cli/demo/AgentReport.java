// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.demo;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What the agent said of its steps: {@code step TAB status TAB what it saw}. */
record AgentReport(Map<String, Step> steps) {
  private static final String MISSING = "missing";

  /**
   * @param status HTTP status for a call, exit status for an attempt
   * @param said body or message
   */
  record Step(String status, String said) {
    boolean is(String expected) {
      return status.equals(expected);
    }

    /** The agent tried, and it did not work. */
    boolean failed() {
      return !is("0") && !is(MISSING);
    }

    @Override
    public String toString() {
      return status + "  " + said;
    }
  }

  static AgentReport parse(String output) {
    Map<String, Step> steps = new LinkedHashMap<>();
    for (String line : output.lines().toList()) {
      String[] parts = line.split("\t", 3);
      if (parts.length == 3) {
        steps.put(parts[0], new Step(parts[1], parts[2].strip()));
      }
    }
    return new AgentReport(steps);
  }

  /** A step; one that the agent never printed has status {@code missing}. */
  Step step(String name) {
    return Optional.ofNullable(steps.get(name))
        .orElseGet(() -> new Step(MISSING, "the agent did not get to this step"));
  }
}
