// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import dev.bailiwick.simulator.Csv;
import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.salesforce.Schema.ObjectType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Bulk API 2.0. A job runs as soon as its upload is complete. Like a query locator, a job belongs
 * to the user: whoever knows its id can work with it.
 */
final class BulkApi {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String CSV = "text/csv";

  private static final class Job {
    private final ObjectNode shown;
    private String upload = "";
    private final List<Map<String, String>> successful = new ArrayList<>();
    private final List<Map<String, String>> failed = new ArrayList<>();
    private ArrayNode rows = JSON.createArrayNode();

    Job(ObjectNode shown) {
      this.shown = shown;
    }

    String text(String member) {
      return shown.path(member).asString("");
    }
  }

  private final Records records;
  private final Map<String, Job> jobs = new LinkedHashMap<>();

  BulkApi(Records records) {
    this.records = records;
  }

  /**
   * @param call with the path below {@code jobs}
   */
  SimulatedAnswer answer(Call call) {
    boolean ingest = call.segment(0).equals("ingest");
    if (!ingest && !call.segment(0).equals("query")) {
      throw Problem.notFound();
    }
    Call below = call.below(1);
    if (below.depth() == 0) {
      return below.is("POST") ? create(below, ingest) : list();
    }
    Job job = Optional.ofNullable(jobs.get(key(below.segment(0)))).orElseThrow(Problem::notFound);
    return switch (below.method() + " " + below.segment(1)) {
      case "GET " -> SimulatedAnswer.json(200, job.shown);
      case "PATCH " -> state(below, job);
      case "DELETE " -> {
        jobs.remove(key(below.segment(0)));
        yield SimulatedAnswer.empty(204);
      }
      case "PUT batches" -> {
        job.upload += below.request().text();
        yield SimulatedAnswer.empty(201);
      }
      case "GET successfulResults" -> csv(job.successful);
      case "GET failedResults" -> csv(job.failed);
      case "GET unprocessedrecords" -> csv(List.of());
      case "GET results" -> results(below, job);
      default -> throw Problem.method(below.method());
    };
  }

  private SimulatedAnswer list() {
    ObjectNode body = JSON.createObjectNode();
    body.put("done", true);
    ArrayNode list = body.putArray("records");
    jobs.values().forEach(job -> list.add(job.shown));
    return SimulatedAnswer.json(200, body);
  }

  private SimulatedAnswer create(Call call, boolean ingest) {
    ObjectNode asked = call.object();
    String id = Ids.of("750", jobs.size() + 1);
    ObjectNode shown = JSON.createObjectNode();
    shown.put("id", id).put("operation", asked.path("operation").asString(""));
    Job job = new Job(shown);
    if (ingest) {
      ObjectType type = records.schema().require(asked.path("object").asString(""));
      shown.put("object", type.name()).put("state", "Open");
      shown.put(
          "contentUrl", "services/data/" + call.version() + "/jobs/ingest/" + id + "/batches");
      if (asked.has("externalIdFieldName")) {
        shown.set("externalIdFieldName", asked.get("externalIdFieldName"));
      }
    } else {
      Soql.Result result =
          new Soql(records, call.version(), shown.path("operation").asString("").equals("queryAll"))
              .run(asked.path("query").asString(""));
      job.rows = result.records();
      shown.put("object", firstType(result.records())).put("state", "JobComplete");
      shown.put("numberRecordsProcessed", result.records().size());
    }
    shown
        .put("jobType", ingest ? "V2Ingest" : "V2Query")
        .put("apiVersion", Double.parseDouble(call.version().substring(1)))
        .put("concurrencyMode", "Parallel")
        .put("contentType", "CSV")
        .put("lineEnding", "LF")
        .put("columnDelimiter", "COMMA")
        .put("createdById", Records.USER)
        .put("createdDate", records.now())
        .put("systemModstamp", records.now());
    jobs.put(key(id), job);
    return SimulatedAnswer.json(200, shown);
  }

