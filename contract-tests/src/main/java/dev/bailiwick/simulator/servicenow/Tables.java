// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.servicenow;

import dev.bailiwick.connector.Action;
import dev.bailiwick.simulator.Touches;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * The instance's rows, and the little of its dictionary that answers depend on: which field refers
 * to which table, and which field displays a row. Thread-safe.
 */
final class Tables {
  static final String FAMILY = "table";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

  private final Clock clock;
  private final Touches touches;
  private final Map<String, Map<String, Map<String, String>>> rows = new HashMap<>();
  private final Map<String, String> references = new HashMap<>();
  private final Map<String, String> displayFields = new HashMap<>();
  private final Set<String> forbidden = new HashSet<>();
  private int counter;

  Tables(Clock clock, Touches touches) {
    this.clock = clock;
    this.touches = touches;
    JsonNode seed = seed();
    seed.path("references").properties().forEach(e -> references.put(e.getKey(), text(e)));
    seed.path("display").properties().forEach(e -> displayFields.put(e.getKey(), text(e)));
    seed.path("forbidden").forEach(table -> forbidden.add(table.stringValue()));
    for (Map.Entry<String, JsonNode> table : seed.path("tables").properties()) {
      rows.put(table.getKey(), new LinkedHashMap<>());
      for (JsonNode row : table.getValue()) {
        Map<String, String> values = new LinkedHashMap<>();
        row.properties().forEach(e -> values.put(e.getKey(), text(e)));
        insert(table.getKey(), values);
      }
    }
  }

  private static JsonNode seed() {
    try (InputStream in = Tables.class.getResourceAsStream("seed.json")) {
      return Answers.JSON.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Map.Entry<String, JsonNode> entry) {
    return entry.getValue().asString();
  }

  Touches touches() {
    return touches;
  }

  synchronized boolean exists(String table) {
    return rows.containsKey(table);
  }

  boolean isForbidden(String table) {
    return forbidden.contains(table);
  }

  synchronized Optional<Map<String, String>> find(String table, String sysId) {
    return Optional.ofNullable(rows.getOrDefault(table, Map.of()).get(sysId)).map(Map::copyOf);
  }

  synchronized List<Map<String, String>> all(String table) {
    return new ArrayList<>(
        rows.getOrDefault(table, Map.of()).values().stream().map(LinkedHashMap::new).toList());
  }

  /** Adds a row; {@code sys_id}, {@code number} and the system's own fields are filled in. */
  synchronized Map<String, String> insert(String table, Map<String, String> values) {
    counter++;
    Map<String, String> row = new LinkedHashMap<>(values);
    row.putIfAbsent("sys_id", String.format("%032x", 0x5eed_0000_0000L + counter));
    if (table.equals("incident")) {
      row.putIfAbsent("number", String.format("INC%07d", 10_000 + counter));
      row.putIfAbsent("state", "1");
    }
    row.putIfAbsent("sys_created_on", TIME.format(clock.instant()));
    row.put("sys_updated_on", TIME.format(clock.instant()));
    rows.computeIfAbsent(table, t -> new LinkedHashMap<>()).put(row.get("sys_id"), row);
    return Map.copyOf(row);
  }

  /** Sets fields of a row; empty when there is no such row. */
  synchronized Optional<Map<String, String>> update(
      String table, String sysId, Map<String, String> values) {
    Map<String, String> row = rows.getOrDefault(table, Map.of()).get(sysId);
    if (row == null) {
      return Optional.empty();
    }
    values.forEach(
        (field, value) -> {
          if (!field.equals("sys_id")) {
            row.put(field, value);
          }
        });
    row.put("sys_updated_on", TIME.format(clock.instant()));
    return Optional.of(Map.copyOf(row));
  }

  synchronized boolean delete(String table, String sysId) {
    return rows.getOrDefault(table, Map.of()).remove(sysId) != null;
  }

  /** The table that a field refers to, when it is a reference. */
  Optional<String> reference(String table, String field) {
    return Optional.ofNullable(references.get(table + "." + field));
  }

  /** What a reference shows to people. */
  Optional<String> display(String table, String sysId) {
    String field = displayFields.getOrDefault(table, "sys_id");
    touches.field(FAMILY, table, Action.READ, field);
    return find(table, sysId).map(row -> row.getOrDefault(field, ""));
  }

  /**
   * The value of a field that may be dot-walked, such as {@code caller_id.manager.email}. Every
   * field and row on the way is noted as read.
   */
  Optional<String> walk(String table, Map<String, String> row, String path) {
    int dot = path.indexOf('.');
    if (dot < 0) {
      touches.field(FAMILY, table, Action.READ, path);
      return Optional.ofNullable(row.get(path));
    }
    String field = path.substring(0, dot);
    touches.field(FAMILY, table, Action.READ, field);
    return reference(table, field)
        .flatMap(
            target ->
                find(target, row.getOrDefault(field, ""))
                    .flatMap(next -> walk(target, next, path.substring(dot + 1))));
  }

  /** Sets a field of the row that a dotted path leads to. */
  void set(String table, Map<String, String> row, String path, String value) {
    int dot = path.indexOf('.');
    String field = path.substring(0, dot);
    String rest = path.substring(dot + 1);
    touches.field(FAMILY, table, Action.READ, field);
    reference(table, field)
        .ifPresent(
            target -> {
              String sysId = row.getOrDefault(field, "");
              if (rest.indexOf('.') > 0) {
                find(target, sysId).ifPresent(next -> set(target, next, rest, value));
              } else {
                touches.field(FAMILY, target, Action.UPDATE, rest);
                update(target, sysId, Map.of(rest, value));
              }
            });
  }

  /** The table that a path of references leads to. */
  Optional<String> behind(String table, List<String> fields) {
    Optional<String> at = Optional.of(table);
    for (String field : fields) {
      at = at.flatMap(from -> reference(from, field));
    }
    return at;
  }
}
