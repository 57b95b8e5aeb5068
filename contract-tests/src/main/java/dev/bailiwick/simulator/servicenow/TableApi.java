// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.servicenow;

import dev.bailiwick.connector.Action;
import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.SimulatedCall;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /api/now/table}: create, read, update and delete on {@link Tables}. */
final class TableApi {
  private static final int DEFAULT_LIMIT = 10_000;

  private final Tables tables;

  TableApi(Tables tables) {
    this.tables = tables;
  }

  /** Answers a call on a table, or on one row when {@code sysId} is not empty. */
  SimulatedAnswer answer(SimulatedCall request, String tableName, String sysId) {
    String table = tableName.toLowerCase(Locale.ROOT);
    if (tables.isForbidden(table)) {
      return Answers.error(403, "Operation Failed", "ACL Exception due to security constraints");
    }
    if (!tables.exists(table)) {
      return Answers.error(400, "Invalid table " + tableName, "");
    }
    return switch (request.method() + (sysId.isEmpty() ? " table" : " row")) {
      case "GET table" -> list(request, table);
      case "GET row" -> {
        tables.touches().on(Tables.FAMILY, table, Action.READ);
        yield tables
            .find(table, sysId)
            .map(row -> Answers.json(200, result(shown(request, table, row))))
            .orElseGet(TableApi::noRecord);
      }
      case "POST table" -> create(request, table);
      case "PUT row", "PATCH row" -> update(request, table, sysId);
      case "DELETE row" -> {
        tables.touches().on(Tables.FAMILY, table, Action.DELETE);
        yield tables.delete(table, sysId) ? Answers.empty(204) : noRecord();
      }
      default ->
          Answers.error(405, "Method not supported", "Method not supported: " + request.method());
    };
  }

  private SimulatedAnswer list(SimulatedCall request, String table) {
    tables.touches().on(Tables.FAMILY, table, Action.READ);
    List<Map<String, String>> found =
        new Filter(tables, table)
            .apply(tables.all(table), request.parameter("sysparm_query").orElse(""));
    int limit = request.number("sysparm_limit", DEFAULT_LIMIT);
    int offset = request.number("sysparm_offset", 0);
    ArrayNode page = Answers.JSON.createArrayNode();
    found.stream().skip(offset).limit(limit).forEach(row -> page.add(shown(request, table, row)));
    SimulatedAnswer answer =
        Answers.json(200, result(page)).with("X-Total-Count", String.valueOf(found.size()));
    if (found.size() > limit && limit > 0) {
      return answer.with("Link", links(request, limit, offset, found.size()));
    }
    return answer;
  }

  /** Absolute links, all in one line, as the vendor writes them. */
  private String links(SimulatedCall request, int limit, int offset, int total) {
    List<String> links = new ArrayList<>();
    links.add(link(request, limit, 0, "first"));
    if (offset > 0) {
      links.add(link(request, limit, Math.max(0, offset - limit), "prev"));
    }
    if (offset + limit < total) {
      links.add(link(request, limit, offset + limit, "next"));
    }
    links.add(link(request, limit, (total - 1) / limit * limit, "last"));
    return String.join(",", links);
  }

  private String link(SimulatedCall request, int limit, int offset, String relation) {
    String url = request.target();
    int query = url.indexOf('?');
    Stream<String> kept =
        query < 0
            ? Stream.of()
            : Stream.of(url.substring(query + 1).split("&", -1))
                .filter(pair -> !pair.startsWith("sysparm_limit="))
                .filter(pair -> !pair.startsWith("sysparm_offset="));
    String parameters =
        Stream.concat(kept, Stream.of("sysparm_limit=" + limit, "sysparm_offset=" + offset))
            .collect(Collectors.joining("&"));
    String path = query < 0 ? url : url.substring(0, query);
    return "<" + Answers.origin(request) + path + "?" + parameters + ">;rel=\"" + relation + "\"";
  }

