// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * One record of a task, reduced to what a reader of a trace asks for.
 *
 * @param principal whom the call was made for; empty when no verified token was involved
 * @param actors the caller first, as in the token
 * @param agent name of the agent in the sandbox, for what the kernel and the enforcer saw
 * @param view members as {@link AuditTrace#toJson()} shows them
 */
record TraceStep(
    Instant time,
    String writer,
    long sequence,
    String kind,
    Optional<AuditRecord.Actor> principal,
    List<AuditRecord.Actor> actors,
    Optional<String> agent,
    ObjectNode view) {

  static final String DECISION = "gateway-decision";
  static final String ANSWER = "upstream-answer";
  static final String DENIAL = "kernel-denial";
  static final String STARTED = "sandbox-started";
  static final String ENDED = "sandbox-ended";
  static final String LOST = "events-lost";

  static TraceStep of(SealedLine line) {
    JsonNode json = line.json();
    JsonNode own = json.path("unmapped").path("bailiwick");
    List<AuditRecord.Actor> actors = new ArrayList<>();
    own.path("actors").forEach(actor -> actors.add(actor(actor)));
    return new TraceStep(
        line.time(),
        line.writer(),
        line.sequence(),
        line.kind(),
        own.optional("principal").map(TraceStep::actor),
        List.copyOf(actors),
        own.path("agent").stringValueOpt(),
        view(line, json, own));
  }

  private static AuditRecord.Actor actor(JsonNode json) {
    return new AuditRecord.Actor(
        json.path("issuer").asString(""), json.path("subject").asString(""));
  }

  private static ObjectNode view(SealedLine line, JsonNode json, JsonNode own) {
    ObjectNode view = JsonMapper.shared().createObjectNode();
    view.put("time", line.time().toString());
    view.put("kind", line.kind());
    copy(view, "action", json.path("action"));
    copy(view, "sentence", json.path("message"));
    copy(view, "rule", own.path("rule"));
    copy(view, "connector", own.path("connector"));
    copy(view, "method", json.path("http_request").path("http_method"));
    copy(view, "target", json.path("http_request").path("url").path("path"));
    copy(view, "operations", own.path("operations"));
    copy(view, "status", json.path("api").path("response").path("code"));
    copy(view, "credential", own.path("credential"));
    copy(view, "policy", json.path("policy").path("name"));
    copy(view, "correlation_id", json.path("api").path("request").path("uid"));
    copy(view, "token_id", own.path("token_id"));
    copy(view, "parent_token_id", own.path("parent_token_id"));
    copy(view, "source", json.path("src_endpoint").path("ip"));
    copy(view, "sandbox", own.path("sandbox"));
    copy(view, "agent", own.path("agent"));
    process(view, json);
    copy(view, "caller_uid", own.path("caller_uid"));
    copy(view, "layer", own.path("layer"));
    copy(view, "hook", own.path("hook"));
    copy(view, "destination", own.path("destination"));
    copy(view, "enforced", own.path("enforced"));
    copy(view, "missing", own.path("missing"));
    copy(view, "exit_status", json.path("exit_code"));
    copy(view, "lost", own.path("lost"));
    view.put("writer", line.writer());
    view.put("sequence", line.sequence());
    return view;
  }

  private static void process(ObjectNode view, JsonNode json) {
    JsonNode process =
        json.has("process") ? json.path("process") : json.path("actor").path("process");
    if (process.has("pid")) {
      ObjectNode shown = view.putObject("process");
      copy(shown, "pid", process.path("pid"));
      copy(shown, "uid", process.path("user").path("uid"));
      copy(shown, "command", process.path("cmd_line"));
    }
  }

  private static void copy(ObjectNode to, String name, JsonNode value) {
    if (!value.isMissingNode()) {
      to.set(name, value);
    }
  }

  /** Tells how the upstream answered the call that this decision allowed. */
  void answeredBy(TraceStep answer) {
    ObjectNode shown = view.putObject("answer");
    copy(shown, "time", answer.view.path("time"));
    copy(shown, "status", answer.view.path("status"));
    copy(shown, "sentence", answer.view.path("sentence"));
  }

  /** Who called: the outermost actor. */
  Optional<AuditRecord.Actor> caller() {
    return actors.stream().findFirst();
  }

  boolean is(String wanted) {
    return kind.equals(wanted);
  }

  boolean isAllowed() {
    return text("action").equals("Allowed");
  }

  String correlationId() {
    return text("correlation_id");
  }

  /** A member as text; empty when the record has none. */
  String text(String member) {
    return view.path(member).asString("");
  }
}
