// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.workday;

import dev.bailiwick.connector.Action;
import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.SimulatedCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** REST: lists by page, instances with their link, and processes that a POST starts. */
final class RestApi {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Data data;

  RestApi(Data data) {
    this.data = data;
  }

  /**
   * @param base the path up to the tenant
   * @param path the segments below the tenant
   */
  SimulatedAnswer answer(SimulatedCall call, String base, List<String> path) {
    StringBuilder name = new StringBuilder();
    String id = "";
    String owner = "";
    for (int i = 0; i < path.size(); i++) {
      if (i % 2 == 0) {
        name.append(i == 0 ? "" : ".").append(path.get(i));
        owner = id;
        id = "";
      } else {
        id = path.get(i);
      }
    }
    String resource = name.toString();
    if (path.isEmpty() || data.resource(resource).isEmpty()) {
      throw Problem.notFound();
    }
    String link = call.origin() + base.substring(1) + "/" + String.join("/", path);
    return switch (call.method()) {
      case "GET", "HEAD" ->
          id.isEmpty() ? list(call, resource, owner, link) : one(resource, id, link);
      case "POST" -> start(call, resource, owner, link);
      case "PUT", "PATCH" -> change(call, resource, id, link);
      case "DELETE" -> delete(resource, id);
      default -> throw new Problem(405, "S23", "method not allowed");
    };
  }

  private SimulatedAnswer list(SimulatedCall call, String resource, String owner, String link) {
    data.touches().on("rest", resource, Action.READ);
    String search = call.parameter("search").orElse("").toLowerCase(Locale.ROOT);
    List<ObjectNode> rows = new ArrayList<>();
    for (ObjectNode row : data.resource(resource).orElse(List.of())) {
      boolean belongs = owner.isEmpty() || row.path("worker").asString("").equals(owner);
      if (belongs
          && row.path("descriptor").asString("").toLowerCase(Locale.ROOT).contains(search)) {
        rows.add(row);
      }
    }
    int limit = Math.min(100, call.number("limit", 20));
    ObjectNode body = JSON.createObjectNode();
    body.put("total", rows.size());
    ArrayNode page = body.putArray("data");
    rows.stream()
        .skip(call.number("offset", 0))
        .limit(limit)
        .forEach(row -> page.add(shown(resource, row, link + "/" + row.path("id").asString(""))));
    return SimulatedAnswer.json(200, body);
  }

  private SimulatedAnswer one(String resource, String id, String link) {
    data.touches().on("rest", resource, Action.READ);
    ObjectNode row = data.byId(resource, id).orElseThrow(Problem::notFound);
    return SimulatedAnswer.json(200, shown(resource, row, link));
  }

  /** An instance with its link; what it refers to is an instance with a link of its own. */
  private ObjectNode shown(String resource, ObjectNode row, String link) {
    ObjectNode out = JSON.createObjectNode();
    row.properties()
        .forEach(
            e -> {
              Optional<ObjectNode> target =
                  data.reference(resource, e.getKey())
                      .flatMap(other -> data.byId(other, e.getValue().asString("")));
              if (target.isPresent()) {
                String id = target.get().path("id").asString("");
                out.putObject(e.getKey())
                    .put("id", id)
                    .put("descriptor", target.get().path("descriptor").asString(""))
                    .put("href", link.replaceFirst("/" + resource + "/.*", "/workers/" + id));
              } else {
                out.set(e.getKey(), e.getValue());
              }
            });
    return out.put("href", link);
  }

  /** A business process: what it writes, and when, is not for the caller to say. */
  private SimulatedAnswer start(SimulatedCall call, String resource, String owner, String link) {
    ObjectNode row = data.add(resource, body(call), Action.EXECUTE);
    if (!owner.isEmpty()) {
      row.put("worker", owner);
    }
    return SimulatedAnswer.json(
        201, shown(resource, row, link + "/" + row.path("id").asString("")));
  }

  private SimulatedAnswer change(SimulatedCall call, String resource, String id, String link) {
    ObjectNode row = data.byId(resource, id).orElseThrow(Problem::notFound);
    data.touches().on("rest", resource, Action.UPDATE);
    body(call).properties().forEach(e -> row.set(e.getKey(), e.getValue()));
    return SimulatedAnswer.json(200, shown(resource, row, link));
  }

  private SimulatedAnswer delete(String resource, String id) {
    ObjectNode row = data.byId(resource, id).orElseThrow(Problem::notFound);
    data.touches().on("rest", resource, Action.DELETE);
    data.resource(resource).orElseThrow().remove(row);
    return SimulatedAnswer.empty(204);
  }

  private static ObjectNode body(SimulatedCall call) {
    try {
      if (JSON.readTree(call.body()) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException e) {
      throw new Problem(400, "A205", "invalid request body");
    }
    throw new Problem(400, "A205", "invalid request body");
  }
}
