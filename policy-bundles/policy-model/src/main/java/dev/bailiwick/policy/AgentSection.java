// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import dev.bailiwick.policy.Bundle.AgentRule;
import dev.bailiwick.policy.Bundle.CeilingRule;
import dev.bailiwick.policy.Bundle.ConnectorRule;
import dev.bailiwick.policy.Bundle.Delegation;
import dev.bailiwick.policy.Bundle.Issuer;
import dev.bailiwick.policy.Bundle.ReadLimits;
import dev.bailiwick.policy.ConditionCompiler.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Reads {@code agents}. */
final class AgentSection {
  /** Every action that a connector knows. */
  private static final List<String> ACTIONS =
      List.of("read", "create", "update", "delete", "execute", "admin");

  /** The action of them that {@code limits} are about. */
  private static final String READ = "read";

  private static final int DEEPEST = 8;
  private static final int MOST_ROWS = 1_000_000;

  private final Map<String, Issuer> issuers;
  private final Map<String, ConnectorRule> connectors;
  private final Problems problems;

  /** False when a name that is not found may stand in what could not be read. */
  private boolean issuersKnown = true;

  private boolean connectorsKnown = true;

  /** Actors so far, by the agent that they are. */
  private final Map<List<String>, String> actors = new HashMap<>();

  /** Conditions so far: the same expression is compiled once. */
  private final Map<String, Condition> conditions = new HashMap<>();

  AgentSection(
      Map<String, Issuer> issuers, Map<String, ConnectorRule> connectors, Problems problems) {
    this.issuers = issuers;
    this.connectors = connectors;
    this.problems = problems;
  }

  Map<String, AgentRule> read(Section root) {
    issuersKnown = root.isWhole("issuers");
    connectorsKnown = root.isWhole("connectors");
    return root.each("agents", this::agent);
  }

  private AgentRule agent(String name, Section section) {
    Section actor = section.section("actor");
    String issuer = actor.text("issuer");
    if (issuersKnown && !issuer.equals(Section.UNUSABLE) && !issuers.containsKey(issuer)) {
      problems.at(
          actor.value("issuer"),
          "there is no issuers." + issuer + Suggestion.didYouMean(issuer, issuers.keySet()));
    }
    String subject = actor.text("subject");
    if (!subject.equals(Section.UNUSABLE)) {
      String earlier = actors.putIfAbsent(List.of(issuer, subject), name);
      if (earlier != null) {
        problems.at(
            actor.at(),
            "this actor is agents."
                + earlier
                + " already; two agents cannot share one, because a token could not tell them"
                + " apart");
      }
    }
    List<CeilingRule> ceiling = ceiling(section);
    return new AgentRule(
        name,
        issuer,
        subject,
        actor.optionalText("actorIssuer"),
        ceiling,
        ScopeIndex.of(ceiling, CeilingRule::scope),
        delegation(section.section("delegation"), Optional.ofNullable(issuers.get(issuer))));
  }

  private Delegation delegation(Section section, Optional<Issuer> issuer) {
    int depth = issuer.map(Issuer::maxDepth).orElse(DEEPEST);
    Duration lifetime = issuer.map(Issuer::maxLifetime).orElse(Duration.ofHours(24));
    int maxDepth = section.integer("maxDepth", 1, DEEPEST).orElse(depth);
    if (maxDepth > depth) {
      problems.at(
          section.value("maxDepth"),
          "found " + maxDepth + ", but the issuer's maxDepth is " + depth + " and comes first");
    }
    Duration maxLifetime =
        section.duration("maxLifetime", lifetime, Duration.ofSeconds(1), Duration.ofHours(24));
    if (maxLifetime.compareTo(lifetime) > 0) {
      problems.at(
          section.value("maxLifetime"),
          "found "
              + Units.write(maxLifetime)
              + ", but the issuer's maxLifetime is "
              + Units.write(lifetime)
              + " and comes first");
    }
    return new Delegation(maxDepth, maxLifetime);
  }

  private List<CeilingRule> ceiling(Section agent) {
    List<CeilingRule> rules = new ArrayList<>();
    List<Located> places = new ArrayList<>();
    for (Located item : agent.items("ceiling")) {
      rule(item)
          .ifPresent(
              rule -> {
                rules.add(rule);
                places.add(item);
              });
    }
    withoutEffect(rules, places);
    return rules;
  }

  private Optional<CeilingRule> rule(Located item) {
    int line = item.place().line();
    if (item.json().isString()) {
      return scope(item)
          .map(s -> new CeilingRule(s, FieldRule.any(), ReadLimits.none(), Optional.empty(), line));
    }
    Section section = new Section(item, problems);
    Optional<Scope> scope =
        section.text("scope").isEmpty()
            ? Optional.empty()
            : item.member("scope").flatMap(this::scope);
    FieldRule fields = fields(section.section("fields"));
    ReadLimits limits = limits(section.section("limits"), scope);
    Optional<Condition> when = item.member("when").flatMap(this::condition);
    boolean unreadable =
        (section.has("fields") && fields.isAny())
            || (section.has("limits") && limits.rows().isEmpty())
            || (section.has("when") && when.isEmpty());
    return unreadable
        ? Optional.empty()
        : scope.map(s -> new CeilingRule(s, fields, limits, when, line));
  }

