// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.servicenow;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.QueryParameter;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
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
  private final String origin;

  TableApi(Tables tables, String origin) {
    this.tables = tables;
    this.origin = origin;
  }

  /** Answers a call on a table, or on one row when {@code sysId} is not empty. */
  ResponseDefinitionBuilder answer(LoggedRequest request, String tableName, String sysId) {
    String table = tableName.toLowerCase(Locale.ROOT);
    if (tables.isForbidden(table)) {
      return Answers.error(403, "Operation Failed", "ACL Exception due to security constraints");
    }
    if (!tables.exists(table)) {
      return Answers.error(400, "Invalid table " + tableName, "");
    }
    return switch (request.getMethod().value() + (sysId.isEmpty() ? " table" : " row")) {
      case "GET table" -> list(request, table);
      case "GET row" ->
          tables
              .find(table, sysId)
              .map(row -> Answers.json(200, result(shown(request, table, row))))
              .orElseGet(TableApi::noRecord);
      case "POST table" -> create(request, table);
      case "PUT row", "PATCH row" -> update(request, table, sysId);
      case "DELETE row" -> tables.delete(table, sysId) ? Answers.empty(204) : noRecord();
      default ->
          Answers.error(
              405, "Method not supported", "Method not supported: " + request.getMethod().value());
    };
  }

  private ResponseDefinitionBuilder list(LoggedRequest request, String table) {
    List<Map<String, String>> found =
        new Filter(tables, table)
            .apply(tables.all(table), parameter(request, "sysparm_query").orElse(""));
    int limit = number(request, "sysparm_limit", DEFAULT_LIMIT);
    int offset = number(request, "sysparm_offset", 0);
    ArrayNode page = Answers.JSON.createArrayNode();
    found.stream().skip(offset).limit(limit).forEach(row -> page.add(shown(request, table, row)));
    ResponseDefinitionBuilder answer =
        Answers.json(200, result(page)).withHeader("X-Total-Count", String.valueOf(found.size()));
    if (found.size() > limit && limit > 0) {
      answer.withHeader("Link", links(request, limit, offset, found.size()));
    }
    return answer;
  }

  /** Absolute links, all in one line, as the vendor writes them. */
  private String links(LoggedRequest request, int limit, int offset, int total) {
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

  private String link(LoggedRequest request, int limit, int offset, String relation) {
    String url = request.getUrl();
    int query = url.indexOf('?');
    Stream<String> kept =
        query < 0
            ? Stream.of()
            : Stream.of(url.substring(query + 1).split("&"))
                .filter(pair -> !pair.startsWith("sysparm_limit="))
                .filter(pair -> !pair.startsWith("sysparm_offset="));
    String parameters =
        Stream.concat(kept, Stream.of("sysparm_limit=" + limit, "sysparm_offset=" + offset))
            .collect(Collectors.joining("&"));
    String path = query < 0 ? url : url.substring(0, query);
    return "<" + origin + path + "?" + parameters + ">;rel=\"" + relation + "\"";
  }

  private ResponseDefinitionBuilder create(LoggedRequest request, String table) {
    Optional<Map<String, String>> values = firstRecord(request);
    if (values.isEmpty()) {
      return badBody();
    }
    Map<String, String> row = tables.insert(table, values.get());
    return Answers.json(201, result(shown(request, table, row)))
        .withHeader("Location", origin + "/api/now/table/" + table + "/" + row.get("sys_id"));
  }

  private ResponseDefinitionBuilder update(LoggedRequest request, String table, String sysId) {
    Optional<Map<String, String>> values = firstRecord(request);
    if (values.isEmpty()) {
      return badBody();
    }
    return tables
        .update(table, sysId, values.get())
        .map(row -> Answers.json(200, result(shown(request, table, row))))
        .orElseGet(TableApi::noRecord);
  }

  /** Of several records in a body only the first counts, as at the vendor. */
  private static Optional<Map<String, String>> firstRecord(LoggedRequest request) {
    try {
      JsonNode body = Answers.JSON.readTree(request.getBody());
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

  private ObjectNode shown(LoggedRequest request, String table, Map<String, String> row) {
    Collection<String> fields =
        parameter(request, "sysparm_fields")
            .filter(list -> !list.isEmpty())
            .<Collection<String>>map(list -> List.of(list.split(",")))
            .orElse(row.keySet().stream().sorted().toList());
    ObjectNode shown = Answers.JSON.createObjectNode();
    for (String field : fields) {
      tables
          .walk(table, row, field)
          .ifPresent(value -> shown.set(field, value(request, table, field, value)));
    }
    return shown;
  }

  private JsonNode value(LoggedRequest request, String table, String field, String value) {
    Optional<String> target = tables.reference(table, field);
    String display = target.flatMap(t -> tables.display(t, value)).orElse(value);
    ObjectNode node = Answers.JSON.createObjectNode();
    boolean link =
        target.isPresent()
            && !value.isEmpty()
            && parameter(request, "sysparm_exclude_reference_link")
                .filter("true"::equals)
                .isEmpty();
    if (link) {
      node.put("link", origin + "/api/now/table/" + target.get() + "/" + value);
    }
    switch (parameter(request, "sysparm_display_value").orElse("false")) {
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

  private static ResponseDefinitionBuilder noRecord() {
    return Answers.error(
        404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval");
  }

  private static ResponseDefinitionBuilder badBody() {
    return Answers.error(400, "Invalid request body", "The payload is not valid JSON");
  }

  private static Optional<String> parameter(LoggedRequest request, String name) {
    QueryParameter parameter = request.getQueryParams().get(name);
    return parameter == null || !parameter.isPresent()
        ? Optional.empty()
        : Optional.of(parameter.firstValue());
  }

  private static int number(LoggedRequest request, String name, int otherwise) {
    return parameter(request, name)
        .filter(text -> text.matches("[0-9]{1,9}"))
        .map(Integer::parseInt)
        .orElse(otherwise);
  }
}
