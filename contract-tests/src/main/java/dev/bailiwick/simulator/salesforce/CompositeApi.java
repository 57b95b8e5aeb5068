// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import dev.bailiwick.simulator.SimulatedAnswer;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /composite}: every part is really carried out, in order, with the session of the whole.
 * Guarded by the lock of its org.
 */
final class CompositeApi {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final DataApi api;
  private final Records records;
  private final CollectionsApi collections;
  private int partsUntilExpiry = -1;
  private Runnable expiry = () -> {};

  CompositeApi(DataApi api, Records records) {
    this.api = api;
    this.records = records;
    collections = new CollectionsApi(records);
  }

  /** Lets the session end inside the next compound request, after so many of its parts. */
  void expireAfter(int parts, Runnable endSessions) {
    partsUntilExpiry = parts;
    expiry = endSessions;
  }

  /**
   * @param call with the path below {@code composite}
   */
  SimulatedAnswer answer(Call call) {
    if (call.segment(0).equals("sobjects")) {
      return collections.answer(call.below(1));
    }
    if (!call.is("POST")) {
      throw Problem.method(call.method());
    }
    SimulatedAnswer answer =
        switch (call.segment(0)) {
          case "" -> composite(call);
          case "batch" -> batch(call);
          case "graph" -> graph(call);
          case "tree" -> new TreeApi(records).answer(call.below(1));
          default -> throw Problem.notFound();
        };
    if (partsUntilExpiry == 0) {
      partsUntilExpiry = -1;
      expiry.run();
    }
    return answer.with("Content-Length", String.valueOf(answer.body().length));
  }

  private SimulatedAnswer composite(Call call) {
    ObjectNode request = call.object();
    JsonNode parts = request.path("compositeRequest");
    if (!parts.isArray() || parts.size() > 25) {
      throw new Problem(
          400, "INVALID_INPUT", "compositeRequest is missing or holds more than 25 subrequests");
    }
    ObjectNode body = JSON.createObjectNode();
    body.set(
        "compositeResponse", parts(call, parts, request.path("allOrNone").asBoolean(false)).list());
    return SimulatedAnswer.json(200, body);
  }

  private record Parts(ArrayNode list, boolean good) {}

  private Parts parts(Call call, JsonNode parts, boolean allOrNone) {
    Map<String, Row> before = records.snapshot();
    References references = new References();
    ArrayNode answers = JSON.createArrayNode();
    boolean good = true;
    for (JsonNode part : parts) {
      SimulatedAnswer answer =
          allOrNone && !good
              ? halted()
              : part(
                  call,
                  part.path("method").asString(""),
                  part.path("url").asString(""),
                  part.path("body"),
                  references);
      good &= answer.isGood();
      String name = part.path("referenceId").asString("");
      JsonNode body = json(answer);
      references.add(name, body, answer.isGood());
      ObjectNode shown = answers.addObject();
      shown.set("body", body);
      ObjectNode headers = shown.putObject("httpHeaders");
      answer.headers().first("location").ifPresent(value -> headers.put("Location", value));
      shown.put("httpStatusCode", answer.status()).put("referenceId", name);
    }
    if (allOrNone && !good) {
      records.restore(before);
      for (JsonNode each : answers) {
        if (each.path("httpStatusCode").asInt(0) < 300) {
          ((ObjectNode) each).put("httpStatusCode", 400).set("body", json(halted()));
        }
      }
    }
    return new Parts(answers, good);
  }

  private static SimulatedAnswer halted() {
    return new Problem(
            400,
            "PROCESSING_HALTED",
            "The transaction was rolled back since another operation in the same transaction failed.")
        .answer();
  }

  private SimulatedAnswer part(
      Call call, String method, String url, JsonNode body, References references) {
    if (partsUntilExpiry == 0) {
      return Problem.sessionExpired().answer();
    }
    if (partsUntilExpiry > 0) {
      partsUntilExpiry--;
    }
    if (!List.of("GET", "POST", "PUT", "PATCH", "DELETE").contains(method)) {
      return new Problem(400, "INVALID_HTTP_METHOD", "HTTP method is not valid: " + method)
          .answer();
    }
    try {
      return api.answer(call.part(method, references.text(url), references.body(body)));
    } catch (Problem problem) {
      return problem.answer();
    }
  }

  private static JsonNode json(SimulatedAnswer answer) {
    return answer.body().length == 0 ? JSON.nullNode() : JSON.readTree(answer.body());
  }

  private SimulatedAnswer batch(Call call) {
    ObjectNode request = call.object();
    boolean halt = request.path("haltOnError").asBoolean(false);
    ObjectNode body = JSON.createObjectNode();
    ArrayNode results = JSON.createArrayNode();
    boolean errors = false;
    for (JsonNode part : request.path("batchRequests")) {
      SimulatedAnswer answer =
          halt && errors
              ? new Problem(412, "BATCH_PROCESSING_HALTED", "Batch processing halted").answer()
              : part(
                  call,
                  part.path("method").asString(""),
                  "/services/data/" + part.path("url").asString(""),
                  part.path("richInput"),
                  new References());
      errors |= !answer.isGood();
      ObjectNode result = results.addObject();
      result.put("statusCode", answer.status());
      result.set("result", json(answer));
    }
    body.put("hasErrors", errors);
    body.set("results", results);
    return SimulatedAnswer.json(200, body);
  }

  /** Each graph is carried out as a whole or not at all. */
  private SimulatedAnswer graph(Call call) {
    ObjectNode body = JSON.createObjectNode();
    ArrayNode graphs = body.putArray("graphs");
    for (JsonNode graph : call.object().path("graphs")) {
      Parts parts = parts(call, graph.path("compositeRequest"), true);
      ObjectNode shown = graphs.addObject();
      shown.put("graphId", graph.path("graphId").asString(""));
      shown.putObject("graphResponse").set("compositeResponse", parts.list());
      shown.put("isSuccessful", parts.good());
    }
    return SimulatedAnswer.json(200, body);
  }
}
