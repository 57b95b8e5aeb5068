// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class ScopeIndexTest {

  @Test
  void coveringWhenSeveralMatchThenTheMostSpecificComesFirst() {
    ScopeIndex<Scope> index =
        index("*:*/*:*", "a:*/*:read", "a:b/*:read", "a:b/c:*", "a:b/c:read", "x:b/c:read");

    assertThat(index.covering("a", "b", "c", "read"))
        .map(Scope::toString)
        .containsExactly("a:b/c:read", "a:b/c:*", "a:b/*:read", "a:*/*:read", "*:*/*:*");
  }

  @Test
  void coveringWhenNothingMatchesThenEmpty() {
    ScopeIndex<Scope> index = index("a:b/c:read");

    assertThat(index.covering("a", "b", "c", "update")).isEmpty();
    assertThat(index.covering("a", "b", "C", "read")).isEmpty();
    assertThat(index.covering("b", "b", "c", "read")).isEmpty();
  }

  @Test
  void coveringWhenAskedForAWildcardThenOnlyWildcardsCoverAndEachOnce() {
    ScopeIndex<Scope> index = index("a:b/*:read", "a:b/c:read", "*:*/*:*");

    assertThat(index.covering("a", "b", "*", "read"))
        .map(Scope::toString)
        .containsExactly("a:b/*:read", "*:*/*:*");
    assertThat(index.covering("*", "*", "*", "*")).map(Scope::toString).containsExactly("*:*/*:*");
  }

  @Test
  void coveringWhenRulesShareAScopeThenAllInTheirOrder() {
    Scope scope = Scope.parse("a:b/c:read");
    ScopeIndex<String> index = ScopeIndex.of(List.of("first", "second"), rule -> scope);

    assertThat(index.covering("a", "b", "c", "read")).containsExactly("first", "second");
  }

  /** Ten thousand scopes, half of them with wildcards, against the plain definition of covering. */
  @Test
  void coveringWhenTenThousandScopesThenAgreesWithAScan() {
    Random random = new Random(7);
    List<Scope> scopes = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      scopes.add(
          new Scope(
              segment(random, "connector", 5),
              segment(random, "family", 8),
              segment(random, "object", 400),
              segment(random, "action", 6)));
    }
    ScopeIndex<Scope> index = ScopeIndex.of(scopes, Function.identity());

    for (int i = 0; i < 2_000; i++) {
      Scope wanted =
          new Scope(
              "connector" + random.nextInt(6),
              "family" + random.nextInt(9),
              "object" + random.nextInt(420),
              "action" + random.nextInt(7));

      List<Scope> found =
          index.covering(wanted.connector(), wanted.family(), wanted.object(), wanted.action());

      assertThat(found)
          .containsExactlyInAnyOrderElementsOf(
              scopes.stream().filter(scope -> scope.covers(wanted)).toList());
    }
  }

  private static String segment(Random random, String name, int values) {
    return random.nextInt(6) == 0 ? Scope.ANY : name + random.nextInt(values);
  }

  private static ScopeIndex<Scope> index(String... scopes) {
    return ScopeIndex.of(List.of(scopes).stream().map(Scope::parse).toList(), Function.identity());
  }
}
