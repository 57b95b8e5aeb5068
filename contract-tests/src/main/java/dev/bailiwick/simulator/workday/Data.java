// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.workday;

import dev.bailiwick.connector.Action;
import dev.bailiwick.simulator.Touches;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The tenant's business objects. Guarded by the lock of its tenant. */
final class Data {
  private final Touches touches;
  private final Map<String, List<ObjectNode>> resources = new LinkedHashMap<>();
  private final Map<String, List<ObjectNode>> reports = new LinkedHashMap<>();
  private final Map<String, String> dataSources = new LinkedHashMap<>();
  private final Map<String, String> references = new LinkedHashMap<>();
  private int counter;

  Data(Touches touches) {
    this.touches = touches;
    JsonNode seed = seed();
    lists(seed.path("resources"), resources);
    lists(seed.path("reports"), reports);
    texts(seed.path("dataSources"), dataSources);
    texts(seed.path("references"), references);
  }

  private static JsonNode seed() {
    try (InputStream in = Data.class.getResourceAsStream("seed.json")) {
      return JsonMapper.shared().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void lists(JsonNode seed, Map<String, List<ObjectNode>> into) {
    seed.properties()
        .forEach(
            e -> {
              List<ObjectNode> rows = new ArrayList<>();
              e.getValue().forEach(row -> rows.add((ObjectNode) row));
              into.put(e.getKey(), rows);
            });
  }

  private static void texts(JsonNode seed, Map<String, String> into) {
    seed.properties().forEach(e -> into.put(e.getKey(), e.getValue().stringValue()));
  }

  Touches touches() {
    return touches;
  }

  /** The rows of a resource such as {@code workers.paySlips}; empty when there is none. */
  Optional<List<ObjectNode>> resource(String name) {
    return Optional.ofNullable(resources.get(name));
  }

  Optional<List<ObjectNode>> report(String name) {
    return Optional.ofNullable(reports.get(name));
  }

  /** The resource behind a data source. */
  Optional<String> dataSource(String name) {
    return Optional.ofNullable(dataSources.get(name));
  }

  /** The resource that a field leads to. */
  Optional<String> reference(String resource, String field) {
    return Optional.ofNullable(references.get(resource + "." + field));
  }

  Optional<ObjectNode> byId(String resource, String id) {
    return resource(resource).orElse(List.of()).stream()
        .filter(row -> row.path("id").asString("").equals(id) || isReference(row, id))
        .findFirst();
  }

  /** {@code Employee_ID=21001}. */
  private static boolean isReference(ObjectNode row, String id) {
    return id.equals("Employee_ID=" + row.path("employeeID").asString(""));
  }

  ObjectNode add(String resource, ObjectNode values, Action action) {
    counter++;
    ObjectNode row = JsonMapper.shared().createObjectNode();
    row.put("id", String.format("%032x", 0x5eed_0000_0000L + counter));
    row.put("descriptor", resource + " " + counter);
    row.setAll(values);
    resources.computeIfAbsent(resource, r -> new ArrayList<>()).add(row);
    touches.on("rest", resource, action);
    fields("", values).forEach(field -> touches.field("rest", resource, action, field));
    return row;
  }

  /** The names of what is set, those inside another as {@code reason.id}. */
  private static List<String> fields(String above, ObjectNode values) {
    List<String> names = new ArrayList<>();
    values
        .properties()
        .forEach(
            e -> {
              if (e.getValue() instanceof ObjectNode inner) {
                names.addAll(fields(above + e.getKey() + ".", inner));
              } else {
                names.add(above + e.getKey());
              }
            });
    return names;
  }

  /** Keeps what a process was started with, unnoted. */
  void keep(String resource, ObjectNode values) {
    resources.computeIfAbsent(resource, r -> new ArrayList<>()).add(values);
  }
}
