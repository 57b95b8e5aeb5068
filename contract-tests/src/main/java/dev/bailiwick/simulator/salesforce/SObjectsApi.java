// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import dev.bailiwick.connector.Action;
import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.salesforce.Schema.Children;
import dev.bailiwick.simulator.salesforce.Schema.Field;
import dev.bailiwick.simulator.salesforce.Schema.ObjectType;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** {@code /sobjects}: descriptions and single records. */
final class SObjectsApi {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Records records;

  SObjectsApi(Records records) {
    this.records = records;
  }

  /**
   * @param call with the path below {@code sobjects}
   */
  SimulatedAnswer answer(Call call) {
    if (call.depth() == 0) {
      return SimulatedAnswer.json(200, Describe.global(records.schema(), call.version()));
    }
    ObjectType type = records.schema().require(call.segment(0));
    Call below = call.below(1);
    if (below.depth() == 0) {
      return ofObject(below, type);
    }
    return switch (below.segment(0)) {
      case "describe" -> SimulatedAnswer.json(200, Describe.object(type, call.version()));
      case "updated", "deleted" -> changes(below, type);
      default -> ofRecord(below, type);
    };
  }

  private SimulatedAnswer ofObject(Call call, ObjectType type) {
    if (call.is("POST")) {
      return created(call, records.create(type, call.object()), false);
    }
    ObjectNode body = JSON.createObjectNode();
    body.set("objectDescribe", Describe.summary(type, call.version()));
    ArrayNode recent = body.putArray("recentItems");
    for (Row row : records.all(type, false)) {
      ObjectNode item = new Soql(records, call.version(), false).attributes(row);
      item.put("Id", row.id());
      type.field("Name").ifPresent(name -> item.set("Name", records.read(row, name)));
      recent.add(item);
    }
    return SimulatedAnswer.json(200, body);
  }

  private SimulatedAnswer created(Call call, Row row, boolean upsert) {
    ObjectNode body = JSON.createObjectNode();
    body.put("id", row.id()).put("success", true).putArray("errors");
    if (upsert) {
      body.put("created", true);
    }
    return SimulatedAnswer.json(201, body).with("Location", Soql.url(call.version(), row));
  }

  private SimulatedAnswer changes(Call call, ObjectType type) {
    boolean gone = call.segment(0).equals("deleted");
    ObjectNode body = JSON.createObjectNode();
    ArrayNode deleted = body.putArray("deletedRecords");
    ArrayNode ids = body.putArray("ids");
    for (Row row : gone ? records.deleted(type) : records.all(type, false)) {
      if (gone) {
        deleted.addObject().put("id", row.id()).put("deletedDate", records.now());
      } else {
        ids.add(row.id());
      }
    }
    body.remove(gone ? "ids" : "deletedRecords");
    body.put("latestDateCovered", records.now());
    return SimulatedAnswer.json(200, body);
  }

  private SimulatedAnswer ofRecord(Call call, ObjectType type) {
    String first = call.segment(0);
    if (Ids.isId(first)) {
      return switch (call.depth()) {
        case 1 -> byId(call, type, first);
        case 2 -> behind(call, type, first);
        default -> throw Problem.notFound();
      };
    }
    Field field = type.requireField(first);
    return byField(call, type, field, call.segment(1));
  }

  private SimulatedAnswer byId(Call call, ObjectType type, String id) {
    return switch (call.method()) {
      case "GET" -> shown(call, records.require(type, id));
      case "PATCH" -> {
        records.update(records.require(type, id), call.object());
        yield SimulatedAnswer.empty(204);
      }
      case "DELETE" -> {
        records.delete(records.require(type, id));
        yield SimulatedAnswer.empty(204);
      }
      default -> throw Problem.method(call.method());
    };
  }

  private SimulatedAnswer byField(Call call, ObjectType type, Field field, String value) {
    if (call.depth() == 1 && call.is("POST") && field.name().equals("Id")) {
      return created(call, records.create(type, call.object()), true);
    }
    List<Row> found = records.where(type, field.name(), value);
    if (found.size() > 1) {
      ArrayNode links = JSON.createArrayNode();
      found.forEach(row -> links.add(Soql.url(call.version(), row)));
      return SimulatedAnswer.json(300, links);
    }
    return switch (call.method()) {
      case "GET" -> shown(call, found.stream().findFirst().orElseThrow(Problem::notFound));
      case "DELETE" -> {
        records.delete(found.stream().findFirst().orElseThrow(Problem::notFound));
        yield SimulatedAnswer.empty(204);
      }
      case "PATCH", "POST" -> upsert(call, type, field, value, found.stream().findFirst());
      default -> throw Problem.method(call.method());
    };
  }

  private SimulatedAnswer upsert(
      Call call, ObjectType type, Field field, String value, Optional<Row> found) {
    if (found.isEmpty()) {
      if (call.request().parameter("updateOnly").filter("true"::equals).isPresent()) {
        throw Problem.notFound();
      }
      ObjectNode values = call.object();
      values.set(field.name(), StringNode.valueOf(value));
      return created(call, records.create(type, values), true);
    }
    records.update(found.get(), call.object());
    ObjectNode body = JSON.createObjectNode();
    body.put("id", found.get().id()).put("success", true).put("created", false).putArray("errors");
    return SimulatedAnswer.json(200, body);
  }

  /** A row with the fields that are asked for, or all of them. */
  private SimulatedAnswer shown(Call call, Row row) {
    return SimulatedAnswer.json(200, shown(call, row, call.request().parameter("fields")));
  }

  ObjectNode shown(Call call, Row row, Optional<String> fields) {
    records.touches().on(Records.FAMILY, row.type().name(), Action.READ);
    Soql soql = new Soql(records, call.version(), false);
    ObjectNode body = soql.attributes(row);
    if (fields.isEmpty()) {
      row.type().fields().forEach(field -> soql.show(body, row, field));
      return body;
    }
    for (String path : fields.get().split(",", -1)) {
      soql.field(
          body, row, Scope.of(records, row.type()), Arrays.asList(path.strip().split("\\.", -1)));
    }
    body.put("Id", row.id());
    return body;
  }

  /** A parent, the children, or a file of a record. */
  private SimulatedAnswer behind(Call call, ObjectType type, String id) {
    Row row = records.require(type, id);
    String name = call.segment(1);
    Optional<Field> file = type.field(name).filter(Field::isFile);
    if (file.isPresent()) {
      records.touches().on("file", type.name(), Action.READ);
      String content = records.read(row, file.get()).asString("");
      return SimulatedAnswer.of(
          200, "application/octet-stream", Base64.getDecoder().decode(content));
    }
    records.touches().on(Records.FAMILY, type.name(), Action.READ);
    Optional<Field> parent = type.parent(name);
    if (parent.isPresent()) {
      Row target = records.parent(row, parent.get()).orElseThrow(Problem::notFound);
      return byId(call, target.type(), target.id());
    }
    Children children = type.children(name).orElseThrow(Problem::notFound);
    records.touches().field(Records.FAMILY, type.name(), Action.READ, children.name());
    ArrayNode rows = JSON.createArrayNode();
    for (Row child : new Soql(records, call.version(), false).children(row, children)) {
      rows.add(shown(call, child, call.request().parameter("fields")));
    }
    ObjectNode body = JSON.createObjectNode();
    body.put("totalSize", rows.size()).put("done", true);
    body.set("records", rows);
    return SimulatedAnswer.json(200, body);
  }
}
