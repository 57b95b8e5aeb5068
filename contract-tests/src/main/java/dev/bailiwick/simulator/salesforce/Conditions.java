// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import io.github.apexdevtools.apexparser.ApexParser.ComparisonOperatorContext;
import io.github.apexdevtools.apexparser.ApexParser.ConditionalExpressionContext;
import io.github.apexdevtools.apexparser.ApexParser.FieldExpressionContext;
import io.github.apexdevtools.apexparser.ApexParser.FieldNameContext;
import io.github.apexdevtools.apexparser.ApexParser.LogicalExpressionContext;
import io.github.apexdevtools.apexparser.ApexParser.SoqlFunctionContext;
import io.github.apexdevtools.apexparser.ApexParser.ValueContext;
import io.github.apexdevtools.apexparser.ApexParser.WhereClauseContext;
import io.github.apexdevtools.apexparser.ApexParser.WhereConditionalExpressionContext;
import io.github.apexdevtools.apexparser.ApexParser.WhereFieldExpressionContext;
import io.github.apexdevtools.apexparser.ApexParser.WhereLogicalExpressionContext;
import java.util.Arrays;
import java.util.List;
import org.antlr.v4.runtime.tree.ParseTree;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/** WHERE and HAVING. A row is a group of one. */
final class Conditions {
  private final Records records;
  private final Scope scope;
  private final Soql soql;

  Conditions(Records records, Scope scope, Soql soql) {
    this.records = records;
    this.scope = scope;
    this.soql = soql;
  }

  boolean test(@Nullable ParseTree tree, List<Row> rows) {
    return switch (tree) {
      case null -> true;
      case WhereClauseContext where -> test(where.whereLogicalExpression(), rows);
      case WhereLogicalExpressionContext all ->
          logical(
              all.NOT() != null, !all.SOQLOR().isEmpty(), all.whereConditionalExpression(), rows);
      case LogicalExpressionContext all ->
          logical(all.NOT() != null, !all.SOQLOR().isEmpty(), all.conditionalExpression(), rows);
      case WhereConditionalExpressionContext one ->
          test(
              one.whereLogicalExpression() != null
                  ? one.whereLogicalExpression()
                  : one.whereFieldExpression(),
              rows);
      case ConditionalExpressionContext one ->
          test(
              one.logicalExpression() != null ? one.logicalExpression() : one.fieldExpression(),
              rows);
      case WhereFieldExpressionContext one when one.fieldExpression() != null ->
          test(one.fieldExpression(), rows);
      case FieldExpressionContext one ->
          compare(
              value(one.fieldName(), one.soqlFunction(), rows),
              one.comparisonOperator(),
              one.value());
      default -> throw Problem.query("this condition is not imitated");
    };
  }

  private boolean logical(
      boolean not, boolean or, List<? extends ParseTree> parts, List<Row> rows) {
    if (not) {
      return !test(parts.getFirst(), rows);
    }
    return or
        ? parts.stream().anyMatch(part -> test(part, rows))
        : parts.stream().allMatch(part -> test(part, rows));
  }

  JsonNode value(
      @Nullable FieldNameContext field, @Nullable SoqlFunctionContext function, List<Row> rows) {
    if (field != null) {
      return rows.isEmpty()
          ? NullNode.getInstance()
          : scope.value(rows.getFirst(), Scope.steps(field));
    }
    return function == null ? NullNode.getInstance() : function(function, rows);
  }

  JsonNode function(SoqlFunctionContext f, List<Row> rows) {
    return Functions.apply(f, rows, row -> argument(f, row));
  }

  private JsonNode argument(SoqlFunctionContext f, Row row) {
    if (f.fieldName() != null) {
      return scope.value(row, Scope.steps(f.fieldName()));
    }
    if (f.dateFieldName() != null) {
      return scope.value(row, Scope.steps(f.dateFieldName().fieldName()));
    }
    if (f.soqlFunction() != null) {
      return function(f.soqlFunction(), List.of(row));
    }
    throw Problem.query("this function is not imitated: " + f.getChild(0).getText());
  }

  private boolean compare(JsonNode left, ComparisonOperatorContext operator, ValueContext right) {
    if (operator.IN() != null) {
      boolean in = list(right).stream().anyMatch(each -> Values.equal(left, each));
      return in == (operator.NOT() == null);
    }
    if (operator.INCLUDES() != null || operator.EXCLUDES() != null) {
      List<String> chosen = Arrays.asList(left.asString("").split(";", -1));
      boolean any =
          list(right).stream()
              .anyMatch(
                  each -> chosen.containsAll(Arrays.asList(each.asString("").split(";", -1))));
      return any == (operator.INCLUDES() != null);
    }
    JsonNode value = Values.literal(right, records.clock());
    if (operator.LIKE() != null) {
      return Values.like(left, value.asString(""));
    }
    return switch (operator.getText()) {
      case "=" -> Values.equal(left, value);
      case "!=", "<>" -> !Values.equal(left, value);
      case "<" -> !left.isNull() && Values.compare(left, value) < 0;
      case ">" -> !left.isNull() && Values.compare(left, value) > 0;
      case "<=" -> !left.isNull() && Values.compare(left, value) <= 0;
      case ">=" -> !left.isNull() && Values.compare(left, value) >= 0;
      default -> throw Problem.query("this comparison is not imitated");
    };
  }

  private List<JsonNode> list(ValueContext value) {
    if (value.subQuery() != null) {
      return soql.semiJoin(value.subQuery());
    }
    if (value.valueList() != null) {
      return value.valueList().value().stream()
          .map(each -> Values.literal(each, records.clock()))
          .toList();
    }
    return List.of(Values.literal(value, records.clock()));
  }
}
