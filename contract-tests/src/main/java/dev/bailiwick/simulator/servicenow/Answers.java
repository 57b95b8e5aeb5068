// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.servicenow;

import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.SimulatedCall;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Answers in the vendor's shapes. */
final class Answers {
  static final JsonMapper JSON = JsonMapper.shared();

  private Answers() {}

  static SimulatedAnswer json(int status, JsonNode body) {
    return SimulatedAnswer.json(status, body);
  }

  /** {@code {"result": …}}. */
  static SimulatedAnswer result(int status, JsonNode content) {
    ObjectNode body = JSON.createObjectNode();
    body.set("result", content);
    return json(status, body);
  }

  /** Where the caller found this instance; links lead there. */
  static String origin(SimulatedCall call) {
    String origin = call.origin().toString();
    return origin.endsWith("/") ? origin.substring(0, origin.length() - 1) : origin;
  }

  static SimulatedAnswer empty(int status) {
    return SimulatedAnswer.empty(status);
  }

  static SimulatedAnswer error(int status, String message, String detail) {
    ObjectNode body = JSON.createObjectNode();
    body.putObject("error").put("message", message).put("detail", detail);
    body.put("status", "failure");
    return json(status, body);
  }

  static SimulatedAnswer notAuthenticated() {
    return error(401, "User Not Authenticated", "Required to provide Auth information")
        .with("WWW-Authenticate", "BASIC realm=\"Service-now\"");
  }

  static SimulatedAnswer oauthError(int status, String error, String description) {
    ObjectNode body = JSON.createObjectNode();
    body.put("error_description", description).put("error", error);
    return json(status, body);
  }
}
