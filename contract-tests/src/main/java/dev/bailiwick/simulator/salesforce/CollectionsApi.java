// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import dev.bailiwick.connector.Action;
import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.salesforce.Schema.Field;
import dev.bailiwick.simulator.salesforce.Schema.ObjectType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /composite/sobjects}: up to two hundred records, of any objects, in one call. */
final class CollectionsApi {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Records records;

  CollectionsApi(Records records) {
    this.records = records;
  }

  /**
   * @param call with the path below {@code sobjects}
   */
  SimulatedAnswer answer(Call call) {
    return switch (call.depth() + " " + call.method()) {
      case "0 POST" -> each(call.object(), this::create);
      case "0 PATCH" -> each(call.object(), this::update);
      case "0 DELETE" -> delete(call);
      case "1 GET", "1 POST" -> retrieve(call);
      case "2 PATCH" -> {
        ObjectType type = records.schema().require(call.segment(0));
        Field key = type.requireField(call.segment(1));
        yield each(call.object(), record -> upsert(record, type, key));
      }
      default -> throw Problem.method(call.method());
    };
  }

  private interface Save {
    ObjectNode save(ObjectNode record);
  }

  private SimulatedAnswer each(ObjectNode request, Save save) {
    JsonNode list = request.path("records");
    if (!list.isArray() || list.size() > 200) {
      throw Problem.json("records is missing or holds more than 200 records");
    }
    List<Supplier<ObjectNode>> saves = new ArrayList<>();
    for (JsonNode record : list) {
      saves.add(() -> save.save((ObjectNode) record));
    }
    return results(saves, request.path("allOrNone").asBoolean(false));
  }

  private SimulatedAnswer results(List<Supplier<ObjectNode>> saves, boolean allOrNone) {
    Map<String, Row> before = records.snapshot();
    ArrayNode results = JSON.createArrayNode();
    boolean good = true;
    for (Supplier<ObjectNode> save : saves) {
      try {
        results.add(save.get());
      } catch (Problem problem) {
        good = false;
        results.add(failed(problem));
      }
    }
    if (allOrNone && !good) {
      records.restore(before);
      ArrayNode undone = JSON.createArrayNode();
      for (JsonNode result : results) {
        undone.add(
            result.path("success").asBoolean(false)
                ? failed(
                    new Problem(
                        400,
                        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
                        "Record rolled back because not all records were valid"))
                : result);
      }
      return SimulatedAnswer.json(200, undone);
    }
    return SimulatedAnswer.json(200, results);
  }

  private static ObjectNode failed(Problem problem) {
    ObjectNode result = JSON.createObjectNode();
    result.put("success", false).putArray("errors").add(problem.inResult());
    return result;
  }

  private static ObjectNode saved(Row row) {
    ObjectNode result = JSON.createObjectNode();
    result.put("id", row.id()).put("success", true).putArray("errors");
    return result;
  }

  private ObjectType type(ObjectNode record) {
    return records.schema().require(record.path("attributes").path("type").asString(""));
  }

  private ObjectNode create(ObjectNode record) {
    return saved(records.create(type(record), record));
  }

  private ObjectNode update(ObjectNode record) {
    ObjectNode values = record.deepCopy();
    String id = take(values, "Id");
    Row row = records.require(type(record), id);
    records.update(row, values);
    return saved(row);
  }

  /** Removes a member by its name, whatever its case. */
  private static String take(ObjectNode values, String name) {
    for (Map.Entry<String, JsonNode> member : values.properties()) {
      if (member.getKey().equalsIgnoreCase(name)) {
        values.remove(member.getKey());
        return member.getValue().asString("");
      }
    }
    throw new Problem(400, "MISSING_ARGUMENT", name + " not specified in an update call", name);
  }

  private ObjectNode upsert(ObjectNode record, ObjectType type, Field key) {
    ObjectNode values = record.deepCopy();
    String value = take(values, key.name());
    Optional<Row> found = records.where(type, key.name(), value).stream().findFirst();
    if (found.isPresent()) {
      records.update(found.get(), values);
      return saved(found.get()).put("created", false);
    }
    values.put(key.name(), value);
    return saved(records.create(type, values)).put("created", true);
  }

  private SimulatedAnswer delete(Call call) {
    List<Supplier<ObjectNode>> deletions = new ArrayList<>();
    for (String id : call.require("ids").split(",", -1)) {
      deletions.add(
          () -> {
            Row row = records.byId(id).filter(r -> !r.isDeleted()).orElseThrow(Problem::notFound);
            records.delete(row);
            return saved(row);
          });
    }
    return results(
        deletions, call.request().parameter("allOrNone").filter("true"::equals).isPresent());
  }

  private SimulatedAnswer retrieve(Call call) {
    ObjectType type = records.schema().require(call.segment(0));
    List<String> ids;
    List<String> fields;
    if (call.is("POST")) {
      ids = texts(call.object().path("ids"));
      fields = texts(call.object().path("fields"));
    } else {
      ids = List.of(call.require("ids").split(",", -1));
      fields = List.of(call.require("fields").split(",", -1));
    }
    records.touches().on(Records.FAMILY, type.name(), Action.READ);
    Soql soql = new Soql(records, call.version(), false);
    ArrayNode found = JSON.createArrayNode();
    for (String id : ids) {
      Optional<Row> row =
          records.byId(id).filter(r -> r.type() == type).filter(r -> !r.isDeleted());
      if (row.isEmpty()) {
        found.addNull();
        continue;
      }
      ObjectNode shown = soql.attributes(row.get());
      for (String field : fields) {
        soql.field(
            shown,
            row.get(),
            Scope.of(records, type),
            Arrays.asList(field.strip().split("\\.", -1)));
      }
      found.add(shown);
    }
    return SimulatedAnswer.json(200, found);
  }

  private static List<String> texts(JsonNode array) {
    return array.valueStream().map(each -> each.asString("")).toList();
  }
}
