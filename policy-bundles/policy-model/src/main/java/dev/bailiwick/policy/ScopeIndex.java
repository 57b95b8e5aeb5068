// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds the rules that cover an operation without walking through all of them: at most sixteen map
 * look-ups, however many scopes there are. Immutable and thread-safe.
 *
 * @param <R> what a scope leads to
 */
public final class ScopeIndex<R> {
  private final Map<String, Map<Key, List<R>>> byConnector;

  private record Key(String family, String object, String action) {}

  private ScopeIndex(Map<String, Map<Key, List<R>>> byConnector) {
    this.byConnector = byConnector;
  }

  public static <R> ScopeIndex<R> of(List<R> rules, Function<R, Scope> scope) {
    Map<String, Map<Key, List<R>>> byConnector = new HashMap<>();
    for (R rule : rules) {
      Scope s = scope.apply(rule);
      byConnector
          .computeIfAbsent(s.connector(), c -> new HashMap<>())
          .computeIfAbsent(new Key(s.family(), s.object(), s.action()), k -> new ArrayList<>())
          .add(rule);
    }
    return new ScopeIndex<>(byConnector);
  }

  /**
   * The rules that cover the operation; the most specific scope first. A wildcard in place of a
   * name asks for the rules that cover everything there.
   */
  public List<R> covering(String connector, String family, String object, String action) {
    List<R> found = new ArrayList<>(2);
    collect(byConnector.get(connector), family, object, action, found);
    if (!connector.equals(Scope.ANY)) {
      collect(byConnector.get(Scope.ANY), family, object, action, found);
    }
    return found;
  }

  private void collect(
      @Nullable Map<Key, List<R>> rules,
      String family,
      String object,
      String action,
      List<R> found) {
    if (rules == null) {
      return;
    }
    for (int wild = 0; wild < 8; wild++) {
      if (((wild & 4) != 0 && family.equals(Scope.ANY))
          || ((wild & 2) != 0 && object.equals(Scope.ANY))
          || ((wild & 1) != 0 && action.equals(Scope.ANY))) {
        continue; // the same key as without this wildcard
      }
      Key key =
          new Key(
              (wild & 4) == 0 ? family : Scope.ANY,
              (wild & 2) == 0 ? object : Scope.ANY,
              (wild & 1) == 0 ? action : Scope.ANY);
      @Nullable List<R> covering = rules.get(key);
      if (covering != null) {
        found.addAll(covering);
      }
    }
  }
}
