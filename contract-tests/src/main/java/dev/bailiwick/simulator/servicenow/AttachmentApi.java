// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.servicenow;

import dev.bailiwick.connector.Action;
import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.SimulatedCall;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /api/now/attachment}: files at rows, small ones. {@link LargeFiles} has the others. */
final class AttachmentApi {
  static final String TABLE = "sys_attachment";

  private final Tables tables;
  private final Map<String, byte[]> contents = new ConcurrentHashMap<>();

  AttachmentApi(Tables tables) {
    this.tables = tables;
  }

  Tables tables() {
    return tables;
  }

  SimulatedAnswer answer(SimulatedCall call, List<String> path) {
    String second = path.size() > 1 ? path.get(1) : "";
    if (second.equals("file")) {
      return call.method().equals("POST") && path.size() == 2
          ? upload(call)
          : Answers.error(405, "Method not supported", call.method());
    }
    String sysId = second.toLowerCase(Locale.ROOT);
    return switch (call.method() + " " + path.size()) {
      case "GET 1" -> list(call);
      case "GET 2" -> {
        tables.touches().on("attachment", "metadata", Action.READ);
        yield tables
            .find(TABLE, sysId)
            .map(row -> Answers.result(200, shown(call, row)))
            .orElseGet(AttachmentApi::none);
      }
      case "DELETE 2" -> {
        tables.touches().on("attachment", "file", Action.DELETE);
        contents.remove(sysId);
        yield tables.delete(TABLE, sysId) ? Answers.empty(204) : none();
      }
      case "GET 3" -> download(sysId);
      default -> Answers.error(405, "Method not supported", call.method());
    };
  }

  private SimulatedAnswer list(SimulatedCall call) {
    tables.touches().on("attachment", "metadata", Action.READ);
    ArrayNode out = Answers.JSON.createArrayNode();
    new Filter(tables, TABLE)
        .apply(tables.all(TABLE), call.parameter("sysparm_query").orElse("")).stream()
            .skip(call.number("sysparm_offset", 0))
            .limit(call.number("sysparm_limit", 1000))
            .forEach(row -> out.add(shown(call, row)));
    return Answers.result(200, out);
  }

  private SimulatedAnswer upload(SimulatedCall call) {
    Optional<Map<String, String>> row = add(call, call.body().length);
    if (row.isEmpty()) {
      return Answers.error(400, "Failed to create the attachment", "No such record");
    }
    contents.put(row.get().getOrDefault("sys_id", ""), call.body());
    return created(call, row.get());
  }

  SimulatedAnswer created(SimulatedCall call, Map<String, String> row) {
    return Answers.result(201, shown(call, row))
        .with("Location", Answers.origin(call) + "/api/now/attachment/" + row.get("sys_id"));
  }

  /** Adds the row of a new file; empty when the record that it is for is not there. */
  Optional<Map<String, String>> add(SimulatedCall call, long size) {
    String table = call.parameter("table_name").orElse("").toLowerCase(Locale.ROOT);
    String record = call.parameter("table_sys_id").orElse("").toLowerCase(Locale.ROOT);
    if (tables.find(table, record).isEmpty()) {
      return Optional.empty();
    }
    tables.touches().on("attachment", "file", Action.CREATE);
    tables.touches().on(Tables.FAMILY, table, Action.UPDATE);
    Map<String, String> values = new LinkedHashMap<>();
    values.put("file_name", call.parameter("file_name").orElse("file"));
    values.put("content_type", call.headers().first("content-type").orElse(""));
    values.put("size_bytes", String.valueOf(size));
    values.put("table_name", table);
    values.put("table_sys_id", record);
    return Optional.of(tables.insert(TABLE, values));
  }

  private SimulatedAnswer download(String sysId) {
    byte[] content = contents.get(sysId);
    Optional<Map<String, String>> row = tables.find(TABLE, sysId);
    if (content == null || row.isEmpty()) {
      return none();
    }
    tables.touches().on("attachment", "file", Action.READ);
    return SimulatedAnswer.of(
        200, row.get().getOrDefault("content_type", "application/octet-stream"), content);
  }

  private static ObjectNode shown(SimulatedCall call, Map<String, String> row) {
    ObjectNode out = Answers.JSON.createObjectNode();
    row.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(e -> out.put(e.getKey(), e.getValue()));
    return out.put(
        "download_link",
        Answers.origin(call) + "/api/now/attachment/" + row.get("sys_id") + "/file");
  }

  private static SimulatedAnswer none() {
    return Answers.error(404, "No Record found", "Attachment doesn't exist");
  }
}
