// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import dev.bailiwick.connector.Headers;
import dev.bailiwick.simulator.SimulatedCall;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A call of the REST API.
 *
 * @param request as it arrived, or as a part of a compound request
 * @param method the verb, {@code _HttpMethod} heeded
 * @param version such as {@code v66.0}
 * @param path the segments below the version
 */
record Call(SimulatedCall request, String method, String version, List<String> path) {
  String segment(int index) {
    return index < path.size() ? path.get(index) : "";
  }

  int depth() {
    return path.size();
  }

  Call below(int segments) {
    return new Call(request, method, version, path.subList(segments, path.size()));
  }

  boolean is(String verb) {
    return method.equals(verb);
  }

  /** A part of this call, with the same session. */
  SimulatedCall part(String partMethod, String target, JsonNode body) {
    return new SimulatedCall(
        request.origin(),
        partMethod,
        target,
        Headers.none().with("Content-Type", "application/json"),
        body.isMissingNode() || body.isNull()
            ? new byte[0]
            : JsonMapper.shared().writeValueAsString(body).getBytes(StandardCharsets.UTF_8));
  }

  JsonNode json() {
    try {
      return JsonMapper.shared().readTree(request.body());
    } catch (JacksonException e) {
      throw Problem.json("Unexpected character");
    }
  }

  ObjectNode object() {
    if (json() instanceof ObjectNode object) {
      return object;
    }
    throw Problem.json("The HTTP entity body is required, but this request has no entity body.");
  }

  String require(String parameter) {
    return request
        .parameter(parameter)
        .orElseThrow(
            () ->
                new Problem(
                    400, "MALFORMED_QUERY", "A query string has to be specified: " + parameter));
  }
}
