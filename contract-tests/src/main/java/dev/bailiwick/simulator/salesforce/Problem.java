// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import dev.bailiwick.simulator.SimulatedAnswer;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** An error as Salesforce answers it: a status, and an array with code and message. */
final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;
  private final transient List<String> fields;

  Problem(int status, String code, String message, String... fields) {
    super(message, null, false, false);
    this.status = status;
    this.code = code;
    this.fields = List.of(fields);
  }

  static Problem notFound() {
    return new Problem(404, "NOT_FOUND", "The requested resource does not exist");
  }

  static Problem noSuchObject() {
    return new Problem(404, "NOT_FOUND", "The requested resource does not exist");
  }

  static Problem method(String method) {
    return new Problem(
        405, "METHOD_NOT_ALLOWED", "HTTP Method '" + method + "' not allowed. Allowed are others");
  }

  static Problem json(String message) {
    return new Problem(400, "JSON_PARSER_ERROR", message);
  }

  static Problem sessionExpired() {
    return new Problem(401, "INVALID_SESSION_ID", "Session expired or invalid");
  }

  static Problem query(String message) {
    return new Problem(400, "MALFORMED_QUERY", message);
  }

  static Problem field(String field, String object) {
    return new Problem(
        400, "INVALID_FIELD", "No such column '" + field + "' on entity '" + object + "'");
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }

  ArrayNode body() {
    ArrayNode errors = JsonMapper.shared().createArrayNode();
    ObjectNode error = errors.addObject();
    error.put("message", getMessage()).put("errorCode", code);
    if (!fields.isEmpty()) {
      ArrayNode names = error.putArray("fields");
      fields.forEach(names::add);
    }
    return errors;
  }

  SimulatedAnswer answer() {
    return SimulatedAnswer.json(status, body());
  }

  /** The shape of an error inside a save result. */
  ObjectNode inResult() {
    ObjectNode error = JsonMapper.shared().createObjectNode();
    error.put("statusCode", code).put("message", getMessage());
    ArrayNode names = error.putArray("fields");
    fields.forEach(names::add);
    return error;
  }
}
