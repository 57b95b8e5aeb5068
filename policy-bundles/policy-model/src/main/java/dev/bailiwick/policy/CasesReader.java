// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * Reads a cases file: a list of expectations that a bundle is held against. The file lies beside
 * its bundle, {@code support-triage.cases.yaml} beside {@code support-triage.yaml}. Thread-safe.
 */
public final class CasesReader {
  private static final SchemaCheck SCHEMA = SchemaCheck.resource("policy-cases.schema.json");

  /** Stands in for a scope that a problem was reported for. */
  private static final Scope ANYTHING = new Scope(Scope.ANY, Scope.ANY, Scope.ANY, Scope.ANY);

  private final Bundle bundle;
  private final Problems problems;

  private CasesReader(Bundle bundle, Problems problems) {
    this.bundle = bundle;
    this.problems = problems;
  }

  /** Where the cases of a bundle lie. */
  public static Path casesOf(Path bundleFile) {
    String name = bundleFile.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return bundleFile.resolveSibling((dot < 0 ? name : name.substring(0, dot)) + ".cases.yaml");
  }

  /**
   * Reads the cases of a bundle.
   *
   * @throws PolicyException with every problem, each with file and line; a case about an agent or a
   *     connector that the bundle does not have is one, since it would be denied for a typo
   */
  public static List<PolicyCase> read(Path file, Bundle bundle) throws PolicyException {
    return read(SourceText.read(file), file.toString(), bundle);
  }

  /**
   * Reads cases from text.
   *
   * @param fileName what problems name as the file
   * @throws PolicyException with every problem, each with file and line
   */
  public static List<PolicyCase> read(String text, String fileName, Bundle bundle)
      throws PolicyException {
    Problems problems = new Problems(fileName);
    Located document = SourceText.parse(text, problems);
    problems.nextStep();
    SCHEMA.check(document, problems);
    problems.nextStep();
    List<PolicyCase> cases = new CasesReader(bundle, problems).cases(document);
    problems.throwIfAny();
    return cases;
  }

  private List<PolicyCase> cases(Located document) {
    List<PolicyCase> cases = new ArrayList<>();
    for (Located item : document.items()) {
      read(new Section(item, problems)).ifPresent(cases::add);
    }
    return List.copyOf(cases);
  }

  private Optional<PolicyCase> read(Section section) {
    String agent = section.text("agent");
    if (section.has("agent") && !bundle.agents().containsKey(agent)) {
      problems.at(
          section.value("agent"),
          "there is no agents."
              + agent
              + " in "
              + bundle.id()
              + Suggestion.didYouMean(agent, bundle.agents().keySet()));
    }
    String because = section.text("because");
    Condition.Input input = input(section);
    Optional<Scope> rule =
        section.has("rule")
            ? Optional.of(section.parsed("rule", CasesReader::scope, ANYTHING))
            : Optional.empty();
    boolean allowed = section.text("expect").equals("allow");
    return attempt(section)
        .map(
            attempt ->
                new PolicyCase(
                    because,
                    agent,
                    attempt,
                    withOperation(input, attempt),
                    allowed,
                    rule,
                    section.at().place().line()));
  }

  private Optional<Attempt> attempt(Section section) {
    Optional<Scope> scope =
        section.parsed("operation", text -> Optional.of(scope(text)), Optional.empty());
    if (scope.isEmpty()) {
      return Optional.empty();
    }
    Scope operation = scope.get();
    if (!bundle.connectors().containsKey(operation.connector())) {
      problems.at(
          section.value("operation"),
          "there is no connectors."
              + operation.connector()
              + " in "
              + bundle.id()
              + Suggestion.didYouMean(operation.connector(), bundle.connectors().keySet()));
    }
    try {
      return Optional.of(
          new Attempt(
              operation.connector(),
              operation.family(),
              operation.object(),
              operation.action(),
              fields(section.section("fields")),
              new AskedRows(rows(section), "")));
    } catch (IllegalArgumentException e) {
      problems.at(
          section.value("operation"), "an operation is one thing; only a scope holds a wildcard");
      return Optional.empty();
    }
  }

  private static Scope scope(String text) {
    return Scope.tryParse(text)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "expected <connector>:<family>/<object>:<action>, such as"
                        + " servicenow:table/incident:read"));
  }

  private static TouchedFields fields(Section section) {
    return new TouchedFields(
        Set.copyOf(section.texts("read")),
        Set.copyOf(section.texts("filtered")),
        Set.copyOf(section.texts("written")),
        section.bool("readsAll", false));
  }

  private static OptionalLong rows(Section section) {
    OptionalInt rows = section.integer("rows", 0, Integer.MAX_VALUE);
    return rows.isPresent() ? OptionalLong.of(rows.getAsInt()) : OptionalLong.empty();
  }

  private static Condition.Input input(Section section) {
    Map<String, Object> principal = values(section, "principal");
    principal.putIfAbsent("groups", List.of());
    Map<String, Object> token = values(section, "token");
    token.putIfAbsent("task", "");
    token.putIfAbsent("depth", 1L);
    token.putIfAbsent("acr", "");
    return new Condition.Input(principal, token, Map.of(), values(section, "request"));
  }

  private static Condition.Input withOperation(Condition.Input input, Attempt attempt) {
    TouchedFields fields = attempt.fields();
    Set<String> named = new TreeSet<>(fields.read());
    named.addAll(fields.filtered());
    named.addAll(fields.written());
    return new Condition.Input(
        input.principal(),
        input.token(),
        Map.of(
            "family", attempt.family(),
            "object", attempt.object(),
            "action", attempt.action(),
            "fields", named),
        input.request());
  }

  private static Map<String, Object> values(Section section, String key) {
    Map<String, Object> values = new HashMap<>();
    section
        .section(key)
        .at()
        .members()
        .forEach((name, value) -> values.put(name, value(value.json())));
    return values;
  }

  /** A claim as a token would hold it; the schema permits no other form. */
  private static Object value(JsonNode json) {
    return switch (json.getNodeType()) {
      case BOOLEAN -> json.booleanValue();
      case NUMBER -> json.isIntegralNumber() ? json.longValue() : json.doubleValue();
      case ARRAY -> json.valueStream().map(CasesReader::value).toList();
      default -> json.asString("");
    };
  }
}
