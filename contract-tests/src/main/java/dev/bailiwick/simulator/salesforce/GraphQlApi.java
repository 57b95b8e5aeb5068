// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import dev.bailiwick.connector.Action;
import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.salesforce.Schema.Children;
import dev.bailiwick.simulator.salesforce.Schema.ObjectType;
import graphql.language.Argument;
import graphql.language.ArrayValue;
import graphql.language.BooleanValue;
import graphql.language.Document;
import graphql.language.EnumValue;
import graphql.language.Field;
import graphql.language.FloatValue;
import graphql.language.FragmentDefinition;
import graphql.language.FragmentSpread;
import graphql.language.InlineFragment;
import graphql.language.IntValue;
import graphql.language.NullValue;
import graphql.language.ObjectField;
import graphql.language.ObjectValue;
import graphql.language.OperationDefinition;
import graphql.language.OperationDefinition.Operation;
import graphql.language.Selection;
import graphql.language.SelectionSet;
import graphql.language.StringValue;
import graphql.language.Value;
import graphql.language.VariableReference;
import graphql.parser.InvalidSyntaxException;
import graphql.parser.Parser;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /graphql}: {@code uiapi.query} with {@code where}, {@code orderBy}, {@code first}, parents
 * and children, and {@code uiapi} mutations. Not imitated: aggregates, cursors, introspection.
 */
final class GraphQlApi {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Records records;

  GraphQlApi(Records records) {
    this.records = records;
  }

  SimulatedAnswer answer(Call call) {
    if (!call.is("POST")) {
      throw Problem.method(call.method());
    }
    ObjectNode request = call.object();
    ObjectNode body = JSON.createObjectNode();
    try {
      Document document = Parser.parse(request.path("query").asString(""));
      Run run = new Run(document, request.path("variables"));
      body.set("data", run.operation(request.path("operationName").asString("")));
      body.putArray("errors");
    } catch (InvalidSyntaxException | Problem e) {
      body.putNull("data");
      body.putArray("errors").addObject().put("message", e.getMessage());
    }
    return SimulatedAnswer.json(200, body);
  }

  private final class Run {
    private final Document document;
    private final JsonNode variables;

    Run(Document document, JsonNode variables) {
      this.document = document;
      this.variables = variables;
    }

    ObjectNode operation(String name) {
      OperationDefinition operation =
          document.getDefinitionsOfType(OperationDefinition.class).stream()
              .filter(each -> name.isEmpty() || name.equals(each.getName()))
              .findFirst()
              .orElseThrow(() -> Problem.query("no such operation"));
      ObjectNode data = JSON.createObjectNode();
      for (Field root : fields(operation.getSelectionSet())) {
        require(root, "uiapi");
        ObjectNode uiapi = data.putObject(shown(root));
        for (Field field : fields(root.getSelectionSet())) {
          if (operation.getOperation() == Operation.MUTATION) {
            uiapi.set(shown(field), mutation(field));
          } else {
            require(field, "query");
            ObjectNode query = uiapi.putObject(shown(field));
            for (Field object : fields(field.getSelectionSet())) {
              ObjectType type = records.schema().require(object.getName());
              query.set(shown(object), connection(object, type, records.all(type, false)));
            }
          }
        }
      }
      return data;
    }

    private static void require(Field field, String name) {
      if (!field.getName().equals(name)) {
        throw Problem.query("this field is not imitated: " + field.getName());
      }
    }

    private static String shown(Field field) {
      return field.getAlias() == null ? field.getName() : field.getAlias();
    }

    /** The fields of a selection, fragments opened. */
    private List<Field> fields(@Nullable SelectionSet selections) {
      List<Field> fields = new ArrayList<>();
      if (selections == null) {
        return fields;
      }
      for (Selection<?> selection : selections.getSelections()) {
        switch (selection) {
          case Field field -> fields.add(field);
          case InlineFragment inline -> fields.addAll(fields(inline.getSelectionSet()));
          case FragmentSpread spread ->
              document.getDefinitionsOfType(FragmentDefinition.class).stream()
                  .filter(fragment -> fragment.getName().equals(spread.getName()))
                  .forEach(fragment -> fields.addAll(fields(fragment.getSelectionSet())));
          default -> throw Problem.query("this selection is not imitated");
        }
      }
      return fields;
    }

    private ObjectNode connection(Field object, ObjectType type, List<Row> rows) {
      JsonNode where = argument(object, "where");
      List<Row> found = new ArrayList<>(rows.stream().filter(row -> matches(row, where)).toList());
      JsonNode orderBy = argument(object, "orderBy");
      orderBy
          .properties()
          .forEach(
              by -> {
                Scope scope = Scope.of(records, type);
                Comparator<Row> order =
                    (a, b) ->
                        Values.compare(
                            scope.value(a, List.of(by.getKey())),
                            scope.value(b, List.of(by.getKey())));
                boolean descending = by.getValue().path("order").asString("").equals("DESC");
                found.sort(descending ? order.reversed() : order);
              });
      int first = argument(object, "first").asInt(10);
      ObjectNode connection = JSON.createObjectNode();
      for (Field field : fields(object.getSelectionSet())) {
        switch (field.getName()) {
          case "edges" -> {
            ArrayNode edges = connection.putArray(shown(field));
            for (Row row : found.stream().limit(first).toList()) {
              ObjectNode edge = edges.addObject();
              for (Field node : fields(field.getSelectionSet())) {
                if (node.getName().equals("node")) {
                  edge.set(shown(node), node(node, row));
                }
              }
            }
          }
          case "totalCount" -> connection.put(shown(field), found.size());
          case "pageInfo" ->
              connection.putObject(shown(field)).put("hasNextPage", found.size() > first);
          default -> throw Problem.query("this field is not imitated: " + field.getName());
        }
      }
      return connection;
    }

