// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.report;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads what {@code http-logger} posts: one entry, or an array of them. */
final class ReportReader {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /**
   * How one request ended.
   *
   * @param request nginx's id of it
   * @param status of the upstream; empty when it gave none
   */
  record Report(String request, OptionalInt status) {}

  private ReportReader() {}

  /**
   * @throws IllegalArgumentException when an entry says no request, or a status that is none
   */
  static List<Report> read(byte[] json) {
    JsonNode root;
    try {
      root = MAPPER.readTree(json);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("a report must be JSON");
    }
    List<Report> reports = new ArrayList<>();
    for (JsonNode entry : root.isArray() ? root : List.of(root)) {
      JsonNode request = entry.path("request");
      if (!request.isString() || request.stringValue().isEmpty()) {
        throw new IllegalArgumentException("a report must say its request, a string");
      }
      reports.add(new Report(request.stringValue(), status(entry.path("status"))));
    }
    return reports;
  }

  /** nginx lists one status for every upstream that it tried, the last one counts. */
  private static OptionalInt status(JsonNode status) {
    if (status.isMissingNode() || status.isNull()) {
      return OptionalInt.empty();
    }
    String text =
        status.isIntegralNumber()
            ? status.asString()
            : status.isString() ? status.stringValue() : "?";
    String last =
        text.substring(Math.max(text.lastIndexOf(','), text.lastIndexOf(':')) + 1).strip();
    if (last.isEmpty() || last.equals("-")) {
      return OptionalInt.empty();
    }
    if (!last.matches("[1-5][0-9][0-9]")) {
      throw new IllegalArgumentException("the status of a report must be one of HTTP");
    }
    return OptionalInt.of(Integer.parseInt(last));
  }
}
