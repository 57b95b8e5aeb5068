// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.policy.ConditionCompiler.Fault;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConditionTest {
  private static final Condition.Input JANE =
      new Condition.Input(
          principal(),
          Map.of("task", "t-1", "depth", 2, "acr", "gold"),
          Map.of(
              "family", "table",
              "object", "incident",
              "action", "read",
              "fields", Set.of("state", "number")),
          Map.of("method", "GET", "path", "/servicenow/api/now/table/incident"));

  private static Map<String, Object> principal() {
    Map<String, Object> principal = new HashMap<>();
    principal.put("sub", "jane");
    principal.put("issuer", "https://login.example");
    principal.put("groups", List.of("support", "staff"));
    principal.put("age", 40);
    principal.put("score", new BigDecimal("2.5"));
    principal.put("huge", BigInteger.TWO.pow(80));
    principal.put("address", Map.of("country", "AT"));
    principal.put("phone", null);
    principal.put("everybody", LongStream.range(0, 800).boxed().toList());
    return principal;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'support' in principal.groups",
        "principal.groups.exists(g, g.startsWith('sup'))",
        "principal.groups.all(g, g.size() > 3)",
        "principal.groups.exists_one(g, g == 'staff')",
        "principal.sub == 'jane' && token.acr == 'gold'",
        "principal['sub'] == 'jane'",
        "token.depth < 3",
        "token.depth <= 2.5",
        "principal.age >= 18",
        "principal.score > 2",
        "principal.huge > 1.0",
        "principal.address.country in ['AT', 'DE']",
        "has(principal.address.country)",
        "!has(principal.phone)",
        "!has(principal.nickname)",
        "operation.fields.exists(f, f == 'state')",
        "'number' in operation.fields",
        "operation.object.matches('^inc.*t$')",
        "request.method == 'GET' && request.path.startsWith('/servicenow/')",
        "principal.nickname == 'x' || token.depth == 2",
        "principal.everybody.all(n, n >= 0)"
      })
  void holdsWhenTrueThenTrue(String text) {
    assertThat(compiled(text).holds(JANE)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'admin' in principal.groups",
        "token.depth > 2",
        "principal.nickname == 'x'",
        "!(principal.nickname == 'x')",
        "!('admin' in principal.roles)",
        "principal.sub > 3",
        "principal.groups[7] == 'x'",
        "1 / (token.depth - 2) == 1",
        "int(principal.sub) == 1",
        "principal.address.country.code == 'AT'",
        "timestamp(principal.sub) < timestamp('2026-01-01T00:00:00Z')",
        "principal.sub.matches(principal.sub + '(')",
        "!principal.sub"
      })
  void holdsWhenFalseOrFailingThenFalse(String text) {
    assertThat(compiled(text).holds(JANE)).isFalse();
  }

  @Test
  void holdsWhenIterationsExceedTheBudgetThenFalse() {
    Condition condition =
        compiled("principal.everybody.all(a, principal.everybody.all(b, a >= 0 && b >= 0))");

    assertThat(condition.holds(JANE)).isFalse();
  }

  @Test
  void holdsWhenInputIsEmptyThenFalse() {
    Condition.Input nobody = new Condition.Input(Map.of(), Map.of(), Map.of(), Map.of());

    assertThat(compiled("'support' in principal.groups").holds(nobody)).isFalse();
  }

  @Test
  void holdsWhenCalledByManyThreadsThenEachGetsItsOwnAnswer() throws Exception {
    Condition condition = compiled("'support' in principal.groups && token.depth < 5");
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Callable<Boolean>> questions = new ArrayList<>();
      for (int i = 0; i < 2_000; i++) {
        Condition.Input input =
            new Condition.Input(
                Map.of("groups", List.of(i % 2 == 0 ? "support" : "sales")),
                Map.of("depth", i % 10),
                Map.of(),
                Map.of());
        questions.add(() -> condition.holds(input));
      }

      List<Future<Boolean>> answers = threads.invokeAll(questions);

      for (int i = 0; i < answers.size(); i++) {
        assertThat(answers.get(i).get()).isEqualTo(i % 2 == 0 && i % 10 < 5);
      }
    }
  }

  @Test
  void compileWhenTooDeepThenFault() {
    String text = "(".repeat(200) + "true" + ")".repeat(200);

    assertThat(faults(text)).isNotEmpty();
  }

  @Test
  void compileWhenFaultyThenNeverSaysItInTheLibrarysWords() {
    List<String> faulty =
        List.of("a b", "(((", "foo", "1 + 'a' == 2", "principal", "request.x", "'x'.matches('(')");

    assertThat(faulty)
        .allSatisfy(
            text ->
                assertThat(faults(text))
                    .isNotEmpty()
                    .allSatisfy(
                        fault ->
                            assertThat(fault.sentence())
                                .doesNotContain("undeclared", "overload", "EOF", "mismatched")));
  }

  @Test
  void toStringWhenInputHoldsClaimsThenNoValueShows() {
    assertThat(JANE.toString()).contains("sub").doesNotContain("jane");
  }

  @Test
  void inputWhenItHoldsOtherFormsThenTheyBecomePlain() {
    assertThat(JANE.principal().get("age")).isEqualTo(40L);
    assertThat(JANE.principal().get("score")).isEqualTo(2.5);
    assertThat(JANE.principal()).doesNotContainKey("phone");
    assertThat(JANE.operation().get("fields")).isInstanceOf(List.class);
  }

  private static Condition compiled(String text) {
    List<Fault> faults = new ArrayList<>();
    return ConditionCompiler.compile(text, faults)
        .orElseThrow(() -> new AssertionError(text + ": " + faults));
  }

  private static List<Fault> faults(String text) {
    List<Fault> faults = new ArrayList<>();
    assertThat(ConditionCompiler.compile(text, faults)).isEmpty();
    return faults;
  }
}
