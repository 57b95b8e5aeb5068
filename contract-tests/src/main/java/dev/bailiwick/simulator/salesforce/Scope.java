// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import dev.bailiwick.simulator.salesforce.Schema.Field;
import dev.bailiwick.simulator.salesforce.Schema.ObjectType;
import io.github.apexdevtools.apexparser.ApexParser.FieldNameContext;
import io.github.apexdevtools.apexparser.ApexParser.FromNameListContext;
import io.github.apexdevtools.apexparser.ApexParser.SoqlIdContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.ParseTree;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/** The names of one SELECT: its object, and what the aliases of its FROM list stand for. */
final class Scope {
  private final Records records;
  private final ObjectType type;
  private final Map<String, List<String>> aliases = new HashMap<>();

  Scope(Records records, ObjectType type, FromNameListContext from) {
    this.records = records;
    this.type = type;
    List<String> last = List.of();
    for (ParseTree child : from.children) {
      if (child instanceof FieldNameContext name) {
        List<String> path = steps(name);
        last = name == from.fieldName(0) ? List.of() : resolved(path);
        aliases.putIfAbsent(lower(path.getLast()), last);
      } else if (child instanceof SoqlIdContext alias) {
        aliases.put(lower(alias.getText()), last);
      }
    }
  }

  private Scope(Records records, ObjectType type) {
    this.records = records;
    this.type = type;
  }

  /** Without a FROM list: the names are those of one object. */
  static Scope of(Records records, ObjectType type) {
    return new Scope(records, type);
  }

  ObjectType type() {
    return type;
  }

  static List<String> steps(FieldNameContext name) {
    return name.soqlId().stream().map(ParserRuleContext::getText).toList();
  }

  /** A path from the rows of this SELECT, an alias at its head replaced. */
  List<String> resolved(List<String> path) {
    if (path.size() < 2) {
      return path;
    }
    String head = lower(path.getFirst());
    List<String> start = aliases.get(head);
    if (start == null && !head.equals(lower(type.name()))) {
      return path;
    }
    List<String> whole = new ArrayList<>(start == null ? List.of() : start);
    whole.addAll(path.subList(1, path.size()));
    return whole;
  }

  /** The value at the end of a path; every row and field on the way is noted as read. */
  JsonNode value(Row row, List<String> path) {
    List<String> steps = resolved(path);
    requireKnown(type, steps);
    Optional<Row> at = Optional.of(row);
    for (String step : steps.subList(0, steps.size() - 1)) {
      if (at.isPresent()) {
        at = parent(at.get(), step);
      }
    }
    String last = steps.getLast();
    return at.<JsonNode>map(r -> r.type().field(last).map(f -> records.read(r, f)).orElse(NULL))
        .orElse(NULL);
  }

  private static final JsonNode NULL = NullNode.getInstance();

  Optional<Row> parent(Row row, String step) {
    return row.type().parent(step).flatMap(field -> records.parent(row, field));
  }

  /** Columns are checked against the description, so a mistake shows on no rows too. */
  private void requireKnown(ObjectType start, List<String> steps) {
    ObjectType at = start;
    for (String step : steps.subList(0, steps.size() - 1)) {
      ObjectType from = at;
      Field reference =
          at.parent(step)
              .orElseThrow(
                  () ->
                      new Problem(
                          400,
                          "INVALID_FIELD",
                          "Didn't understand relationship '"
                              + step
                              + "' in field path of entity '"
                              + from.name()
                              + "'"));
      List<ObjectType> targets =
          reference.referenceTo().stream().map(records.schema()::require).toList();
      at =
          targets.stream()
              .filter(target -> target.field(steps.getLast()).isPresent())
              .findFirst()
              .orElse(targets.getFirst());
    }
    at.requireField(steps.getLast());
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
