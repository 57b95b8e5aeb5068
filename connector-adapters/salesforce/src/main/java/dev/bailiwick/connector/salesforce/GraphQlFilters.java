// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonArray;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.RowBound;
import dev.bailiwick.connector.salesforce.Footprint.Use;
import java.util.List;
import java.util.Set;

/**
 * Reads the arguments of a GraphQL connection: every field that selects, sorts or groups, on
 * whatever object.
 */
final class GraphQlFilters {
  private static final Set<String> COMBINATIONS = Set.of("and", "or", "not");

  /** What can be said about a field in where, orderBy and groupBy. */
  private static final Set<String> CONDITIONS =
      Set.of(
          "eq",
          "ne",
          "lt",
          "gt",
          "lte",
          "gte",
          "like",
          "in",
          "nin",
          "inq",
          "ninq",
          "includes",
          "excludes",
          "order",
          "nulls",
          "group",
          "function",
          "CALENDAR_MONTH",
          "CALENDAR_QUARTER",
          "CALENDAR_YEAR",
          "DAY_IN_MONTH",
          "DAY_IN_WEEK",
          "DAY_IN_YEAR",
          "DAY_ONLY",
          "FISCAL_MONTH",
          "FISCAL_QUARTER",
          "FISCAL_YEAR",
          "HOUR_IN_DAY",
          "WEEK_IN_MONTH",
          "WEEK_IN_YEAR");

  private static final Set<String> SEMI_JOINS = Set.of("inq", "ninq");
  private static final Set<String> FILTERS = Set.of("where", "orderBy", "groupBy");
  private static final Set<String> PAGING =
      Set.of("first", "after", "last", "before", "scope", "upperBound");

  /** One variable can stand in many places, so what counts is how often it is looked at. */
  private static final int MOST_CONDITIONS = 20_000;

  private final Footprint into;
  private final Budget budget =
      new Budget(MOST_CONDITIONS, "the GraphQL request filters by more than can be checked");

  GraphQlFilters(Footprint into) {
    this.into = into;
  }

  /** Reads one argument of a connection. */
  void argument(String name, JsonValue value, Rows rows) {
    if (FILTERS.contains(name)) {
      list(value).forEach(item -> conditions(item, rows));
    } else if (!PAGING.contains(name)) {
      throw MalformedRequestException.unknown(
          "a GraphQL connection has an argument that is not known");
    }
  }

  private void conditions(JsonValue value, Rows rows) {
    budget.spend(1);
    JsonObject conditions = Members.object(value, "a GraphQL condition");
    conditions
        .members()
        .forEach(
            (name, condition) -> {
              if (COMBINATIONS.contains(name)) {
                list(condition).forEach(item -> conditions(item, rows));
              } else {
                condition(ApiName.field(name), condition, rows);
              }
            });
  }

  private void condition(String field, JsonValue condition, Rows rows) {
    budget.spend(1);
    if (!(condition instanceof JsonObject object)) {
      rows.field(List.of(field), Use.FILTERED);
      return;
    }
    Set<String> names = object.members().keySet();
    if (CONDITIONS.containsAll(names)) {
      rows.field(List.of(field), Use.FILTERED);
      semiJoins(object);
    } else if (names.stream().noneMatch(CONDITIONS::contains)) {
      conditions(object, rows.through(List.of(field)));
    } else {
      throw MalformedRequestException.unknown("a GraphQL condition mixes comparisons and fields");
    }
  }

  /** Looks for semi-joins, however deep a function or a list hides them. */
  private void semiJoins(JsonValue condition) {
    budget.spend(1);
    switch (condition) {
      case JsonArray array -> array.items().forEach(this::semiJoins);
      case JsonObject object ->
          object
              .members()
              .forEach(
                  (name, value) -> {
                    if (SEMI_JOINS.contains(name)) {
                      semiJoin(value);
                    } else {
                      semiJoins(value);
                    }
                  });
      default -> {}
    }
  }

  /** {@code inq: {Contact: {LastName: {like: "x%"}}, ApiName: "AccountId"}}. */
  private void semiJoin(JsonValue value) {
    Members join = Members.of(value, "a GraphQL semi-join");
    String field = ApiName.field(join.requireText("ApiName"));
    Members.object(value, "a GraphQL semi-join")
        .members()
        .forEach(
            (name, where) -> {
              if (!name.equals("ApiName")) {
                Rows rows = Rows.of(into, ApiName.object(name), RowBound.none());
                rows.field(List.of(field), Use.FILTERED);
                conditions(where, rows);
              }
            });
  }

  /** GraphQL takes one value where a list is expected. */
  static List<JsonValue> list(JsonValue value) {
    return value instanceof JsonArray array ? array.items() : List.of(value);
  }
}
