// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import dev.bailiwick.simulator.salesforce.Schema.Children;
import dev.bailiwick.simulator.salesforce.Schema.Field;
import dev.bailiwick.simulator.salesforce.Schema.ObjectType;
import io.github.apexdevtools.apexparser.ApexParser.FieldGroupByListContext;
import io.github.apexdevtools.apexparser.ApexParser.FieldNameContext;
import io.github.apexdevtools.apexparser.ApexParser.FieldNameListContext;
import io.github.apexdevtools.apexparser.ApexParser.FieldOrderContext;
import io.github.apexdevtools.apexparser.ApexParser.ForClausesContext;
import io.github.apexdevtools.apexparser.ApexParser.LimitClauseContext;
import io.github.apexdevtools.apexparser.ApexParser.OrderByClauseContext;
import io.github.apexdevtools.apexparser.ApexParser.QueryContext;
import io.github.apexdevtools.apexparser.ApexParser.SelectEntryContext;
import io.github.apexdevtools.apexparser.ApexParser.SoqlFunctionContext;
import io.github.apexdevtools.apexparser.ApexParser.SoqlIdContext;
import io.github.apexdevtools.apexparser.ApexParser.SubFieldEntryContext;
import io.github.apexdevtools.apexparser.ApexParser.SubQueryContext;
import io.github.apexdevtools.apexparser.ApexParser.TypeOfContext;
import io.github.apexdevtools.apexparser.ApexParser.UpdateListContext;
import io.github.apexdevtools.apexparser.ApexParser.WhenClauseContext;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs queries: paths to parents, children, semi-joins, TYPEOF, FIELDS, aggregates, sorting, LIMIT
 * and OFFSET. Not imitated: ROLLUP, CUBE, WITH, USING SCOPE (all rows are in every scope) and most
 * date literals.
 */
final class Soql {
  private final Records records;
  private final String version;
  private final boolean deletedToo;

  /**
   * @param version the API version of the links, such as {@code v66.0}
   */
  Soql(Records records, String version, boolean deletedToo) {
    this.records = records;
    this.version = version;
    this.deletedToo = deletedToo;
  }

  /** What a query yields. COUNT() yields a total and no rows. */
  record Result(ArrayNode records, int total) {}

  /** A column of a SELECT list; exactly one of the four is there. */
  private record Column(
      @Nullable FieldNameContext field,
      @Nullable SoqlFunctionContext function,
      @Nullable SubQueryContext children,
      @Nullable TypeOfContext typeOf,
      @Nullable SoqlIdContext alias) {
    static Column of(SelectEntryContext e) {
      return new Column(e.fieldName(), e.soqlFunction(), e.subQuery(), e.typeOf(), e.soqlId());
    }

    static Column of(SubFieldEntryContext e) {
      return new Column(e.fieldName(), e.soqlFunction(), e.subQuery(), e.typeOf(), e.soqlId());
    }
  }

  Result run(String text) {
    QueryContext query = QueryText.soql(text);
    boolean allRows = deletedToo || query.allRowsClause() != null;
    ObjectType type =
        records
            .schema()
            .type(query.fromNameList().fieldName(0).getText())
            .orElseThrow(
                () ->
                    new Problem(
                        400,
                        "INVALID_TYPE",
                        "sObject type '"
                            + query.fromNameList().fieldName(0).getText()
                            + "' is not supported."));
    Scope scope = new Scope(records, type, query.fromNameList());
    Conditions conditions = new Conditions(records, scope, this);
    List<Row> rows =
        records.all(type, allRows).stream()
            .filter(row -> conditions.test(query.whereClause(), List.of(row)))
            .toList();
    List<Column> columns = query.selectList().selectEntry().stream().map(Column::of).toList();
    if (isCount(columns)) {
      return new Result(JsonMapper.shared().createArrayNode(), rows.size());
    }
    boolean grouped =
        query.groupByClause() != null
            || columns.stream().anyMatch(c -> Functions.isAggregate(c.function()));
    List<List<Row>> groups =
        grouped ? groups(rows, scope, conditions, query) : rows.stream().map(List::of).toList();
    if (query.groupByClause() != null && query.groupByClause().HAVING() != null) {
      groups =
          groups.stream()
              .filter(g -> conditions.test(query.groupByClause().logicalExpression(), g))
              .toList();
    }
    List<List<Row>> page =
        limited(
            ordered(groups, query.orderByClause(), conditions),
            query.limitClause(),
            query.offsetClause() == null ? 0 : number(query.offsetClause().getText()));
    if (!grouped) {
      side(page, query.forClauses(), query.updateList());
    }
    ArrayNode out = JsonMapper.shared().createArrayNode();
    for (List<Row> group : page) {
      out.add(
          grouped
              ? aggregate(columns, group, conditions)
              : shown(columns, group.getFirst(), scope, conditions));
    }
    return new Result(out, out.size());
  }

