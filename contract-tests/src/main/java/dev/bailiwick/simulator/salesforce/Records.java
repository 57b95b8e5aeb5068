// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import dev.bailiwick.connector.Action;
import dev.bailiwick.simulator.Touches;
import dev.bailiwick.simulator.salesforce.Schema.Children;
import dev.bailiwick.simulator.salesforce.Schema.Field;
import dev.bailiwick.simulator.salesforce.Schema.ObjectType;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * The org's records, and the one place that changes them: every change and every look notes a
 * touch. Guarded by the lock of its org.
 */
final class Records {
  static final String FAMILY = "sobject";
  static final String USER = "005000000000001AAA";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'+0000'").withZone(ZoneOffset.UTC);

  private final Schema schema;
  private final Touches touches;
  private final Clock clock;
  private final Map<String, Row> rows = new LinkedHashMap<>();
  private final AtomicInteger counter = new AtomicInteger(1000);

  Records(Schema schema, Touches touches, Clock clock) {
    this.schema = schema;
    this.touches = touches;
    this.clock = clock;
    for (JsonNode seed : schema.rows()) {
      Row row = new Row(schema.require(seed.path("type").stringValue()));
      seed.properties().stream()
          .filter(e -> !e.getKey().equals("type"))
          .forEach(e -> row.set(e.getKey(), e.getValue()));
      complete(row);
      rows.put(Ids.key(row.id()), row);
    }
  }

  Schema schema() {
    return schema;
  }

  Touches touches() {
    return touches;
  }

  String now() {
    return TIME.format(clock.instant());
  }

  Clock clock() {
    return clock;
  }

  /** What {@link #restore} brings back. */
  Map<String, Row> snapshot() {
    Map<String, Row> copy = new LinkedHashMap<>();
    rows.forEach((key, row) -> copy.put(key, row.copy()));
    return copy;
  }

  void restore(Map<String, Row> snapshot) {
    rows.clear();
    rows.putAll(snapshot);
  }

  private void complete(Row row) {
    String now = now();
    ObjectType type = row.type();
    if (row.get("Id").isNull()) {
      row.set("Id", StringNode.valueOf(Ids.of(type.keyPrefix(), counter.incrementAndGet())));
    }
    if (type.field("LastName").isPresent()) {
      String name = (text(row, "FirstName") + " " + text(row, "LastName")).strip();
      row.set("Name", StringNode.valueOf(name));
    }
    if (type.field("OwnerId").isPresent() && row.get("OwnerId").isNull()) {
      row.set("OwnerId", StringNode.valueOf(USER));
    }
    if (type.name().equals("Case") && row.get("CaseNumber").isNull()) {
      row.set("CaseNumber", StringNode.valueOf(row.id().substring(7, 15)));
    }
    if (row.get("CreatedDate").isNull()) {
      row.set("CreatedDate", StringNode.valueOf(now));
      row.set("CreatedById", StringNode.valueOf(USER));
      row.set("IsDeleted", BooleanNode.FALSE);
    }
    row.set("LastModifiedDate", StringNode.valueOf(now));
    row.set("LastModifiedById", StringNode.valueOf(USER));
    row.set("SystemModstamp", StringNode.valueOf(now));
  }

  private static String text(Row row, String field) {
    return row.get(field).asString("");
  }

  /** Every row of an object, in order of creation. Noted as a read. */
  List<Row> all(ObjectType type, boolean deletedToo) {
    touches.on(FAMILY, type.name(), Action.READ);
    if (deletedToo) {
      touches.on("deleted", type.name(), Action.READ);
    }
    return rows.values().stream()
        .filter(row -> row.type() == type && (deletedToo || !row.isDeleted()))
        .toList();
  }

  /** The rows in the recycle bin. */
  List<Row> deleted(ObjectType type) {
    touches.on("deleted", type.name(), Action.READ);
    return rows.values().stream().filter(row -> row.type() == type && row.isDeleted()).toList();
  }

  /** A row by id, whatever its object. Not noted: what is done to it is. */
  Optional<Row> byId(String id) {
    return Optional.ofNullable(rows.get(Ids.key(id)));
  }

  /** A row that is there and is of this object. */
  Row require(ObjectType type, String id) {
    Row row = byId(id).filter(r -> r.type() == type).orElseThrow(Problem::notFound);
    if (row.isDeleted()) {
      throw new Problem(404, "ENTITY_IS_DELETED", "entity is deleted");
    }
    return row;
  }

