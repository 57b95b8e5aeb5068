// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import static dev.bailiwick.connector.salesforce.Footprint.DELETED;
import static dev.bailiwick.connector.salesforce.Footprint.RELATIONSHIP;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.Handle;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RowBound;
import dev.bailiwick.connector.salesforce.Footprint.Touched;
import dev.bailiwick.connector.salesforce.Resource.Answer;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Bulk API 2.0 below {@code /jobs}. The request that makes a job says what it will do; every later
 * one names the job and counts as doing the same.
 */
final class Jobs {
  private static final String INGEST = "ingest";
  private static final Set<String> STATES = Set.of("UploadComplete", "Aborted");
  private static final Set<String> RESULTS =
      Set.of("successfulResults", "failedResults", "unprocessedrecords", "unprocessedRecords");

  private Jobs() {}

  /**
   * @param call with the path below {@code jobs}
   */
  static Resource resource(Call call) {
    if (call.ends() || !Set.of(INGEST, "query").contains(call.segment(0))) {
      throw call.unknownPath();
    }
    boolean ingest = call.segment(0).equals(INGEST);
    Call below = call.below();
    if (below.ends()) {
      if (below.is("GET")) {
        throw MalformedRequestException.forbidden(
            "the list of jobs shows those of every agent: ask for a job by its id");
      }
      below.require("POST");
      below.parameters().requireNoMore();
      return Resource.withBody(
          Answer.JOB, body -> ingest ? ingest(below, body) : query(below, body));
    }
    Handle job = Handles.job(below.segment(0)).orElseThrow(below::unknownPath);
    Call ofJob = below.below();
    return ofJob.ends()
        ? itself(ofJob, job)
        : ingest ? ingestPart(ofJob, job) : queryResults(ofJob, job);
  }

  private static Resource itself(Call call, Handle job) {
    call.parameters().requireNoMore();
    return switch (call.verb()) {
      case "GET", "DELETE" -> Resource.using(job, BodyUse.NONE, Answer.JSON);
      case "PATCH" ->
          new Resource(
              BodyUse.READ,
              body -> {
                requireState(body);
                return Reading.using(job);
              },
              Answer.JSON);
      default -> throw call.wrongVerb();
    };
  }

  private static void requireState(JsonValue body) {
    Members change = Members.of(body, "the body");
    String state = change.requireText("state");
    change.requireNoMore();
    if (!STATES.contains(state)) {
      throw MalformedRequestException.unknown(
          "the state of a job can become UploadComplete or Aborted, nothing else");
    }
  }

  /** The rows of a job, and what became of them. */
  private static Resource ingestPart(Call call, Handle job) {
    if (call.depth() != 1) {
      throw call.unknownPath();
    }
    call.parameters().requireNoMore();
    if (call.segment(0).equals("batches")) {
      call.require("PUT");
      return Resource.using(job, BodyUse.STREAM, Answer.OPAQUE);
    }
    if (!RESULTS.contains(call.segment(0))) {
      throw call.unknownPath();
    }
    call.require("GET");
    return Resource.using(job, BodyUse.NONE, Answer.OPAQUE);
  }

  /** A locator here only moves within the results of the job. */
  private static Resource queryResults(Call call, Handle job) {
    if (call.depth() != 1 || !call.segment(0).equals("results")) {
      throw call.unknownPath();
    }
    call.require("GET");
    call.parameters().ignore("locator", "maxRecords").requireNoMore();
    return Resource.using(job, BodyUse.NONE, Answer.OPAQUE);
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
    if (actions.contains(Action.CREATE) || actions.contains(Action.UPDATE)) {
      // A column may name a parent by another of its fields, whichever it is.
      footprint.on(RELATIONSHIP, object + ".lookups", Action.READ).shows(RowBound.none());
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
