// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import static dev.bailiwick.connector.salesforce.Footprint.API;
import static dev.bailiwick.connector.salesforce.Footprint.DESCRIBE;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonNumber;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.JsonValue.JsonString;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.RowBound;
import dev.bailiwick.connector.salesforce.Footprint.Touched;
import dev.bailiwick.connector.salesforce.Footprint.Use;
import dev.bailiwick.connector.salesforce.GraphQlDocument.Selected;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads what a GraphQL request touches. Objects are the fields below {@code uiapi { query }}; below
 * a record, what is selected tells a value from a relationship.
 */
final class GraphQl {
  private static final int MOST_DESCRIPTIONS = 100;
  private static final String FIRST = "first: #";
  private static final String BOTH_FIRST = "first in both connections, # rows when multiplied";
  private static final String TYPE_NAME = "__typename";

  /** What can be selected below a field that holds a value. */
  private static final Set<String> VALUES =
      Set.of("value", "displayValue", "format", "label", TYPE_NAME);

  private static final Set<String> CONNECTION =
      Set.of("edges", "pageInfo", "totalCount", "pageResultCount", TYPE_NAME);

  /** Functions of a column, and what they are selected with. */
  private static final Set<String> COLUMNS =
      Set.of(
          "value",
          "displayValue",
          "format",
          "label",
          "avg",
          "count",
          "countDistinct",
          "max",
          "min",
          "sum",
          "grouping",
          TYPE_NAME);

  private final GraphQlDocument document;
  private final Footprint into;
  private final GraphQlFilters filters;

  private GraphQl(GraphQlDocument document, Footprint into) {
    this.document = document;
    this.into = into;
    this.filters = new GraphQlFilters(into);
  }

  /** Adds what the request in a body touches to a footprint. */
  static void read(JsonValue body, Footprint into) {
    new GraphQl(GraphQlDocument.of(body), into).operation();
  }

  private void operation() {
    if (!document.isQuery() && !document.isMutation()) {
      throw MalformedRequestException.unknown("a GraphQL subscription is not known here");
    }
    for (Selected field : document.root()) {
      if (field.name().startsWith("__")) {
        into.on(API, "graphql", Action.READ).shows(RowBound.none());
      } else if (!field.name().equals("uiapi")) {
        throw unknown(field);
      } else if (document.isMutation()) {
        document.below(field).forEach(this::mutation);
      } else {
        document.below(field).forEach(this::query);
      }
    }
    if (into.operations().isEmpty()) {
      throw MalformedRequestException.unknown("the GraphQL request names no object");
    }
  }

  private void query(Selected field) {
    switch (field.name()) {
      case "query" -> objects(field).forEach(object -> connection(object, rows(object), false));
      case "aggregate" -> objects(field).forEach(object -> connection(object, rows(object), true));
      case "objectInfos" -> objectInfos(field);
      case TYPE_NAME -> {}
      default -> throw unknown(field);
    }
  }

  private List<Selected> objects(Selected field) {
    requireNoArguments(field);
    return document.below(field).stream()
        .filter(object -> !object.name().equals(TYPE_NAME))
        .toList();
  }

  private Rows rows(Selected object) {
    return Rows.of(into, ApiName.object(object.name()), first(object));
  }

  /**
   * How many rows a connection shows. Counting from its end is not documented and limits nothing.
   */
  private RowBound first(Selected connection) {
    Map<String, JsonValue> arguments = document.arguments(connection);
    return arguments.get("first") instanceof JsonNumber first && !arguments.containsKey("last")
        ? RowBound.written(first.text(), FIRST)
        : RowBound.unlimited(FIRST);
  }

  private void objectInfos(Selected field) {
    Map<String, JsonValue> arguments = document.arguments(field);
    if (arguments.isEmpty()
        || !Set.of("apiNames", "objectInfoInputs").containsAll(arguments.keySet())) {
      throw MalformedRequestException.unknown("objectInfos takes apiNames or objectInfoInputs");
    }
    for (JsonValue argument : arguments.values()) {
      List<JsonValue> items = GraphQlFilters.list(argument);
      if (items.size() > MOST_DESCRIPTIONS) {
        throw MalformedRequestException.tooLarge(
            "objectInfos names more than " + MOST_DESCRIPTIONS + " objects");
      }
      for (JsonValue item : items) {
        String name =
            item instanceof JsonObject object
                ? Members.of(object, "objectInfoInputs").requireText("apiName")
                : text(item);
        into.on(DESCRIBE, ApiName.object(name), Action.READ).shows(RowBound.none());
      }
    }
  }

  private void connection(Selected field, Rows rows, boolean aggregate) {
    rows.touched();
    document.arguments(field).forEach((name, value) -> filters.argument(name, value, rows));
    for (Selected part : document.below(field)) {
      if (!CONNECTION.contains(part.name())) {
        throw unknown(part);
      }
      if (part.name().equals("edges")) {
        edges(part, rows, aggregate);
      }
    }
  }