  /** Rows with a value in a field. Noted as a read of that field. */
  List<Row> where(ObjectType type, String field, String value) {
    Field known = type.requireField(field);
    touches.field(FAMILY, type.name(), Action.READ, known.name());
    return all(type, false).stream().filter(row -> text(row, known.name()).equals(value)).toList();
  }

  /** The value of a field, noted as a read. */
  JsonNode read(Row row, Field field) {
    touches.field(FAMILY, row.type().name(), Action.READ, field.name());
    return row.get(field.name());
  }

  /** The row that a reference leads to. The reference is noted; the row is when it is read. */
  Optional<Row> parent(Row row, Field reference) {
    touches.field(FAMILY, row.type().name(), Action.READ, reference.relationship());
    return byId(row.get(reference.name()).asString(""));
  }

  Row create(ObjectType type, ObjectNode values) {
    Row row = new Row(type);
    touches.on(FAMILY, type.name(), Action.CREATE);
    write(row, values, Action.CREATE);
    complete(row);
    for (Field field : type.fields()) {
      if (field.required() && row.get(field.name()).isNull()) {
        throw new Problem(
            400,
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [" + field.name() + "]",
            field.name());
      }
    }
    rows.put(Ids.key(row.id()), row);
    return row;
  }

  /** Hangs a new row below another, as a tree does: noted as a field of the upper one. */
  void link(Row child, Children relationship, Row parent) {
    touches.field(FAMILY, parent.type().name(), Action.CREATE, relationship.name());
    child.set(relationship.field(), StringNode.valueOf(parent.id()));
  }

  void update(Row row, ObjectNode values) {
    touches.on(FAMILY, row.type().name(), Action.UPDATE);
    Row changed = row.copy();
    write(changed, values, Action.UPDATE);
    complete(changed);
    rows.put(Ids.key(row.id()), changed);
  }

  /** Salesforce notes who looked at a row, when a query asks for it. */
  void viewed(Row row) {
    touches.on(FAMILY, row.type().name(), Action.UPDATE);
    row.set("LastViewedDate", StringNode.valueOf(now()));
  }

  void delete(Row row) {
    touches.on(FAMILY, row.type().name(), Action.DELETE);
    row.delete();
    row.set("SystemModstamp", StringNode.valueOf(now()));
  }

  private void write(Row row, ObjectNode values, Action action) {
    ObjectType type = row.type();
    for (Map.Entry<String, JsonNode> value : values.properties()) {
      String name = value.getKey();
      if (name.equals("attributes")) {
        continue;
      }
      Optional<Field> parent = type.parent(name);
      if (parent.isPresent() && value.getValue() instanceof ObjectNode other) {
        touches.field(FAMILY, type.name(), action, parent.get().relationship());
        row.set(parent.get().name(), StringNode.valueOf(byKey(parent.get(), other).id()));
        continue;
      }
      Field field = type.requireField(name);
      if (field.name().equals("Id")) {
        throw new Problem(
            400, "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: Id", "Id");
      }
      touches.field(FAMILY, type.name(), action, field.name());
      JsonNode written = value.getValue();
      if (written.isContainer()) {
        throw Problem.json("Cannot deserialize instance of string from " + name);
      }
      if (field.isReference() && !written.isNull()) {
        requireTarget(field, written.asString(""));
      }
      row.set(field.name(), written.isNull() ? NullNode.getInstance() : written);
    }
  }

  private void requireTarget(Field field, String id) {
    boolean known =
        byId(id).filter(row -> field.referenceTo().contains(row.type().name())).isPresent();
    if (!known) {
      throw new Problem(
          400, "MALFORMED_ID", field.name() + ": id value of incorrect type: " + id, field.name());
    }
  }

  /** {@code "Account": {"ExternalKey__c": "NW-1"}}: the row is found by a field of its own. */
  private Row byKey(Field reference, ObjectNode key) {
    String named = key.path("attributes").path("type").asString("");
    ObjectType type = schema.require(named.isEmpty() ? reference.referenceTo().getFirst() : named);
    for (Map.Entry<String, JsonNode> field : key.properties()) {
      if (!field.getKey().equals("attributes")) {
        return where(type, field.getKey(), field.getValue().asString("")).stream()
            .findFirst()
            .orElseThrow(
                () ->
                    new Problem(
                        400,
                        "INVALID_FIELD",
                        "Foreign key external ID not found for field "
                            + field.getKey()
                            + " in entity "
                            + type.name()));
      }
    }
    throw Problem.json("a reference without a key");
  }
}