  /** An id of 18 characters is that of 15 with a checksum. */
  private static String key(String id) {
    return id.length() == 18 ? id.substring(0, 15) : id;
  }

  private static String firstType(ArrayNode rows) {
    return rows.path(0).path("attributes").path("type").asString("");
  }

  private SimulatedAnswer state(Call call, Job job) {
    String state = call.object().path("state").asString("");
    switch (state) {
      case "UploadComplete" -> run(job);
      case "Aborted" -> job.shown.put("state", "Aborted");
      default -> throw new Problem(400, "INVALIDJOBSTATE", "state " + state + " is not valid");
    }
    return SimulatedAnswer.json(200, job.shown);
  }

  private void run(Job job) {
    ObjectType type = records.schema().require(job.text("object"));
    for (Map<String, String> line : Csv.read(job.upload)) {
      try {
        job.successful.add(done(job, type, line));
      } catch (Problem problem) {
        Map<String, String> failure = new LinkedHashMap<>();
        failure.put("sf__Id", line.getOrDefault("Id", ""));
        failure.put("sf__Error", problem.code() + ":" + problem.getMessage() + ":--");
        failure.putAll(line);
        job.failed.add(failure);
      }
    }
    job.shown
        .put("state", "JobComplete")
        .put("numberRecordsProcessed", job.successful.size() + job.failed.size())
        .put("numberRecordsFailed", job.failed.size());
  }

  private Map<String, String> done(Job job, ObjectType type, Map<String, String> line) {
    ObjectNode values = JSON.createObjectNode();
    line.forEach(
        (name, value) -> {
          if (!name.equalsIgnoreCase("Id")) {
            values.put(name, value.isEmpty() ? null : value);
          }
        });
    String id = line.getOrDefault("Id", "");
    boolean created = false;
    Row row;
    switch (job.text("operation")) {
      case "insert" -> {
        row = records.create(type, values);
        created = true;
      }
      case "update" -> {
        row = records.require(type, id);
        records.update(row, values);
      }
      case "delete", "hardDelete" -> {
        row = records.require(type, id);
        records.delete(row);
      }
      case "upsert" -> {
        String key = job.text("externalIdFieldName");
        Optional<Row> found =
            records.where(type, key, line.getOrDefault(key, "")).stream().findFirst();
        created = found.isEmpty();
        if (created) {
          row = records.create(type, values);
        } else {
          row = found.get();
          records.update(row, values);
        }
      }
      default -> throw new Problem(400, "INVALIDJOB", "the operation is not known");
    }
    Map<String, String> result = new LinkedHashMap<>();
    result.put("sf__Id", row.id());
    result.put("sf__Created", String.valueOf(created));
    result.putAll(line);
    return result;
  }

  private static SimulatedAnswer csv(List<Map<String, String>> lines) {
    return SimulatedAnswer.text(200, CSV, Csv.write(lines));
  }

  private SimulatedAnswer results(Call call, Job job) {
    int from = call.request().number("locator", 0);
    int most = call.request().number("maxRecords", 50_000);
    int to = Math.min(job.rows.size(), from + most);
    List<Map<String, String>> lines = new ArrayList<>();
    for (int i = from; i < to; i++) {
      Map<String, String> line = new LinkedHashMap<>();
      QueryApi.shown(records, job.rows.get(i));
      flatten("", job.rows.get(i), line);
      lines.add(line);
    }
    return csv(lines)
        .with("Sforce-NumberOfRecords", String.valueOf(lines.size()))
        .with("Sforce-Locator", to < job.rows.size() ? String.valueOf(to) : "null");
  }

  private static void flatten(String prefix, JsonNode row, Map<String, String> into) {
    for (Map.Entry<String, JsonNode> member : row.properties()) {
      if (member.getKey().equals("attributes")) {
        continue;
      }
      if (member.getValue().isObject()) {
        flatten(prefix + member.getKey() + ".", member.getValue(), into);
      } else {
        into.put(prefix + member.getKey(), member.getValue().asString(""));
      }
    }
  }
}
