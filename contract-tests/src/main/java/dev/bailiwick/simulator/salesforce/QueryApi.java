// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import dev.bailiwick.connector.Action;
import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.salesforce.Schema.ObjectType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Queries, their pages, and searches. As at the vendor a locator belongs to the user and not to the
 * token, so whoever knows it reads the rest of another one's query.
 */
final class QueryApi {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Pattern LOCATOR = Pattern.compile("(01g[A-Za-z0-9]{15})-([0-9]{1,6})");
  private static final Pattern BATCH_SIZE = Pattern.compile(".*batchSize=([0-9]{1,6}).*");

  private record Kept(ArrayNode rows, int size) {}

  private final Records records;
  private final Map<String, Kept> locators = new HashMap<>();
  private int pageSize = 2000;

  QueryApi(Records records) {
    this.records = records;
  }

  void pageSize(int rows) {
    pageSize = rows;
  }

  void forgetLocators() {
    locators.clear();
  }

  /**
   * @param call with the path below {@code query} or {@code queryAll}
   */
  SimulatedAnswer query(Call call, boolean deletedToo) {
    if (!call.is("GET")) {
      throw Problem.method(call.method());
    }
    if (call.depth() == 1) {
      return page(call, call.segment(0));
    }
    Optional<String> explain = call.request().parameter("explain");
    if (explain.isPresent()) {
      return explain(call, explain.get());
    }
    Soql.Result result = new Soql(records, call.version(), deletedToo).run(call.require("q"));
    int size = batchSize(call);
    if (result.records().size() <= size) {
      return page(call, result.records(), result.total(), 0, result.records().size(), "");
    }
    String locator = Ids.of("01g", locators.size() + 1);
    locators.put(locator, new Kept(result.records(), size));
    return page(call, result.records(), result.total(), 0, size, locator);
  }

  private int batchSize(Call call) {
    Matcher asked =
        BATCH_SIZE.matcher(call.request().headers().first("sforce-query-options").orElse(""));
    return asked.matches()
        ? Math.min(pageSize, Math.max(200, Integer.parseInt(asked.group(1))))
        : pageSize;
  }

  private SimulatedAnswer page(Call call, String segment) {
    Matcher locator = LOCATOR.matcher(segment);
    if (!locator.matches() || !locators.containsKey(locator.group(1))) {
      throw new Problem(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
    }
    Kept kept = locators.get(locator.group(1));
    int from = Math.min(Integer.parseInt(locator.group(2)), kept.rows().size());
    kept.rows().forEach(row -> shown(records, row));
    return page(call, kept.rows(), kept.rows().size(), from, kept.size(), locator.group(1));
  }

  /** Notes what a row that was kept shows now, with the rows above and below it. */
  static void shown(Records records, JsonNode row) {
    String type = row.path("attributes").path("type").asString("");
    if (!type.isEmpty() && !type.equals("AggregateResult")) {
      records.touches().on(Records.FAMILY, type, Action.READ);
      fieldsShown(records, type, row);
    }
  }

  /** A row above one that is only on the way to another shows no field of its own. */
  private static void fieldsShown(Records records, String type, JsonNode row) {
    for (Map.Entry<String, JsonNode> member : row.properties()) {
      JsonNode value = member.getValue();
      if (!value.isObject()) {
        records.touches().field(Records.FAMILY, type, Action.READ, member.getKey());
      } else if (value.has("records")) {
        value.path("records").forEach(child -> shown(records, child));
      } else if (!member.getKey().equals("attributes")) {
        fieldsShown(records, value.path("attributes").path("type").asString(""), value);
      }
    }
  }

  private static SimulatedAnswer page(
      Call call, ArrayNode rows, int total, int from, int size, String locator) {
    int to = Math.min(rows.size(), from + size);
    ObjectNode body = JSON.createObjectNode();
    body.put("totalSize", total).put("done", to >= rows.size());
    if (to < rows.size()) {
      body.put(
          "nextRecordsUrl", "/services/data/" + call.version() + "/query/" + locator + "-" + to);
    }
    ArrayNode page = body.putArray("records");
    for (int i = from; i < to; i++) {
      page.add(rows.get(i));
    }
    return SimulatedAnswer.json(200, body);
  }

  private SimulatedAnswer explain(Call call, String query) {
    int rows = new Soql(records, call.version(), false).run(query).total();
    ObjectNode body = JSON.createObjectNode();
    body.putArray("plans")
        .addObject()
        .put("cardinality", rows)
        .put("leadingOperationType", "TableScan")
        .put("relativeCost", 1.0);
    return SimulatedAnswer.json(200, body);
  }

  SimulatedAnswer search(Call call) {
    ObjectNode body = JSON.createObjectNode();
    body.set("searchRecords", new Sosl(records, call.version()).run(call.require("q")));
    return SimulatedAnswer.json(200, body);
  }

  SimulatedAnswer parameterizedSearch(Call call) {
    Sosl sosl = new Sosl(records, call.version());
    ArrayNode found = JSON.createArrayNode();
    if (call.is("POST")) {
      JsonNode search = call.object();
      for (JsonNode object : search.path("sobjects")) {
        ObjectType type = records.schema().require(object.path("name").asString(""));
        sosl.find(search.path("q").asString(""), type, texts(object.path("fields")), found);
      }
    } else {
      String fields = call.request().parameter("fields").orElse("Id");
      for (String name : call.request().parameters().getOrDefault("sobject", List.of())) {
        sosl.find(
            call.require("q"),
            records.schema().require(name),
            List.of(call.request().parameter(name + ".fields").orElse(fields).split(",", -1)),
            found);
      }
    }
    ObjectNode body = JSON.createObjectNode();
    body.set("searchRecords", found);
    return SimulatedAnswer.json(200, body);
  }

  private static List<String> texts(JsonNode array) {
    return array.isEmpty()
        ? List.of("Id")
        : array.valueStream().map(each -> each.asString("")).toList();
  }
}