  private void edges(Selected edges, Rows rows, boolean aggregate) {
    for (Selected part : document.below(edges)) {
      switch (part.name()) {
        case "node" -> {
          if (aggregate) {
            document.below(part).forEach(node -> columns(node, rows));
          } else {
            record(part, rows);
          }
        }
        case "cursor", TYPE_NAME -> {}
        default -> throw unknown(part);
      }
    }
  }

  private void columns(Selected aggregate, Rows rows) {
    if (aggregate.name().equals(TYPE_NAME)) {
      return;
    }
    if (!aggregate.name().equals("aggregate")) {
      throw unknown(aggregate);
    }
    for (Selected column : document.below(aggregate)) {
      for (Selected function : document.below(column)) {
        if (!COLUMNS.contains(function.name())
            || document.below(function).stream().anyMatch(f -> !VALUES.contains(f.name()))) {
          throw unknown(function);
        }
      }
      if (!column.name().equals(TYPE_NAME)) {
        rows.field(List.of(ApiName.field(column.name())), Use.READ);
      }
    }
  }

  /** A record, whose fields may stand in a fragment that names the record's object. */
  private void record(Selected record, Rows rows) {
    for (Selected field : document.below(record)) {
      if (field.name().equals(TYPE_NAME)) {
        continue;
      }
      member(field, rows);
      Optional<String> object =
          field.on().filter(type -> !type.equals("Record")).map(ApiName::object);
      if (object.isPresent() && !rows.isObject(object.get())) {
        member(field, rows.as(object.get()));
      }
    }
  }

  private void member(Selected field, Rows rows) {
    List<String> name = List.of(ApiName.field(field.name()));
    List<Selected> below = document.below(field);
    boolean connection =
        below.stream().anyMatch(f -> CONNECTION.contains(f.name()) && !f.name().equals(TYPE_NAME));
    if (connection) {
      connection(field, rows.children(name, first(field), BOTH_FIRST), false);
      return;
    }
    requireNoArguments(field);
    boolean value = below.stream().allMatch(f -> VALUES.contains(f.name()) && !f.hasSelection());
    if (value) {
      rows.field(name, Use.READ);
    } else {
      Rows parent = rows.through(name);
      parent.touched();
      record(field, parent);
    }
  }

  private void mutation(Selected field) {
    String name = field.name();
    if (name.equals(TYPE_NAME)) {
      return;
    }
    Members input =
        Members.of(
            Optional.ofNullable(document.arguments(field).get("input"))
                .orElseThrow(
                    () -> MalformedRequestException.body("a GraphQL mutation has no input")),
            "the input of a mutation");
    if (document.arguments(field).size() != 1) {
      throw MalformedRequestException.unknown(
          "a GraphQL mutation has an argument that is not known");
    }
    if (name.endsWith("Create")) {
      write(field, input, object(name, "Create"), Action.CREATE);
    } else if (name.endsWith("Update")) {
      input.requireText("Id");
      write(field, input, object(name, "Update"), Action.UPDATE);
    } else if (name.endsWith("Delete")) {
      input.requireText("Id");
      input.requireNoMore();
      into.onObject(ApiName.object(object(name, "Delete")), Action.DELETE);
      document.below(field).forEach(GraphQl::requireIdOnly);
    } else {
      throw unknown(field);
    }
  }

  private static String object(String name, String suffix) {
    return name.substring(0, name.length() - suffix.length());
  }

  private void write(Selected field, Members input, String written, Action action) {
    String object = ApiName.object(written);
    JsonObject record = input.requireObject(written);
    input.requireNoMore();
    Touched touched = into.onObject(object, action);
    if (record.members().values().stream().anyMatch(JsonObject.class::isInstance)) {
      throw MalformedRequestException.unknown("a nested record is not known in a GraphQL mutation");
    }
    Rows rows = Rows.of(into, object, RowBound.one());
    Records.write(record, rows, Set.of(), List.of(touched));
    for (Selected result : document.below(field)) {
      if (result.name().equals("Record")) {
        result(result, rows);
      } else if (!Set.of("success", TYPE_NAME).contains(result.name())) {
        throw unknown(result);
      }
    }
  }

  /** The id of what was written tells nothing; every other field is a read. */
  private void result(Selected record, Rows rows) {
    boolean idOnly = document.below(record).stream().allMatch(GraphQl::isId);
    if (!idOnly) {
      record(record, rows);
    }
  }

  private static boolean isId(Selected field) {
    return field.name().equals("Id") || field.name().equals(TYPE_NAME);
  }

  private static void requireIdOnly(Selected field) {
    if (!isId(field)) {
      throw unknown(field);
    }
  }

  private static String text(JsonValue value) {
    if (value instanceof JsonString text) {
      return text.value();
    }
    throw MalformedRequestException.body("a GraphQL argument is not a string");
  }

  private void requireNoArguments(Selected field) {
    if (!field.field().getArguments().isEmpty()) {
      throw MalformedRequestException.unknown("a GraphQL field has an argument that is not known");
    }
  }

  private static RuntimeException unknown(Selected field) {
    return MalformedRequestException.unknown(
        "the GraphQL field "
            + (ApiName.isName(field.name()) ? field.name() : "with an unusual name")
            + " is not known at its place");
  }
}
