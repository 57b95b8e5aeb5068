// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.policy.Bundle.Tier;
import java.util.List;

/**
 * What this machine can really enforce, found by trying. {@code enforced} and {@code missing} are
 * lines of the form {@code name: sentence}.
 */
public sealed interface EnforcementStatus {

  List<String> enforced();

  List<String> missing();

  /** Whether a sandbox that demands this tier may be launched here. */
  boolean satisfies(Tier tier);

  /** Every protection that Bailiwick knows. */
  record Full(List<String> enforced) implements EnforcementStatus {
    public Full {
      enforced = List.copyOf(enforced);
    }

    @Override
    public List<String> missing() {
      return List.of();
    }

    @Override
    public boolean satisfies(Tier tier) {
      return true;
    }
  }

  /** Everything that tier {@code base} needs; something beyond it is missing. */
  record Partial(List<String> enforced, List<String> missing) implements EnforcementStatus {
    public Partial {
      enforced = List.copyOf(enforced);
      missing = List.copyOf(missing);
    }

    @Override
    public boolean satisfies(Tier tier) {
      return tier == Tier.BASE;
    }
  }

  /** Too little for any tier: nothing is launched. */
  record NotEnforced(List<String> enforced, List<String> missing) implements EnforcementStatus {
    public NotEnforced {
      enforced = List.copyOf(enforced);
      missing = List.copyOf(missing);
    }

    @Override
    public boolean satisfies(Tier tier) {
      return false;
    }
  }
}
