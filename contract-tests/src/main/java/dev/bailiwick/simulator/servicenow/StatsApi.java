// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.servicenow;

import dev.bailiwick.connector.Action;
import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.SimulatedCall;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /api/now/stats}: counts, sums, averages, least and greatest, by group. No HAVING. */
final class StatsApi {
  private final Tables tables;

  StatsApi(Tables tables) {
    this.tables = tables;
  }

  SimulatedAnswer answer(SimulatedCall call, String table) {
    if (!call.method().equals("GET")) {
      return Answers.error(405, "Method not supported", call.method());
    }
    if (!tables.exists(table) || tables.isForbidden(table)) {
      return Answers.error(400, "Invalid table " + table, "");
    }
    tables.touches().on(Tables.FAMILY, table, Action.READ);
    List<Map<String, String>> rows =
        new Filter(tables, table)
            .apply(tables.all(table), call.parameter("sysparm_query").orElse(""));
    List<String> groupBy = list(call, "sysparm_group_by");
    if (groupBy.isEmpty()) {
      return Answers.result(200, stats(call, table, rows));
    }
    Map<List<String>, List<Map<String, String>>> groups = new LinkedHashMap<>();
    for (Map<String, String> row : rows) {
      List<String> key =
          groupBy.stream().map(field -> tables.walk(table, row, field).orElse("")).toList();
      groups.computeIfAbsent(key, k -> new ArrayList<>()).add(row);
    }
    ArrayNode out = Answers.JSON.createArrayNode();
    groups.forEach(
        (key, members) -> {
          ObjectNode group = stats(call, table, members);
          ArrayNode fields = group.putArray("groupby_fields");
          for (int i = 0; i < groupBy.size(); i++) {
            fields.addObject().put("field", groupBy.get(i)).put("value", key.get(i));
          }
          out.add(group);
        });
    return Answers.result(200, out);
  }

  private ObjectNode stats(SimulatedCall call, String table, List<Map<String, String>> rows) {
    ObjectNode out = Answers.JSON.createObjectNode();
    ObjectNode stats = out.putObject("stats");
    if (call.parameter("sysparm_count").filter("true"::equals).isPresent()) {
      stats.put("count", String.valueOf(rows.size()));
    }
    figure(call, table, rows, stats, "sum", Double::sum);
    figure(call, table, rows, stats, "min", Math::min);
    figure(call, table, rows, stats, "max", Math::max);
    for (String field : list(call, "sysparm_avg_fields")) {
      List<Double> values = numbers(table, rows, field);
      double sum = values.stream().mapToDouble(Double::doubleValue).sum();
      group(stats, "avg").put(field, values.isEmpty() ? "" : String.valueOf(sum / values.size()));
    }
    return out;
  }

  private void figure(
      SimulatedCall call,
      String table,
      List<Map<String, String>> rows,
      ObjectNode stats,
      String name,
      BinaryOperator<Double> join) {
    for (String field : list(call, "sysparm_" + name + "_fields")) {
      Optional<Double> figure = numbers(table, rows, field).stream().reduce(join);
      group(stats, name).put(field, figure.map(String::valueOf).orElse(""));
    }
  }

  private static ObjectNode group(ObjectNode stats, String name) {
    return stats.path(name) instanceof ObjectNode known ? known : stats.putObject(name);
  }

  private List<Double> numbers(String table, List<Map<String, String>> rows, String field) {
    return rows.stream()
        .map(row -> tables.walk(table, row, field).orElse(""))
        .filter(value -> value.matches("-?[0-9]+(\\.[0-9]+)?"))
        .map(Double::parseDouble)
        .toList();
  }

  private static List<String> list(SimulatedCall call, String name) {
    return call.parameter(name)
        .filter(text -> !text.isEmpty())
        .map(text -> List.of(text.split(",", -1)))
        .orElse(List.of());
  }
}
