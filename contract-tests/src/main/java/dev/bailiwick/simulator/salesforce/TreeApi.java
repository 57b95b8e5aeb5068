// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.salesforce.Schema.Children;
import dev.bailiwick.simulator.salesforce.Schema.ObjectType;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /composite/tree}: records and their children, all or none. */
final class TreeApi {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Records records;
  private final ArrayNode results = JSON.createArrayNode();

  TreeApi(Records records) {
    this.records = records;
  }

  /**
   * @param call with the path below {@code tree}
   */
  SimulatedAnswer answer(Call call) {
    ObjectType root = records.schema().require(call.segment(0));
    Map<String, Row> before = records.snapshot();
    ObjectNode body = JSON.createObjectNode();
    try {
      for (JsonNode record : call.object().path("records")) {
        create(record, root, Optional.empty());
      }
    } catch (Problem problem) {
      records.restore(before);
      body.put("hasErrors", true)
          .putArray("results")
          .addObject()
          .putArray("errors")
          .add(problem.inResult());
      return SimulatedAnswer.json(400, body);
    }
    body.put("hasErrors", false).set("results", results);
    return SimulatedAnswer.json(201, body);
  }

  private record Parent(Children relationship, Row row) {}

  /** The object is the one that the record itself names. */
  private void create(JsonNode record, ObjectType expected, Optional<Parent> parent) {
    String named = record.path("attributes").path("type").asString(expected.name());
    ObjectType type = records.schema().require(named);
    ObjectNode own = JSON.createObjectNode();
    ObjectNode below = JSON.createObjectNode();
    for (Map.Entry<String, JsonNode> member : record.properties()) {
      boolean nested = member.getValue().path("records").isArray();
      (nested ? below : own).set(member.getKey(), member.getValue());
    }
    Row row = records.create(type, own);
    parent.ifPresent(p -> records.link(row, p.relationship(), p.row()));
    results
        .addObject()
        .put("referenceId", record.path("attributes").path("referenceId").asString(""))
        .put("id", row.id());
    for (Map.Entry<String, JsonNode> children : below.properties()) {
      Children relationship = Soql.requireChildren(type, children.getKey());
      for (JsonNode child : children.getValue().path("records")) {
        create(
            child,
            records.schema().require(relationship.object()),
            Optional.of(new Parent(relationship, row)));
      }
    }
  }
}
