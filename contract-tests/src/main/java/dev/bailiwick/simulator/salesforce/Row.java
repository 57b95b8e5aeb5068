// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import dev.bailiwick.simulator.salesforce.Schema.ObjectType;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.NullNode;

/** A record of the org. Guarded by the lock of its org. */
final class Row {
  private final ObjectType type;
  private final Map<String, JsonNode> values = new LinkedHashMap<>();
  private boolean deleted;

  Row(ObjectType type) {
    this.type = type;
  }

  Row copy() {
    Row copy = new Row(type);
    copy.values.putAll(values);
    copy.deleted = deleted;
    return copy;
  }

  ObjectType type() {
    return type;
  }

  String id() {
    return get("Id").asString("");
  }

  boolean isDeleted() {
    return deleted;
  }

  void delete() {
    deleted = true;
    values.put("IsDeleted", BooleanNode.TRUE);
  }

  /** The value of a field by its exact name. */
  JsonNode get(String field) {
    return values.getOrDefault(field, NullNode.getInstance());
  }

  Map<String, JsonNode> values() {
    return Map.copyOf(values);
  }

  void set(String field, JsonNode value) {
    values.put(field, value);
  }
}
