// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.policy.Bundle.Tier;
import java.util.List;
import java.util.Optional;

/**
 * One layer of protection as it is on this machine.
 *
 * @param name such as {@code landlock}
 * @param does what it enforces here, in half a sentence; empty when it is absent
 * @param gaps what is missing of it; none when it is full
 * @param tier the lowest tier that cannot do without it; empty when none depends on it
 */
public record Layer(String name, State state, String does, List<Gap> gaps, Optional<Tier> tier) {

  /** How much of a layer there is. */
  public enum State {
    FULL,
    PARTIAL,
    ABSENT
  }

  /**
   * Something that a layer lacks here.
   *
   * @param missing what, and why
   * @param allows what can be done for want of it
   */
  public record Gap(String missing, String allows) {
    @Override
    public String toString() {
      return missing + "; allows: " + allows;
    }
  }

  public Layer {
    gaps = List.copyOf(gaps);
    if ((state == State.FULL) != gaps.isEmpty()) {
      throw new IllegalArgumentException(name + " is full exactly when nothing is missing");
    }
  }

  static Layer of(String name, Tier tier, String does, List<Gap> gaps) {
    return new Layer(
        name, gaps.isEmpty() ? State.FULL : State.PARTIAL, does, gaps, Optional.of(tier));
  }

  static Layer absent(String name, Tier tier, String missing, String allows) {
    return new Layer(name, State.ABSENT, "", List.of(new Gap(missing, allows)), Optional.of(tier));
  }

  /** A layer that tells or limits, and without which everything is still denied. */
  Layer besideTheTiers() {
    return new Layer(name, state, does, gaps, Optional.empty());
  }
}
