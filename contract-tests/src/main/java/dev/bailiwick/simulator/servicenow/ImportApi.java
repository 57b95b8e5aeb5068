// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.servicenow;

import dev.bailiwick.connector.Action;
import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.SimulatedCall;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /api/now/import}: rows for a staging table, of which a transform map makes incidents. */
final class ImportApi {
  private static final String TARGET = "incident";

  private final Tables tables;

  ImportApi(Tables tables) {
    this.tables = tables;
  }

  SimulatedAnswer answer(SimulatedCall call, List<String> path) {
    String staging = path.get(1);
    if (call.method().equals("GET")) {
      return tables
          .find(staging, path.getLast())
          .map(row -> Answers.result(200, Answers.JSON.<JsonNode>valueToTree(row)))
          .orElseGet(() -> Answers.error(404, "No Record found", ""));
    }
    JsonNode body;
    try {
      body = Answers.JSON.readTree(call.body());
    } catch (JacksonException e) {
      return Answers.error(400, "Invalid request body", "The payload is not valid JSON");
    }
    boolean several = path.size() == 3;
    ArrayNode results = Answers.JSON.createArrayNode();
    for (JsonNode record : several ? body.path("records") : List.of(body)) {
      results.add(imported(call, staging, record));
    }
    ObjectNode out = Answers.JSON.createObjectNode();
    out.put("import_set", "ISET0010001").put("staging_table", staging);
    out.set("result", results);
    return Answers.json(201, out);
  }

  private ObjectNode imported(SimulatedCall call, String staging, JsonNode record) {
    Map<String, String> values = new LinkedHashMap<>();
    record.properties().forEach(e -> values.put(e.getKey(), e.getValue().asString("")));
    var unused = tables.insert(staging, values);
    tables.touches().on("import", staging, Action.CREATE);
    Map<String, String> row = tables.insert(TARGET, values);
    ObjectNode out = Answers.JSON.createObjectNode();
    String link = Answers.origin(call) + "/api/now/table/" + TARGET + "/" + row.get("sys_id");
    return out.put("transform_map", "simulated")
        .put("table", TARGET)
        .put("display_name", "number")
        .put("display_value", row.get("number"))
        .put("record_link", link)
        .put("status", "inserted")
        .put("sys_id", row.get("sys_id"));
  }
}