    private ObjectNode node(Field node, Row row) {
      ObjectNode out = JSON.createObjectNode();
      for (Field field : fields(node.getSelectionSet())) {
        Optional<Schema.Field> parent = row.type().parent(field.getName());
        Optional<Children> children = row.type().children(field.getName());
        if (field.getName().equals("Id")) {
          out.set(shown(field), records.read(row, row.type().requireField("Id")));
        } else if (parent.isPresent()) {
          Optional<Row> target = records.parent(row, parent.get());
          if (target.isPresent()) {
            out.set(shown(field), node(field, target.get()));
          } else {
            out.putNull(shown(field));
          }
        } else if (children.isPresent()) {
          records
              .touches()
              .field(Records.FAMILY, row.type().name(), Action.READ, children.get().name());
          ObjectType type = records.schema().require(children.get().object());
          List<Row> rows = new Soql(records, "v66.0", false).children(row, children.get());
          out.set(shown(field), connection(field, type, rows));
        } else if (field.getSelectionSet() == null) {
          out.put(shown(field), row.type().name());
        } else {
          ObjectNode value = out.putObject(shown(field));
          JsonNode read = records.read(row, row.type().requireField(field.getName()));
          fields(field.getSelectionSet()).forEach(part -> value.set(shown(part), read));
        }
      }
      return out;
    }

    private boolean matches(Row row, JsonNode where) {
      for (Map.Entry<String, JsonNode> entry : where.properties()) {
        boolean matches =
            switch (entry.getKey()) {
              case "and" -> entry.getValue().valueStream().allMatch(part -> matches(row, part));
              case "or" -> entry.getValue().valueStream().anyMatch(part -> matches(row, part));
              case "not" -> !matches(row, entry.getValue());
              default -> matchesField(row, entry.getKey(), entry.getValue());
            };
        if (!matches) {
          return false;
        }
      }
      return true;
    }

    private boolean matchesField(Row row, String name, JsonNode test) {
      Optional<Schema.Field> parent = row.type().parent(name);
      if (parent.isPresent()) {
        return records.parent(row, parent.get()).filter(p -> matches(p, test)).isPresent();
      }
      JsonNode value = records.read(row, row.type().requireField(name));
      for (Map.Entry<String, JsonNode> each : test.properties()) {
        JsonNode wanted = each.getValue();
        boolean matches =
            switch (each.getKey()) {
              case "eq" -> Values.equal(value, wanted);
              case "ne" -> !Values.equal(value, wanted);
              case "like" -> Values.like(value, wanted.asString(""));
              case "gt" -> Values.compare(value, wanted) > 0;
              case "gte" -> Values.compare(value, wanted) >= 0;
              case "lt" -> Values.compare(value, wanted) < 0;
              case "lte" -> Values.compare(value, wanted) <= 0;
              case "in" -> wanted.valueStream().anyMatch(w -> Values.equal(value, w));
              case "nin" -> wanted.valueStream().noneMatch(w -> Values.equal(value, w));
              default -> throw Problem.query("this comparison is not imitated: " + each.getKey());
            };
        if (!matches) {
          return false;
        }
      }
      return true;
    }

    /** {@code AccountCreate}, {@code AccountUpdate}, {@code AccountDelete}. */
    private JsonNode mutation(Field field) {
      String name = field.getName();
      String verb = name.length() > 6 ? name.substring(name.length() - 6) : "";
      ObjectType type = records.schema().require(name.substring(0, Math.max(0, name.length() - 6)));
      JsonNode input = argument(field, "input");
      ObjectNode out = JSON.createObjectNode();
      JsonNode values = input.path(type.name());
      String id = input.path("Id").asString("");
      Row row =
          switch (verb) {
            case "Create" -> records.create(type, object(values));
            case "Update" -> {
              Row known = records.require(type, id);
              records.update(known, object(values));
              yield records.require(type, id);
            }
            case "Delete" -> {
              Row known = records.require(type, id);
              records.delete(known);
              yield known;
            }
            default -> throw Problem.query("this mutation is not imitated: " + name);
          };
      for (Field part : fields(field.getSelectionSet())) {
        if (part.getName().equals("Record")) {
          out.set(shown(part), node(part, row));
        } else {
          out.put(shown(part), row.id());
        }
      }
      return out;
    }

    private static ObjectNode object(JsonNode node) {
      return node instanceof ObjectNode object ? object : JSON.createObjectNode();
    }

    private JsonNode argument(Field field, String name) {
      for (Argument argument : field.getArguments()) {
        if (argument.getName().equals(name)) {
          return json(argument.getValue());
        }
      }
      return JSON.missingNode();
    }

    private JsonNode json(Value<?> value) {
      return switch (value) {
        case StringValue text -> JSON.valueToTree(text.getValue());
        case IntValue number -> JSON.valueToTree(number.getValue());
        case FloatValue number -> JSON.valueToTree(number.getValue());
        case BooleanValue truth -> JSON.valueToTree(truth.isValue());
        case EnumValue word -> JSON.valueToTree(word.getName());
        case NullValue none -> JSON.nullNode();
        case VariableReference variable -> variables.path(variable.getName());
        case ArrayValue array -> {
          ArrayNode out = JSON.createArrayNode();
          array.getValues().forEach(item -> out.add(json(item)));
          yield out;
        }
        case ObjectValue object -> {
          ObjectNode out = JSON.createObjectNode();
          for (ObjectField member : object.getObjectFields()) {
            out.set(member.getName(), json(member.getValue()));
          }
          yield out;
        }
        default -> throw Problem.query("this value is not imitated");
      };
    }
  }
}
