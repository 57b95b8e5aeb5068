// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.servicenow;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Answers in the vendor's shapes. */
final class Answers {
  static final JsonMapper JSON = JsonMapper.shared();

  private Answers() {}

  static ResponseDefinitionBuilder json(int status, JsonNode body) {
    return new ResponseDefinitionBuilder()
        .withStatus(status)
        .withHeader("Content-Type", "application/json;charset=UTF-8")
        .withBody(JSON.writeValueAsBytes(body));
  }

  static ResponseDefinitionBuilder empty(int status) {
    return new ResponseDefinitionBuilder().withStatus(status);
  }

  static ResponseDefinitionBuilder error(int status, String message, String detail) {
    ObjectNode body = JSON.createObjectNode();
    body.putObject("error").put("message", message).put("detail", detail);
    body.put("status", "failure");
    return json(status, body);
  }

  static ResponseDefinitionBuilder notAuthenticated() {
    return error(401, "User Not Authenticated", "Required to provide Auth information")
        .withHeader("WWW-Authenticate", "BASIC realm=\"Service-now\"");
  }

  static ResponseDefinitionBuilder oauthError(int status, String error, String description) {
    ObjectNode body = JSON.createObjectNode();
    body.put("error_description", description).put("error", error);
    return json(status, body);
  }
}