  private static boolean isCount(List<Column> columns) {
    @Nullable SoqlFunctionContext f = columns.getFirst().function();
    return columns.size() == 1 && f != null && f.COUNT() != null && f.fieldName() == null;
  }

  private static List<List<Row>> groups(
      List<Row> rows, Scope scope, Conditions conditions, QueryContext query) {
    if (query.groupByClause() == null) {
      return List.of(rows);
    }
    FieldGroupByListContext by = query.groupByClause().fieldGroupByList();
    Map<List<JsonNode>, List<Row>> groups = new LinkedHashMap<>();
    for (Row row : rows) {
      List<JsonNode> key = new ArrayList<>();
      if (by != null) {
        by.fieldGroupBy()
            .forEach(
                part ->
                    key.add(
                        part.fieldName() != null
                            ? scope.value(row, Scope.steps(part.fieldName()))
                            : conditions.function(part.soqlFunction(), List.of(row))));
      }
      groups.computeIfAbsent(key, k -> new ArrayList<>()).add(row);
    }
    return List.copyOf(groups.values());
  }

  private static List<List<Row>> ordered(
      List<List<Row>> groups, @Nullable OrderByClauseContext orderBy, Conditions conditions) {
    if (orderBy == null) {
      return groups;
    }
    List<List<Row>> sorted = new ArrayList<>(groups);
    Comparator<List<Row>> order = null;
    for (FieldOrderContext by : orderBy.fieldOrderList().fieldOrder()) {
      Comparator<List<Row>> next =
          (a, b) ->
              Values.compare(
                  conditions.value(by.fieldName(), by.soqlFunction(), a),
                  conditions.value(by.fieldName(), by.soqlFunction(), b));
      next = by.DESC() != null ? next.reversed() : next;
      order = order == null ? next : order.thenComparing(next);
    }
    sorted.sort(order);
    if (sorted.size() == 1 && order != null) {
      // One row is sorted too: its fields are read.
      var unused = order.compare(sorted.getFirst(), sorted.getFirst());
    }
    return sorted;
  }

  private static List<List<Row>> limited(
      List<List<Row>> groups, @Nullable LimitClauseContext limit, int offset) {
    int most = limit == null ? Integer.MAX_VALUE : number(limit.getText());
    return groups.stream().skip(offset).limit(most).toList();
  }

  private static int number(String clause) {
    String digits = clause.replaceAll("[^0-9]", "");
    if (digits.isEmpty() || digits.length() > 9) {
      throw Problem.query("a number is expected");
    }
    return Integer.parseInt(digits);
  }

  private void side(
      List<List<Row>> page,
      @Nullable ForClausesContext forClauses,
      @Nullable UpdateListContext statistics) {
    boolean noted =
        statistics != null
            || (forClauses != null
                && !(forClauses.VIEW().isEmpty() && forClauses.REFERENCE().isEmpty()));
    if (noted) {
      page.forEach(rows -> records.viewed(rows.getFirst()));
    }
  }

