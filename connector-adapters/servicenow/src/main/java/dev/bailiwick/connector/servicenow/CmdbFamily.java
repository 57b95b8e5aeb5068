// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.JsonValue.JsonString;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.RowBound;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Configuration items by class: {@code /api/now/cmdb/instance/<class>[/<sys_id>]} and {@code
 * /api/now/cmdb/meta/<class>}. A new item may be recognized as one that is already there, so
 * creating is updating, too; and every write is answered with the whole item.
 */
final class CmdbFamily implements Family {
  private static final String FAMILY = "cmdb";
  private static final Map<String, Pattern> LIST =
      Map.of(
          "sysparm_query",
          KnownParameters.ANY,
          KnownParameters.LIMIT,
          KnownParameters.NUMBER,
          "sysparm_offset",
          KnownParameters.NUMBER);

  private enum Act {
    META,
    LIST,
    READ,
    CREATE,
    UPDATE
  }

  @Override
  public boolean owns(ApiPath path) {
    return path.isNow(FAMILY);
  }

  @Override
  public Classification<Call> classify(ConnectorRequest head, ApiPath path) {
    RequestTarget target = head.target();
    Act act = act(head.method(), path);
    KnownParameters.check(target, act == Act.LIST ? LIST : Map.of(), "the CMDB");
    String type = path.table(2);
    RequestTarget sent = path.canonical(target, 2, type);
    return switch (act) {
      case META ->
          reading(
              sent,
              of(FAMILY + "_meta", type, Action.READ, FieldUse.none()).withRows(RowBound.none()));
      case READ -> reading(sent, item(type));
      case LIST -> Classification.withoutBody(call(listing(target, type), sent));
      case CREATE, UPDATE ->
          Classification.readingJson(
              head.headers(), body -> call(writing(act, type, written(body)), sent));
    };
  }

  private static Classification<Call> reading(RequestTarget sent, Operation operation) {
    return Classification.withoutBody(call(List.of(operation), sent));
  }

  private static List<Operation> writing(Act act, String type, FieldUse fields) {
    List<Operation> operations = new ArrayList<>();
    if (act == Act.CREATE) {
      operations.add(of(FAMILY, type, Action.CREATE, fields));
    }
    operations.add(of(FAMILY, type, Action.UPDATE, fields));
    operations.add(item(type));
    return operations;
  }

  private static Call call(List<Operation> operations, RequestTarget sent) {
    return Call.of(operations, sent)
        .answeredBy(
            Reply.json(
                "result/*/link",
                "result/attributes/*/link",
                "result/inbound_relations/*/link",
                "result/outbound_relations/*/link"));
  }

  private static Act act(String method, ApiPath path) {
    String part = path.rest().size() > 1 ? path.rest().get(1) : "";
    if (part.equals("meta") && path.hasLength(3) && method.equals("GET")) {
      return Act.META;
    }
    if (part.equals("instance") && path.hasLength(3) && method.equals("GET")) {
      return Act.LIST;
    }
    if (part.equals("instance") && path.hasLength(3) && method.equals("POST")) {
      return Act.CREATE;
    }
    if (part.equals("instance") && path.hasLength(4)) {
      var unused = path.sysId(3);
      switch (method) {
        case "GET" -> {
          return Act.READ;
        }
        case "PUT", "PATCH" -> {
          return Act.UPDATE;
        }
        default -> {}
      }
    }
    throw MalformedRequestException.unknown(
        "of the CMDB family, only GET, POST, PUT and PATCH of /cmdb/instance/<class>[/<sys_id>] and"
            + " GET of /cmdb/meta/<class> are known: write relations through the Table API");
  }

  /** A list shows sys_id and name of each item. */
  private static List<Operation> listing(RequestTarget target, String type) {
    Set<FieldName> filtered =
        target
            .single("sysparm_query")
            .map(query -> EncodedQuery.parse(query).fields())
            .orElse(Set.of());
    Set<FieldName> shown = Set.of(new FieldName("sys_id"), new FieldName("name"));
    TableUse use =
        new TableUse(type, shown, filtered, Set.of(), false, KnownParameters.rows(target));
    List<Operation> operations = new ArrayList<>();
    operations.add(of(FAMILY, type, Action.READ, use.reading().fields()).withRows(use.rows()));
    operations.addAll(use.walks());
    return operations;
  }

  private static FieldUse written(JsonValue value) {
    if (!(value instanceof JsonObject body)
        || !(body.members().get("attributes") instanceof JsonObject attributes)
        || !Set.of("attributes", "source").containsAll(body.members().keySet())) {
      throw MalformedRequestException.body(
          "the body must be {\"attributes\": { … }, \"source\": \"…\"}: write relations through"
              + " the Table API");
    }
    Set<FieldName> fields = WrittenFields.of(attributes, TableAction.UPDATE);
    if (fields.stream().anyMatch(FieldName::walks)) {
      throw MalformedRequestException.body(
          "an item has attributes of its own only: no name may hold a dot");
    }
    Set<String> names =
        new HashSet<>(fields.stream().map(FieldName::text).collect(Collectors.toSet()));
    body.member("source")
        .ifPresent(
            source -> {
              if (!(source instanceof JsonString)) {
                throw MalformedRequestException.body("source must be a string");
              }
              names.add("discovery_source");
            });
    return new FieldUse(Set.of(), Set.of(), names, false);
  }

  /** One item with all that it holds; its relations name others and show no more of them. */
  private static Operation item(String type) {
    return of(FAMILY, type, Action.READ, FieldUse.all()).withRows(RowBound.one());
  }

  private static Operation of(String family, String type, Action verb, FieldUse fields) {
    return Operation.of(family, type, verb, fields);
  }
}