  private SimulatedAnswer create(SimulatedCall request, String table) {
    Optional<Map<String, String>> values = firstRecord(request);
    if (values.isEmpty()) {
      return badBody();
    }
    Map<String, String> row = tables.insert(table, written(table, "", values.get()));
    return Answers.json(201, result(shown(request, table, row)))
        .with(
            "Location",
            Answers.origin(request) + "/api/now/table/" + table + "/" + row.get("sys_id"));
  }

  private SimulatedAnswer update(SimulatedCall request, String table, String sysId) {
    Optional<Map<String, String>> values = firstRecord(request);
    if (values.isEmpty()) {
      return badBody();
    }
    return tables
        .update(table, sysId, written(table, sysId, values.get()))
        .map(row -> Answers.json(200, result(shown(request, table, row))))
        .orElseGet(TableApi::noRecord);
  }

  /**
   * The fields that are set on the row itself. A dotted name sets a field of the row that it leads
   * to.
   */
  private Map<String, String> written(String table, String sysId, Map<String, String> values) {
    Action action = sysId.isEmpty() ? Action.CREATE : Action.UPDATE;
    Map<String, String> row = tables.find(table, sysId).orElse(values);
    Map<String, String> own = new LinkedHashMap<>();
    tables.touches().on(Tables.FAMILY, table, action);
    values.forEach(
        (name, value) -> {
          if (name.indexOf('.') > 0) {
            tables.set(table, row, name, value);
          } else {
            tables.touches().field(Tables.FAMILY, table, action, name);
            own.put(name, value);
          }
        });
    return own;
  }

  /** Of several records in a body only the first counts, as at the vendor. */
  private static Optional<Map<String, String>> firstRecord(SimulatedCall request) {
    try {
      JsonNode body = Answers.JSON.readTree(request.body());
      JsonNode first = body.path("records").isArray() ? body.path("records").path(0) : body;
      first = first.isArray() ? first.path(0) : first;
      if (!first.isObject()) {
        return Optional.empty();
      }
      Map<String, String> values = new LinkedHashMap<>();
      first.properties().forEach(e -> values.put(e.getKey(), e.getValue().asString("")));
      return Optional.of(values);
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  private ObjectNode shown(SimulatedCall request, String table, Map<String, String> row) {
    Collection<String> fields =
        request
            .parameter("sysparm_fields")
            .filter(list -> !list.isEmpty())
            .<Collection<String>>map(
                list -> Stream.of(list.split(",", -1)).map(String::strip).toList())
            .orElse(row.keySet().stream().sorted().toList());
    ObjectNode shown = Answers.JSON.createObjectNode();
    for (String field : fields) {
      tables
          .walk(table, row, field)
          .ifPresent(value -> shown.set(field, value(request, table, field, value)));
    }
    return shown;
  }

  private JsonNode value(SimulatedCall request, String table, String field, String value) {
    Optional<String> target = tables.reference(table, field);
    boolean shown = !request.parameter("sysparm_display_value").orElse("false").equals("false");
    String display = shown ? target.flatMap(t -> tables.display(t, value)).orElse(value) : value;
    ObjectNode node = Answers.JSON.createObjectNode();
    boolean link =
        target.isPresent()
            && !value.isEmpty()
            && request.parameter("sysparm_exclude_reference_link").filter("true"::equals).isEmpty();
    if (link) {
      node.put("link", Answers.origin(request) + "/api/now/table/" + target.get() + "/" + value);
    }
    switch (request.parameter("sysparm_display_value").orElse("false")) {
      case "all" -> node.put("display_value", display).put("value", value);
      case "true" -> node.put("display_value", display);
      default -> node.put("value", value);
    }
    return node.size() == 1 ? node.properties().iterator().next().getValue() : node;
  }

  private static ObjectNode result(JsonNode content) {
    ObjectNode body = Answers.JSON.createObjectNode();
    body.set("result", content);
    return body;
  }

  private static SimulatedAnswer noRecord() {
    return Answers.error(
        404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval");
  }

  private static SimulatedAnswer badBody() {
    return Answers.error(400, "Invalid request body", "The payload is not valid JSON");
  }
}
