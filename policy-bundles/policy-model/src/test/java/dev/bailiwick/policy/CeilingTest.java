// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bailiwick.policy.Bundle.AgentRule;
import dev.bailiwick.policy.Bundle.CeilingRule;
import dev.bailiwick.policy.Bundle.Delegation;
import dev.bailiwick.policy.Bundle.ReadLimits;
import dev.bailiwick.policy.CeilingVerdict.ConditionNotMet;
import dev.bailiwick.policy.CeilingVerdict.FieldDenied;
import dev.bailiwick.policy.CeilingVerdict.NoScope;
import dev.bailiwick.policy.CeilingVerdict.Permitted;
import dev.bailiwick.policy.CeilingVerdict.RowsDenied;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class CeilingTest {
  private static final Condition.Input NOBODY =
      new Condition.Input(Map.of(), Map.of(), Map.of(), Map.of());
  private static final Supplier<Condition.Input> UNASKED =
      () -> {
        throw new AssertionError("the input was asked for without a condition");
      };

  @Test
  void checkWhenScopeCoveredThenPermitsWithItsLine() {
    CeilingRule rule = rule("servicenow:table/incident:read", FieldRule.any(), 7);

    CeilingVerdict verdict = Ceiling.check(agent(rule), attempt("read", none()), UNASKED);

    assertThat(verdict).isEqualTo(new Permitted(rule));
  }

  @Test
  void checkWhenNoLineHasTheScopeThenNoScope() {
    AgentRule agent = agent(rule("servicenow:table/incident:read", FieldRule.any(), 7));

    CeilingVerdict verdict = Ceiling.check(agent, attempt("delete", none()), UNASKED);

    assertThat(verdict).isEqualTo(new NoScope());
    assertThat(verdict.sentence(agent, attempt("delete", none())))
        .contains("servicenow:table/incident:delete", "agents.triage-agent.ceiling");
  }

  @Test
  void checkWhenFieldIsWrittenButNotAllowedThenFieldDenied() {
    CeilingRule rule = rule("servicenow:table/incident:update", allow("state"), 8);
    TouchedFields fields =
        new TouchedFields(Set.of("state"), Set.of(), Set.of("state", "caller_id"), false);

    CeilingVerdict verdict = Ceiling.check(agent(rule), attempt("update", fields), UNASKED);

    assertThat(verdict).isEqualTo(new FieldDenied("caller_id", rule));
  }

  @Test
  void checkWhenFieldIsOnlyFilteredThenItCountsAsRead() {
    CeilingRule rule = rule("servicenow:table/incident:read", allow("state"), 8);
    TouchedFields fields = new TouchedFields(Set.of("state"), Set.of("salary"), Set.of(), false);

    CeilingVerdict verdict = Ceiling.check(agent(rule), attempt("read", fields), UNASKED);

    assertThat(verdict).isEqualTo(new FieldDenied("salary", rule));
  }

  @Test
  void checkWhenAllFieldsAreReadThenAnyFieldRuleDenies() {
    CeilingRule allow = rule("servicenow:table/incident:read", allow("state"), 8);
    CeilingRule deny =
        rule("servicenow:table/incident:read", new FieldRule(Set.of(), Set.of("salary")), 8);

    assertThat(Ceiling.check(agent(allow), attempt("read", all()), UNASKED))
        .isEqualTo(new FieldDenied(FieldRule.EVERY_FIELD, allow));
    assertThat(Ceiling.check(agent(deny), attempt("read", all()), UNASKED))
        .isEqualTo(new FieldDenied(FieldRule.EVERY_FIELD, deny));
  }

  @Test
  void checkWhenTwoLinesCoverHalfOfTheFieldsEachThenTheyDoNotAddUp() {
    CeilingRule first = rule("servicenow:table/incident:read", allow("state"), 8);
    CeilingRule second = rule("servicenow:table/incident:read", allow("number"), 9);
    TouchedFields both = new TouchedFields(Set.of("state", "number"), Set.of(), Set.of(), false);

    CeilingVerdict verdict = Ceiling.check(agent(first, second), attempt("read", both), UNASKED);

    assertThat(verdict).isEqualTo(new FieldDenied("number", first));
  }

  @Test
  void checkWhenTheSpecificLineDeniesTheFieldThenABroaderLineMayStillPermit() {
    CeilingRule narrow = rule("servicenow:table/incident:read", allow("state"), 8);
    CeilingRule broad = rule("servicenow:table/*:read", FieldRule.any(), 9);

    CeilingVerdict verdict = Ceiling.check(agent(narrow, broad), attempt("read", all()), UNASKED);

    assertThat(verdict).isEqualTo(new Permitted(broad));
  }

  @Test
  void checkWhenConditionHoldsThenPermits() {
    CeilingRule rule = conditional("servicenow:table/incident:read", true);

    CeilingVerdict verdict = Ceiling.check(agent(rule), attempt("read", none()), () -> NOBODY);

    assertThat(verdict).isEqualTo(new Permitted(rule));
  }

  @Test
  void checkWhenConditionFailsThenSaysWhich() {
    CeilingRule rule = conditional("servicenow:table/incident:read", false);
    AgentRule agent = agent(rule);

    CeilingVerdict verdict = Ceiling.check(agent, attempt("read", none()), () -> NOBODY);

    assertThat(verdict).isEqualTo(new ConditionNotMet(rule));
    assertThat(verdict.sentence(agent, attempt("read", none()))).contains("always(false)");
  }

  @Test
  void checkWhenConditionAndFieldsBothFailThenTheConditionIsCloser() {
    CeilingRule fields = rule("servicenow:table/incident:read", allow("state"), 8);
    CeilingRule condition = conditional("servicenow:table/*:read", false);

    CeilingVerdict verdict =
        Ceiling.check(agent(fields, condition), attempt("read", all()), () -> NOBODY);

    assertThat(verdict).isEqualTo(new ConditionNotMet(condition));
  }

  @Test
  void checkWhenMoreRowsAreAskedForThanTheLimitThenRowsDenied() {
    CeilingRule rule = limited("servicenow:table/incident:read", 200);

    assertThat(Ceiling.check(agent(rule), asking(OptionalLong.of(201)), UNASKED))
        .isEqualTo(new RowsDenied(rule));
    assertThat(Ceiling.check(agent(rule), asking(OptionalLong.of(200)), UNASKED))
        .isEqualTo(new Permitted(rule));
    assertThat(Ceiling.check(agent(rule), asking(OptionalLong.of(0)), UNASKED))
        .isEqualTo(new Permitted(rule));
  }

  @Test
  void checkWhenNoLimitIsSetThenRowsDenied() {
    CeilingRule rule = limited("servicenow:table/incident:read", 200);

    assertThat(Ceiling.check(agent(rule), asking(OptionalLong.empty()), UNASKED))
        .isEqualTo(new RowsDenied(rule));
  }

  @Test
  void sentenceWhenRowsAreDeniedThenNamesTheLimitWhatWasAskedAndTheNextStep() {
    CeilingRule rule = limited("servicenow:table/incident:read", 200);
    AgentRule agent = agent(rule);

    assertThat(new RowsDenied(rule).sentence(agent, asking(OptionalLong.of(1000))))
        .isEqualTo(
            "servicenow:table/incident:read (line 12) covers at most 200 rows of one request and"
                + " the request asks for up to 1000: ask with LIMIT 200");
    assertThat(new RowsDenied(rule).sentence(agent, asking(OptionalLong.empty())))
        .endsWith("the request sets no limit: add LIMIT 200");
    assertThat(new RowsDenied(rule).sentence(agent, attempt("read", none())))
        .contains("the request sets no limit, which a request of this kind cannot");
  }

  @Test
  void sentenceWhenMoreRecordsAreNamedThanTheLimitThenSaysToSplitTheRequest() {
    CeilingRule rule = limited("servicenow:table/incident:read", 50);
    AskedRows named = new AskedRows(OptionalLong.of(60), "");

    assertThat(new RowsDenied(rule).sentence(agent(rule), asking(named)))
        .isEqualTo(
            "servicenow:table/incident:read (line 12) covers at most 50 rows of one request and"
                + " the request asks for up to 60, all parts added up: ask for at most 50 in one"
                + " request, and for the rest in others");
  }

  @Test
  void checkWhenNothingIsReadThenRowsAreNotLimited() {
    CeilingRule rule = limited("servicenow:table/incident:*", 1);

    assertThat(Ceiling.check(agent(rule), attempt("update", none()), UNASKED))
        .isEqualTo(new Permitted(rule));
    assertThat(Ceiling.check(agent(rule), attempt("read", none()), UNASKED))
        .isEqualTo(new RowsDenied(rule));
  }

  @Test
  void checkWhenAnotherLineGivesMoreRowsThenPermits() {
    CeilingRule few = limited("servicenow:table/incident:read", 10);
    CeilingRule many = limited("servicenow:table/*:read", 100);

    assertThat(Ceiling.check(agent(few, many), asking(OptionalLong.of(50)), UNASKED))
        .isEqualTo(new Permitted(many));
  }

  @Test
  void attemptWhenWildcardThenRefused() {
    assertThatThrownBy(
            () -> new Attempt("servicenow", "table", "*", "read", none(), AskedRows.unknown()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("object");
  }

  private static AgentRule agent(CeilingRule... rules) {
    List<CeilingRule> ceiling = List.of(rules);
    return new AgentRule(
        "triage-agent",
        "acme",
        "triage-agent",
        Optional.empty(),
        ceiling,
        ScopeIndex.of(ceiling, CeilingRule::scope),
        new Delegation(3, Duration.ofMinutes(10)));
  }

  private static CeilingRule rule(String scope, FieldRule fields, int line) {
    return new CeilingRule(Scope.parse(scope), fields, ReadLimits.none(), Optional.empty(), line);
  }

  private static CeilingRule limited(String scope, int rows) {
    return new CeilingRule(
        Scope.parse(scope),
        FieldRule.any(),
        new ReadLimits(OptionalInt.of(rows)),
        Optional.empty(),
        12);
  }

  private static Attempt asking(OptionalLong rows) {
    return asking(new AskedRows(rows, "LIMIT #"));
  }

  private static Attempt asking(AskedRows rows) {
    return new Attempt("servicenow", "table", "incident", "read", none(), rows);
  }

  private static CeilingRule conditional(String scope, boolean holds) {
    return new CeilingRule(
        Scope.parse(scope), FieldRule.any(), ReadLimits.none(), Optional.of(new Always(holds)), 12);
  }

  private static FieldRule allow(String... fields) {
    return new FieldRule(Set.of(fields), Set.of());
  }

  private static Attempt attempt(String action, TouchedFields fields) {
    return new Attempt("servicenow", "table", "incident", action, fields, AskedRows.unknown());
  }

  private static TouchedFields none() {
    return TouchedFields.none();
  }

  private static TouchedFields all() {
    return new TouchedFields(Set.of(), Set.of(), Set.of(), true);
  }

  private record Always(boolean value) implements Condition {
    @Override
    public boolean holds(Input input) {
      return value;
    }

    @Override
    public String text() {
      return "always(" + value + ")";
    }
  }
}