  private ObjectNode aggregate(List<Column> columns, List<Row> group, Conditions conditions) {
    ObjectNode out = JsonMapper.shared().createObjectNode();
    out.putObject("attributes").put("type", "AggregateResult");
    int unnamed = 0;
    for (Column column : columns) {
      JsonNode value = conditions.value(column.field(), column.function(), group);
      if (column.alias() != null) {
        out.set(column.alias().getText(), value);
      } else if (column.field() != null) {
        out.set(Scope.steps(column.field()).getLast(), value);
      } else {
        out.set("expr" + unnamed++, value);
      }
    }
    return out;
  }

  private ObjectNode shown(List<Column> columns, Row row, Scope scope, Conditions conditions) {
    ObjectNode out = attributes(row);
    for (Column column : columns) {
      @Nullable SoqlFunctionContext f = column.function();
      if (column.field() != null) {
        field(out, row, scope, scope.resolved(Scope.steps(column.field())));
      } else if (column.children() != null) {
        children(out, row, column.children(), scope);
      } else if (column.typeOf() != null) {
        typeOf(out, row, column.typeOf(), scope);
      } else if (f != null && f.FIELDS() != null) {
        row.type().fields().forEach(each -> show(out, row, each));
      } else if (f != null) {
        String name =
            column.alias() != null
                ? column.alias().getText()
                : f.fieldName() != null ? f.fieldName().getText() : "expr0";
        out.set(name, conditions.function(f, List.of(row)));
      }
    }
    return out;
  }

  /** A row's head: its object and its link. */
  ObjectNode attributes(Row row) {
    ObjectNode out = JsonMapper.shared().createObjectNode();
    out.putObject("attributes").put("type", row.type().name()).put("url", url(version, row));
    return out;
  }

  static String url(String version, Row row) {
    return "/services/data/" + version + "/sobjects/" + row.type().name() + "/" + row.id();
  }

  /** A field's value; a file shows the link to its content. */
  void show(ObjectNode out, Row row, Field field) {
    JsonNode value = records.read(row, field);
    out.set(
        field.name(),
        field.isFile() && !value.isNull()
            ? JsonMapper.shared().valueToTree(url(version, row) + "/" + field.name())
            : value);
  }

  /** Puts a field at the end of a path into nested objects, as in {@code Owner: {Email: …}}. */
  void field(ObjectNode out, Row row, Scope scope, List<String> path) {
    // Walked first for its checks: the path may be wrong although no row is behind it.
    JsonNode value = scope.value(row, path);
    if (path.size() == 1) {
      Field field = row.type().requireField(path.getFirst());
      if (field.isFile()) {
        show(out, row, field);
      } else {
        out.set(field.name(), value);
      }
      return;
    }
    Field reference = row.type().parent(path.getFirst()).orElseThrow(Problem::notFound);
    Optional<Row> parent = scope.parent(row, path.getFirst());
    if (parent.isEmpty()) {
      out.set(reference.relationship(), NullNode.getInstance());
      return;
    }
    ObjectNode inner =
        out.path(reference.relationship()) instanceof ObjectNode known
            ? known
            : attributes(parent.get());
    out.set(reference.relationship(), inner);
    nested(inner, parent.get(), path.subList(1, path.size()), scope);
  }

  private void nested(ObjectNode out, Row row, List<String> path, Scope scope) {
    if (path.size() == 1) {
      row.type().field(path.getFirst()).ifPresent(field -> show(out, row, field));
      return;
    }
    row.type()
        .parent(path.getFirst())
        .ifPresent(
            reference -> {
              Optional<Row> parent = scope.parent(row, path.getFirst());
              if (parent.isEmpty()) {
                out.set(reference.relationship(), NullNode.getInstance());
                return;
              }
              ObjectNode inner =
                  out.path(reference.relationship()) instanceof ObjectNode known
                      ? known
                      : attributes(parent.get());
              out.set(reference.relationship(), inner);
              nested(inner, parent.get(), path.subList(1, path.size()), scope);
            });
  }

