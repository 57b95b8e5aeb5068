// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which fields a grant covers. Immutable.
 *
 * <p>Whatever is unclear is not covered: {@code allow} is compared exactly, {@code deny} without
 * regard to case and with everything below the field, so that denying {@code caller_id} denies
 * {@code caller_id.email} too.
 *
 * @param allow the only fields that are covered; empty means all
 * @param deny fields that are never covered; wins over {@code allow}
 */
public record FieldRule(Set<String> allow, Set<String> deny) {
  /** Stands for all fields at once, where a denial has to name a field. */
  public static final String EVERY_FIELD = "*";

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
    return (allow.isEmpty() || allow.contains(field)) && !denies(field);
  }

  /**
   * The first field, in alphabetical order, that this rule does not cover; {@link #EVERY_FIELD}
   * when all fields are read and the rule does not cover all. Empty when the rule covers them.
   */
  public Optional<String> firstDenied(TouchedFields fields) {
    if (isAny()) {
      return Optional.empty();
    }
    Set<String> denied = new TreeSet<>();
    addDenied(fields.read(), denied);
    addDenied(fields.filtered(), denied);
    addDenied(fields.written(), denied);
    if (denied.isEmpty()) {
      return fields.readsAll() ? Optional.of(EVERY_FIELD) : Optional.empty();
    }
    return Optional.of(denied.iterator().next());
  }

  private void addDenied(Set<String> names, Set<String> denied) {
    for (String name : names) {
      if (!permits(name)) {
        denied.add(name);
      }
    }
  }

  private boolean denies(String field) {
    for (String denied : deny) {
      if (field.regionMatches(true, 0, denied, 0, denied.length())
          && (field.length() == denied.length() || field.charAt(denied.length()) == '.')) {
        return true;
      }
    }
    return false;
  }
}
