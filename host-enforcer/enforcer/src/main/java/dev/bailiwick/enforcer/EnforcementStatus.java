// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.policy.Bundle.Tier;
import java.util.List;

/** What this machine can really enforce, found by trying. */
public sealed interface EnforcementStatus {

  /** Every layer that Bailiwick knows, in the order in which they are put up. */
  List<Layer> layers();

  /** What is enforced, as lines of the form {@code layer: sentence}. */
  default List<String> enforced() {
    return layers().stream()
        .filter(layer -> layer.state() != Layer.State.ABSENT)
        .map(layer -> layer.name() + ": " + layer.does())
        .toList();
  }

  /** What is not, in the same form. */
  default List<String> missing() {
    return layers().stream()
        .flatMap(layer -> layer.gaps().stream().map(gap -> layer.name() + ": " + gap))
        .toList();
  }

  /** Whether a sandbox that demands this tier may be launched here. */
  default boolean satisfies(Tier demanded) {
    return lacking(demanded).isEmpty();
  }

  /** What keeps a tier from being launched here, in the same form. */
  default List<String> lacking(Tier demanded) {
    return layers().stream()
        .filter(layer -> layer.state() == Layer.State.ABSENT)
        .filter(layer -> layer.tier().filter(tier -> tier.compareTo(demanded) <= 0).isPresent())
        .map(layer -> layer.name() + ": " + layer.gaps().get(0).missing())
        .toList();
  }

  /** Where these layers stand. */
  static EnforcementStatus of(List<Layer> layers) {
    EnforcementStatus partial = new Partial(layers);
    if (!partial.satisfies(Tier.BASE)) {
      return new NotEnforced(layers);
    }
    return partial.missing().isEmpty() ? new Full(layers) : partial;
  }

  /** Every protection that Bailiwick knows. */
  record Full(List<Layer> layers) implements EnforcementStatus {
    public Full {
      layers = List.copyOf(layers);
    }
  }

  /** Everything that tier {@code base} needs; something of it or beyond it is missing. */
  record Partial(List<Layer> layers) implements EnforcementStatus {
    public Partial {
      layers = List.copyOf(layers);
    }
  }

  /** Too little for any tier: nothing is launched. */
  record NotEnforced(List<Layer> layers) implements EnforcementStatus {
    public NotEnforced {
      layers = List.copyOf(layers);
    }
  }
}