  private ReadLimits limits(Section section, Optional<Scope> scope) {
    OptionalInt rows = section.integer("rows", 1, MOST_ROWS);
    String action = scope.map(Scope::action).orElse(Scope.ANY);
    if (rows.isPresent() && !action.equals(READ) && !action.equals(Scope.ANY)) {
      problems.at(
          section.value("rows"),
          "rows limits what is read, and this line is about "
              + action
              + ": leave it out, or put it on a line for read");
    }
    return new ReadLimits(rows);
  }

  private Optional<Scope> scope(Located at) {
    String text = at.text();
    if (text == null) {
      problems.at(at, "found " + at.found() + "; expected a scope");
      return Optional.empty();
    }
    Scope scope;
    try {
      scope = Scope.parse(text);
    } catch (IllegalArgumentException e) {
      problems.at(
          at,
          "found "
              + at.found()
              + "; expected a scope <connector>:<family>/<object>:<action> such as"
              + " servicenow:table/incident:read, where * stands for a whole segment");
      return Optional.empty();
    }
    if (connectorsKnown
        && !scope.connector().equals(Scope.ANY)
        && !connectors.containsKey(scope.connector())) {
      problems.at(
          at,
          "there is no connectors."
              + scope.connector()
              + Suggestion.didYouMean(scope.connector(), connectors.keySet()));
      return Optional.empty();
    }
    if (!scope.action().equals(Scope.ANY) && !ACTIONS.contains(scope.action())) {
      String guess = Suggestion.didYouMean(scope.action(), ACTIONS);
      problems.at(
          at,
          "no connector knows the action "
              + Located.quote(scope.action())
              + (guess.isEmpty() ? "; expected one of " + String.join(", ", ACTIONS) : guess));
      return Optional.empty();
    }
    return Optional.of(scope);
  }

  private FieldRule fields(Section section) {
    FieldRule rule = new FieldRule(names(section, "allow"), names(section, "deny"));
    FieldRule denied = new FieldRule(Set.of(), rule.deny());
    for (Located item : section.items("allow")) {
      String name = item.text();
      if (name != null && !denied.permits(name)) {
        problems.at(item, item.found() + " is denied by fields.deny; keep one of the two");
      }
    }
    return rule;
  }

  private Set<String> names(Section section, String key) {
    if (section.has(key) && section.items(key).isEmpty()) {
      problems.atKey(
          section.at(), key, "found an empty list; expected field names, or no such key at all");
    }
    Set<String> names = new HashSet<>();
    for (Located item : section.items(key)) {
      String name = item.text();
      if (name == null || !name.matches("[^\\s,*]+")) {
        problems.at(
            item,
            "found "
                + item.found()
                + "; expected a field name in the system's own spelling, without spaces, commas or"
                + " *");
      } else {
        names.add(name);
      }
    }
    return names;
  }

  private Optional<Condition> condition(Located when) {
    String written = when.text();
    if (written == null || written.isBlank()) {
      problems.at(
          when,
          "found "
              + when.found()
              + "; expected an expression such as 'support' in principal.groups");
      return Optional.empty();
    }
    String text = written.strip();
    Condition known = conditions.get(text);
    if (known != null) {
      return Optional.of(known);
    }
    List<Fault> faults = new ArrayList<>();
    Optional<Condition> condition = ConditionCompiler.compile(text, faults);
    condition.ifPresent(compiled -> conditions.put(text, compiled));
    for (Fault fault : faults) {
      problems.inside(when, text, fault.place(), fault.sentence());
    }
    return condition;
  }

  /**
   * A narrow line beside a wider one that permits all of it looks like a restriction and is none.
   */
  private void withoutEffect(List<CeilingRule> rules, List<Located> places) {
    List<CeilingRule> open = rules.stream().filter(AgentSection::isOpen).toList();
    ScopeIndex<CeilingRule> wider = ScopeIndex.of(open, CeilingRule::scope);
    Map<Scope, CeilingRule> unlimited = new HashMap<>();
    for (int i = 0; i < rules.size(); i++) {
      CeilingRule rule = rules.get(i);
      if (isOpen(rule) && rule.limits().rows().isEmpty()) {
        CeilingRule earlier = unlimited.putIfAbsent(rule.scope(), rule);
        if (earlier != null) {
          problems.at(places.get(i), "this scope stands in line " + earlier.line() + " already");
        }
        continue;
      }
      Scope scope = rule.scope();
      Located place = places.get(i);
      wider.covering(scope.connector(), scope.family(), scope.object(), scope.action()).stream()
          .filter(other -> permitsMore(other, rule))
          .findFirst()
          .ifPresent(
              other ->
                  problems.at(
                      place,
                      "the fields, limits and conditions of this line have no effect: "
                          + other.scope()
                          + " in line "
                          + other.line()
                          + " permits the same without them"));
    }
  }

  /** Neither fields nor a condition narrow the line. */
  private static boolean isOpen(CeilingRule rule) {
    return rule.fields().isAny() && rule.when().isEmpty();
  }

  /** Whether an open line leaves nothing to one that it covers. */
  private static boolean permitsMore(CeilingRule open, CeilingRule rule) {
    int most = open.limits().rows().orElse(Integer.MAX_VALUE);
    int rows = rule.limits().rows().orElse(Integer.MAX_VALUE);
    return isOpen(rule) ? most > rows : most >= rows;
  }
}
