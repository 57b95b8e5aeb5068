// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import static dev.bailiwick.connector.salesforce.Footprint.DELETED;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.salesforce.Call.Setting;
import dev.bailiwick.connector.salesforce.Footprint.Touched;
import dev.bailiwick.connector.salesforce.Footprint.Use;
import dev.bailiwick.connector.salesforce.Resource.Answer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Queries and searches, at once or as a bulk job. */
final class Queries {
  private static final String LATER_PAGES =
      "later pages of a query carry no query, and the stored credential is shared: until locators are"
          + " bound to the agent that made the query they are denied. Ask for fewer rows, or for"
          + " the rows after the last id";

  private static final String LATER_CALLS =
      "later calls of a job name neither object nor operation, and the stored credential is shared:"
          + " until jobs are bound to the agent that made them they are denied. Use"
          + " composite/sobjects or a query";

  private Queries() {}

  /** {@code /query}, {@code /queryAll}. */
  static Resource soql(Call call, boolean deletedToo) {
    if (!call.ends()) {
      throw MalformedRequestException.forbidden(LATER_PAGES);
    }
    call.require("GET");
    Optional<String> plan = call.parameters().take("explain");
    String query = plan.isPresent() ? plan.get() : call.parameters().require("q");
    call.parameters().requireNoMore();
    return Resource.withoutBody(
        Answer.RECORDS,
        () -> {
          Footprint footprint = call.footprint();
          if (call.setting() == Setting.ITSELF) {
            Soql.read(query, footprint);
          } else {
            Soql.readReferable(query, footprint);
          }
          if (deletedToo) {
            footprint.includeDeleted();
          }
          return footprint;
        });
  }

  /** {@code /search}. */
  static Resource sosl(Call call) {
    if (!call.ends()) {
      throw call.unknownPath();
    }
    call.require("GET");
    String search = call.parameters().require("q");
    call.parameters().requireNoMore();
    return Resource.withoutBody(
        Answer.JSON,
        () -> {
          Footprint footprint = call.footprint();
          Sosl.read(search, footprint);
          return footprint;
        });
  }

  /** {@code /parameterizedSearch}: as with SOSL, an object that is searched is read whole. */
  static Resource parameterizedSearch(Call call) {
    if (!call.ends()) {
      throw call.unknownPath();
    }
    return switch (call.verb()) {
      case "GET" -> searchByParameters(call);
      case "POST" -> {
        call.parameters().requireNoMore();
        yield Resource.withBody(Answer.JSON, body -> searchByBody(call, body));
      }
      default -> throw call.wrongVerb();
    };
  }

  private static Resource searchByParameters(Call call) {
    Parameters parameters = call.parameters();
    parameters.require("q");
    parameters.ignore(
        "in", "offset", "defaultLimit", "overallLimit", "spellCorrection", "metadata");
    List<String> fields = new ArrayList<>();
    parameters.take("fields").ifPresent(fields::add);
    Map<String, List<String>> objects = new LinkedHashMap<>();
    for (String name : parameters.takeAll("sobject")) {
      List<String> own = new ArrayList<>(fields);
      parameters.take(name + ".fields").ifPresent(own::add);
      parameters.ignore(name + ".limit", name + ".offset");
      objects.computeIfAbsent(ApiName.object(name), object -> new ArrayList<>()).addAll(own);
    }
    parameters.requireNoMore();
    return Resource.withoutBody(
        Answer.JSON,
        () -> {
          Footprint footprint = call.footprint();
          objects.forEach((object, lists) -> searched(footprint, object, lists));
          requireObjects(objects.size());
          return footprint;
        });
  }

  private static List<Operation> searchByBody(Call call, JsonValue body) {
    Members search = Members.of(body, "the body");
    search.requireText("q");
    search.ignore("in", "offset", "defaultLimit", "overallLimit", "spellCorrection", "metadata");
    List<String> fields = search.takeTexts("fields");
    List<JsonValue> objects =
        search.take("sobjects").isPresent() ? search.requireArray("sobjects") : List.of();
    search.requireNoMore();
    requireObjects(objects.size());
    Footprint footprint = call.footprint();
    for (JsonValue item : objects) {
      Members object = Members.of(item, "an item of sobjects");
      String name = ApiName.object(object.requireText("name"));
      List<String> lists = new ArrayList<>(fields);
      lists.addAll(object.takeTexts("fields"));
      object.ignore("limit");
      searched(footprint, name, lists);
      object
          .takeText("where")
          .ifPresent(where -> Soql.read("SELECT Id FROM " + name + " WHERE " + where, footprint));
      object
          .takeText("orderBy")
          .ifPresent(by -> Soql.read("SELECT Id FROM " + name + " ORDER BY " + by, footprint));
      object.requireNoMore();
    }
    return footprint.operations();
  }

  private static void searched(Footprint footprint, String object, List<String> fieldLists) {
    Rows rows = Rows.of(footprint, object);
    rows.everything();
    fieldLists.stream()
        .flatMap(list -> Records.paths(list).stream())
        .forEach(path -> rows.field(path, Use.READ));
  }

  private static void requireObjects(int count) {
    if (count == 0) {
      throw MalformedRequestException.forbidden(
          "a search that names no object reaches every object: name those that are wanted");
    }
  }

  /** {@code /jobs}: the call that makes a job says what it will do; no other call does. */
  static Resource jobs(Call call) {
    if (call.depth() != 1 || !call.is("POST")) {
      throw MalformedRequestException.forbidden(LATER_CALLS);
    }
    call.parameters().requireNoMore();
    return switch (call.segment(0)) {
      case "ingest" -> Resource.withBody(Answer.JSON, body -> ingest(call, body));
      case "query" -> Resource.withBody(Answer.JSON, body -> query(call, body));
      default -> throw call.unknownPath();
    };
  }

  /** The rows come later, in a file, so every field counts as touched. */
  private static List<Operation> ingest(Call call, JsonValue body) {
    Members job = Members.of(body, "the body");
    job.ignore("contentType", "lineEnding", "columnDelimiter", "assignmentRuleId");
    String object = ApiName.object(job.requireText("object"));
    String operation = job.requireText("operation");
    Optional<String> key = job.takeText("externalIdFieldName").map(ApiName::field);
    job.requireNoMore();
    List<Action> actions =
        switch (operation) {
          case "insert" -> List.of(Action.CREATE);
          case "update" -> List.of(Action.UPDATE);
          case "upsert" -> List.of(Action.CREATE, Action.UPDATE);
          case "delete", "hardDelete" -> List.of(Action.DELETE);
          default ->
              throw MalformedRequestException.unknown(
                  "the operation of the job is not one that is known");
        };
    Footprint footprint = call.footprint();
    for (Action action : actions) {
      Touched touched = footprint.onObject(object, action).all();
      key.ifPresent(touched::filters);
    }
    if (operation.equals("hardDelete")) {
      footprint.on(DELETED, object, Action.DELETE);
    }
    return footprint.operations();
  }

  private static List<Operation> query(Call call, JsonValue body) {
    Members job = Members.of(body, "the body");
    job.ignore("contentType", "lineEnding", "columnDelimiter");
    String operation = job.requireText("operation");
    String query = job.requireText("query");
    job.requireNoMore();
    Footprint footprint = call.footprint();
    Soql.read(query, footprint);
    switch (operation) {
      case "query" -> {}
      case "queryAll" -> footprint.includeDeleted();
      default ->
          throw MalformedRequestException.unknown(
              "the operation of the job is not one that is known");
    }
    return footprint.operations();
  }
}
