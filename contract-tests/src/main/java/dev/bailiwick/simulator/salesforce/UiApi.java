// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import dev.bailiwick.connector.Action;
import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.salesforce.Schema.Field;
import dev.bailiwick.simulator.salesforce.Schema.ObjectType;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code /ui-api/records}: one record, which names its object only by the prefix of its id. */
final class UiApi {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Records records;

  UiApi(Records records) {
    this.records = records;
  }

  /**
   * @param call with the path below {@code ui-api}
   */
  SimulatedAnswer answer(Call call) {
    if (!call.segment(0).equals("records")) {
      throw Problem.notFound();
    }
    if (call.is("POST") && call.depth() == 1) {
      ObjectType type = records.schema().require(call.object().path("apiName").asString(""));
      Row row = records.create(type, fields(call));
      return SimulatedAnswer.json(201, shown(row, List.of("Id")));
    }
    Row row =
        records
            .byId(call.segment(1))
            .filter(known -> !known.isDeleted())
            .orElseThrow(Problem::notFound);
    return switch (call.method()) {
      case "GET" ->
          SimulatedAnswer.json(
              200,
              shown(row, List.of(call.request().parameter("fields").orElse("Id").split(",", -1))));
      case "PATCH" -> {
        records.update(row, fields(call));
        yield SimulatedAnswer.json(200, shown(row, List.of("Id")));
      }
      case "DELETE" -> {
        records.delete(row);
        yield SimulatedAnswer.empty(204);
      }
      default -> throw Problem.method(call.method());
    };
  }

  private static ObjectNode fields(Call call) {
    return call.object().path("fields") instanceof ObjectNode fields
        ? fields
        : JSON.createObjectNode();
  }

  private ObjectNode shown(Row row, List<String> fields) {
    records.touches().on(Records.FAMILY, row.type().name(), Action.READ);
    ObjectNode body = JSON.createObjectNode();
    body.put("apiName", row.type().name()).put("id", row.id());
    ObjectNode shown = body.putObject("fields");
    for (String written : fields) {
      String name = written.substring(written.indexOf('.') + 1).strip();
      Field field = row.type().requireField(name);
      JsonNode value = records.read(row, field);
      shown.putObject(field.name()).putNull("displayValue").set("value", value);
    }
    return body;
  }
}
