// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A daemon's status for people and for machines. */
record EnforcerStatusText(JsonNode status) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  static EnforcerStatusText of(String json) {
    return new EnforcerStatusText(JSON.readTree(json));
  }

  boolean isHealthy() {
    return status.path("healthy").asBoolean(false);
  }

  String json() {
    return status.toPrettyString();
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        isHealthy()
            ? "enforcing " + text("policy") + " from " + text("bundle")
            : "NOT TO BE RELIED UPON: " + text("problem"));
    for (JsonNode line : status.path("enforced")) {
      lines.add("  enforced  " + line.asString());
    }
    for (JsonNode line : status.path("missing")) {
      lines.add("  missing   " + line.asString());
    }
    for (JsonNode program : status.path("programs")) {
      lines.add("  program   " + program.path("name").asString() + programState(program));
    }
    for (JsonNode sandbox : status.path("sandboxes")) {
      lines.add(
          "  sandbox   "
              + sandbox.path("sandbox").asString()
              + "  uid "
              + sandbox.path("uid").asInt()
              + (sandbox.has("task") ? "  task " + sandbox.path("task").asString() : "")
              + (sandbox.path("revoked").asBoolean(false) ? "  REVOKED" : "")
              + "  "
              + sandbox.path("command").asString());
    }
    status
        .path("counters")
        .properties()
        .forEach(
            counter -> lines.add("  counter   " + counter.getKey() + " " + counter.getValue()));
    return lines;
  }

  private static String programState(JsonNode program) {
    if (!program.path("attached").asBoolean(false)) {
      return "  NOT ATTACHED";
    }
    long runs = program.path("runs").asLong(0);
    return runs == 0
        ? "  attached"
        : "  attached, "
            + runs
            + " runs of "
            + program.path("nanoseconds").asLong(0) / runs
            + " ns";
  }

  /** Names and labels hold no task, agent or destination: metrics are read by many. */
  List<String> metrics() {
    List<String> lines = new ArrayList<>();
    lines.add("bailiwick_enforcer_healthy " + (isHealthy() ? 1 : 0));
    lines.add("bailiwick_enforcer_sandboxes " + status.path("sandboxes").size());
    status
        .path("counters")
        .properties()
        .forEach(
            counter ->
                lines.add(
                    "bailiwick_enforcer_"
                        + counter
                            .getKey()
                            .replaceAll("([A-Z])", "_$1")
                            .toLowerCase(java.util.Locale.ROOT)
                        + " "
                        + counter.getValue()));
    for (JsonNode program : status.path("programs")) {
      String label = "{program=\"" + program.path("name").asString() + "\"} ";
      lines.add(
          "bailiwick_enforcer_program_attached"
              + label
              + (program.path("attached").asBoolean(false) ? 1 : 0));
      if (program.has("runs")) {
        lines.add("bailiwick_enforcer_program_runs" + label + program.path("runs"));
        lines.add("bailiwick_enforcer_program_nanoseconds" + label + program.path("nanoseconds"));
      }
    }
    return lines;
  }

  private String text(String name) {
    return status.path(name).asString("");
  }
}
