// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import dev.bailiwick.connector.Action;
import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.SimulatedCall;
import dev.bailiwick.simulator.salesforce.Schema.ObjectType;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /services/data}: finds who answers a call. Guarded by the lock of its org. */
final class DataApi {
  private static final Pattern VERSION = Pattern.compile("v[0-9]{2,3}\\.0");

  private final Records records;
  private final SObjectsApi sobjects;
  private final QueryApi queries;
  private final CompositeApi composite;
  private final BulkApi bulk;
  private final GraphQlApi graphQl;
  private final UiApi uiApi;
  private final UsageLimits limits;

  DataApi(Records records, UsageLimits limits) {
    this.records = records;
    this.limits = limits;
    sobjects = new SObjectsApi(records);
    queries = new QueryApi(records);
    composite = new CompositeApi(this, records);
    bulk = new BulkApi(records);
    graphQl = new GraphQlApi(records);
    uiApi = new UiApi(records);
  }

  QueryApi queries() {
    return queries;
  }

  CompositeApi composite() {
    return composite;
  }

  /** Answers a call, or a part of one. Throws no {@link Problem}. */
  SimulatedAnswer answer(SimulatedCall request) {
    try {
      return routed(request);
    } catch (Problem problem) {
      return problem.answer();
    }
  }

  private SimulatedAnswer routed(SimulatedCall request) {
    List<String> segments = request.segments();
    if (segments.size() < 2
        || !segments.get(0).equals("services")
        || !segments.get(1).equals("data")) {
      throw Problem.notFound();
    }
    if (segments.size() == 2) {
      return versions();
    }
    String version = segments.get(2);
    if (!VERSION.matcher(version).matches()) {
      throw Problem.notFound();
    }
    Call call = new Call(request, verb(request), version, segments.subList(3, segments.size()));
    if (call.depth() == 0) {
      return resources(version);
    }
    Call below = call.below(1);
    return switch (call.segment(0)) {
      case "sobjects" -> sobjects.answer(below);
      case "query" -> queries.query(below, false);
      case "queryAll" -> queries.query(below, true);
      case "search" -> queries.search(below);
      case "parameterizedSearch" -> queries.parameterizedSearch(below);
      case "composite" -> composite.answer(below);
      case "jobs" -> bulk.answer(below);
      case "graphql" -> graphQl.answer(below);
      case "ui-api" -> uiApi.answer(below);
      case "limits" -> limits(below);
      case "recent" -> recent();
      case "actions" -> action(below);
      case "tooling" -> tooling(below);
      default -> throw Problem.notFound();
    };
  }

  /** On a POST, this parameter is the verb, whatever its case. */
  private static String verb(SimulatedCall request) {
    Optional<String> override =
        request.parameters().entrySet().stream()
            .filter(e -> e.getKey().equalsIgnoreCase("_HttpMethod"))
            .map(e -> e.getValue().getLast())
            .findFirst();
    return request.method().equals("POST") && override.isPresent()
        ? override.get().toUpperCase(Locale.ROOT)
        : request.method().equals("HEAD") ? "GET" : request.method();
  }

  private static SimulatedAnswer versions() {
    ArrayNode versions = JsonMapper.shared().createArrayNode();
    for (int number = 56; number <= 66; number++) {
      versions
          .addObject()
          .put("label", "Release " + number)
          .put("url", "/services/data/v" + number + ".0")
          .put("version", number + ".0");
    }
    return SimulatedAnswer.json(200, versions);
  }

  private static SimulatedAnswer resources(String version) {
    ObjectNode resources = JsonMapper.shared().createObjectNode();
    for (String name :
        List.of(
            "sobjects", "query", "queryAll", "search", "composite", "limits", "jobs", "recent")) {
      resources.put(name, "/services/data/" + version + "/" + name);
    }
    return SimulatedAnswer.json(200, resources);
  }

  private SimulatedAnswer limits(Call call) {
    if (call.segment(0).equals("recordCount")) {
      ObjectNode body = JsonMapper.shared().createObjectNode();
      ArrayNode counts = body.putArray("sObjects");
      for (String name : call.request().parameter("sObjects").orElse("").split(",", -1)) {
        records
            .schema()
            .type(name.strip())
            .ifPresent(
                type ->
                    counts
                        .addObject()
                        .put("count", records.all(type, false).size())
                        .put("name", type.name()));
      }
      return SimulatedAnswer.json(200, body);
    }
    return SimulatedAnswer.json(200, limits.describe());
  }

  private SimulatedAnswer recent() {
    ArrayNode rows = JsonMapper.shared().createArrayNode();
    for (ObjectType type : records.schema().types()) {
      records.all(type, false).stream()
          .limit(1)
          .forEach(row -> rows.add(new Soql(records, "v66.0", false).attributes(row)));
    }
    return SimulatedAnswer.json(200, rows);
  }

  /** Flows and standard actions: they are noted, and do nothing else. */
  private SimulatedAnswer action(Call call) {
    String name = String.join(".", call.path()).toLowerCase(Locale.ROOT);
    if (!call.is("POST")) {
      ObjectNode body = JsonMapper.shared().createObjectNode();
      body.putArray("actions");
      return SimulatedAnswer.json(200, body);
    }
    records.touches().on("action", name, Action.EXECUTE);
    ArrayNode results = JsonMapper.shared().createArrayNode();
    ObjectNode result = results.addObject();
    result.put("actionName", call.path().getLast()).putNull("errors");
    result.put("isSuccess", true).putObject("outputValues");
    return SimulatedAnswer.json(200, results);
  }

  /** As at the vendor, a GET runs code. */
  private SimulatedAnswer tooling(Call call) {
    if (!call.segment(0).equalsIgnoreCase("executeAnonymous")) {
      throw Problem.notFound();
    }
    records.touches().on("apex", "anonymous", Action.EXECUTE);
    ObjectNode result = JsonMapper.shared().createObjectNode();
    result.put("line", -1).put("column", -1).put("compiled", true).put("success", true);
    result.putNull("compileProblem").putNull("exceptionMessage").putNull("exceptionStackTrace");
    return SimulatedAnswer.json(200, result);
  }
}
