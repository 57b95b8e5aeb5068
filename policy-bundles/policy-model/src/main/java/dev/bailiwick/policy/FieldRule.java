// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.util.Set;

/**
 * Which fields a grant covers. Immutable.
 *
 * @param allow the only fields that are covered; empty means all
 * @param deny fields that are never covered; wins over {@code allow}
 */
public record FieldRule(Set<String> allow, Set<String> deny) {
  private static final FieldRule ANY = new FieldRule(Set.of(), Set.of());

  public FieldRule {
    allow = Set.copyOf(allow);
    deny = Set.copyOf(deny);
  }

  /** Every field is covered. */
  public static FieldRule any() {
    return ANY;
  }

  public boolean isAny() {
    return allow.isEmpty() && deny.isEmpty();
  }

  public boolean permits(String field) {
    return !deny.contains(field) && (allow.isEmpty() || allow.contains(field));
  }
}
