// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.servicenow;

import dev.bailiwick.connector.Headers;
import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.SimulatedCall;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /api/now/batch}: every inner request is carried out with the session of the whole,
 * whatever API it is for.
 */
final class BatchApi {
  private BatchApi() {}

  static SimulatedAnswer answer(SimulatedCall call, Instance instance) {
    if (!call.method().equals("POST")) {
      return Answers.error(405, "Method not supported", call.method());
    }
    JsonNode batch;
    try {
      batch = Answers.JSON.readTree(call.body());
    } catch (JacksonException e) {
      return Answers.error(400, "Invalid request body", "The payload is not valid JSON");
    }
    ObjectNode body = Answers.JSON.createObjectNode();
    body.put("batch_request_id", batch.path("batch_request_id").asString(""));
    ArrayNode serviced = body.putArray("serviced_requests");
    for (JsonNode each : batch.path("rest_requests")) {
      serviced.add(serviced(each, instance.routed(inner(call, each))));
    }
    body.putArray("unserviced_requests");
    return Answers.json(200, body);
  }

  private static SimulatedCall inner(SimulatedCall outer, JsonNode request) {
    List<Headers.Field> fields = new ArrayList<>();
    for (JsonNode header : request.path("headers")) {
      fields.add(
          new Headers.Field(
              header.path("name").asString("x-none"), header.path("value").asString("")));
    }
    return new SimulatedCall(
        outer.origin(),
        request.path("method").asString("GET"),
        request.path("url").asString("/"),
        Headers.of(fields),
        decoded(request.path("body").asString("")));
  }

  private static byte[] decoded(String body) {
    try {
      return Base64.getDecoder().decode(body);
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }

  private static ObjectNode serviced(JsonNode request, SimulatedAnswer answer) {
    ObjectNode out = Answers.JSON.createObjectNode();
    out.put("id", request.path("id").asString(""));
    out.put("body", Base64.getEncoder().encodeToString(answer.body()));
    out.put("status_code", answer.status());
    out.put("status_text", answer.isGood() ? "OK" : "Error");
    if (!request.path("exclude_response_headers").asBoolean(false)) {
      ArrayNode headers = out.putArray("headers");
      answer
          .headers()
          .forEach((name, value) -> headers.addObject().put("name", name).put("value", value));
    }
    return out.put("execution_time", 1);
  }
}
