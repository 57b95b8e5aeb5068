// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.workday;

import dev.bailiwick.connector.Action;
import dev.bailiwick.simulator.Csv;
import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.SimulatedCall;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Custom reports as a service, as JSON, XML or CSV. A prompt keeps the rows that have its value.
 */
final class ReportApi {
  private final Data data;

  ReportApi(Data data) {
    this.data = data;
  }

  SimulatedAnswer answer(SimulatedCall call, String owner, String report) {
    if (!call.method().equals("GET")) {
      throw new Problem(405, "S23", "method not allowed");
    }
    List<ObjectNode> all = data.report(owner + "/" + report).orElseThrow(Problem::notFound);
    data.touches().on("raas", owner + "." + report, Action.READ);
    List<ObjectNode> rows =
        all.stream()
            .filter(
                row ->
                    call.parameters().entrySet().stream()
                        .filter(prompt -> row.has(prompt.getKey()))
                        .allMatch(
                            prompt ->
                                prompt.getValue().contains(row.path(prompt.getKey()).asString(""))))
            .toList();
    return switch (call.parameter("format").orElse("xml")) {
      case "json" -> json(rows);
      case "csv" -> SimulatedAnswer.text(200, "text/csv;charset=UTF-8", Csv.write(texts(rows)));
      default -> xml(report, rows);
    };
  }

  private static List<Map<String, String>> texts(List<ObjectNode> rows) {
    return rows.stream()
        .map(
            row -> {
              Map<String, String> line = new LinkedHashMap<>();
              row.properties().forEach(e -> line.put(e.getKey(), e.getValue().asString("")));
              return line;
            })
        .toList();
  }

  private static SimulatedAnswer json(List<ObjectNode> rows) {
    ObjectNode body = JsonMapper.shared().createObjectNode();
    ArrayNode entries = body.putArray("Report_Entry");
    entries.addAll(rows);
    return SimulatedAnswer.json(200, body);
  }

  private static SimulatedAnswer xml(String report, List<ObjectNode> rows) {
    StringBuilder xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml.append("<wd:Report_Data xmlns:wd=\"urn:com.workday.report/").append(report).append("\">");
    for (Map<String, String> line : texts(rows)) {
      xml.append("<wd:Report_Entry>");
      line.forEach(
          (name, value) ->
              xml.append("<wd:" + name + ">")
                  .append(Xml.escaped(value))
                  .append("</wd:" + name + ">"));
      xml.append("</wd:Report_Entry>");
    }
    return SimulatedAnswer.text(
        200, "text/xml;charset=UTF-8", xml.append("</wd:Report_Data>").toString());
  }
}