  private void children(ObjectNode out, Row row, SubQueryContext query, Scope outer) {
    List<String> from = outer.resolved(Scope.steps(query.fromNameList().fieldName(0)));
    Children relationship = requireChildren(row.type(), from.getLast());
    ArrayNode rows = childRows(row, relationship, query);
    if (rows.isEmpty()) {
      out.set(relationship.name(), NullNode.getInstance());
      return;
    }
    ObjectNode result = out.putObject(relationship.name());
    result.put("totalSize", rows.size()).put("done", true);
    result.set("records", rows);
  }

  static Children requireChildren(ObjectType type, String name) {
    return type.children(name)
        .orElseThrow(
            () ->
                new Problem(
                    400,
                    "INVALID_TYPE",
                    "Didn't understand relationship '" + name + "' in FROM part of query call."));
  }

  private ArrayNode childRows(Row parent, Children relationship, SubQueryContext query) {
    ObjectType type = records.schema().require(relationship.object());
    Scope scope = new Scope(records, type, query.fromNameList());
    Conditions conditions = new Conditions(records, scope, this);
    List<List<Row>> rows =
        children(parent, relationship).stream()
            .filter(row -> conditions.test(query.whereClause(), List.of(row)))
            .map(List::of)
            .toList();
    List<List<Row>> page =
        limited(ordered(rows, query.orderByClause(), conditions), query.limitClause(), 0);
    side(page, query.forClauses(), query.updateList());
    List<Column> columns = query.subFieldList().subFieldEntry().stream().map(Column::of).toList();
    ArrayNode out = JsonMapper.shared().createArrayNode();
    page.forEach(group -> out.add(shown(columns, group.getFirst(), scope, conditions)));
    return out;
  }

  /** The rows that refer to a row. */
  List<Row> children(Row parent, Children relationship) {
    ObjectType type = records.schema().require(relationship.object());
    return records.all(type, deletedToo).stream()
        .filter(
            row -> Ids.key(row.get(relationship.field()).asString("")).equals(Ids.key(parent.id())))
        .toList();
  }

  private void typeOf(ObjectNode out, Row row, TypeOfContext typeOf, Scope scope) {
    List<String> path = scope.resolved(Scope.steps(typeOf.fieldName()));
    Field reference = row.type().parent(path.getLast()).orElseThrow(Problem::notFound);
    Optional<Row> parent = scope.parent(row, path.getLast());
    if (parent.isEmpty()) {
      out.set(reference.relationship(), NullNode.getInstance());
      return;
    }
    Row behind = parent.get();
    ObjectNode inner = attributes(behind);
    @Nullable FieldNameListContext fields =
        typeOf.elseClause() == null ? null : typeOf.elseClause().fieldNameList();
    for (WhenClauseContext when : typeOf.whenClause()) {
      if (when.fieldName().getText().equalsIgnoreCase(behind.type().name())) {
        fields = when.fieldNameList();
      }
    }
    if (fields != null) {
      for (FieldNameContext name : fields.fieldName()) {
        nested(inner, behind, Scope.steps(name), scope);
      }
    }
    out.set(reference.relationship(), inner);
  }

  /** The values that a semi-join compares with. */
  List<JsonNode> semiJoin(SubQueryContext query) {
    ObjectType type = records.schema().require(query.fromNameList().fieldName(0).getText());
    Scope scope = new Scope(records, type, query.fromNameList());
    Conditions conditions = new Conditions(records, scope, this);
    SubFieldEntryContext column = query.subFieldList().subFieldEntry(0);
    return records.all(type, deletedToo).stream()
        .filter(row -> conditions.test(query.whereClause(), List.of(row)))
        .map(row -> conditions.value(column.fieldName(), column.soqlFunction(), List.of(row)))
        .toList();
  }
}
