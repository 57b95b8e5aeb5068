// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JsonGenerator;

/**
 * The OCSF half of a record: class, activity, outcome and the standard objects. Names and numbers
 * are those of schema version {@value #VERSION}. Not thread-safe.
 */
final class OcsfEvent {

  static final String VERSION = "1.8.0";

  private static final Pattern ENDPOINT =
      Pattern.compile("(tcp|udp) \\[?([0-9A-Fa-f.:]+?)\\]?:([0-9]{1,5})");
  private static final Pattern TRANSPORT = Pattern.compile("(tcp|udp|icmp|icmpv6|sctp|raw) .*");
  private static final Set<String> NETWORK_LAYERS = Set.of("cgroup-bpf");

  /** An OCSF class and activity; the type follows from both. */
  private enum Type {
    API_CREATE(6, 6003, 1, "API Activity", "Create"),
    API_READ(6, 6003, 2, "API Activity", "Read"),
    API_UPDATE(6, 6003, 3, "API Activity", "Update"),
    API_DELETE(6, 6003, 4, "API Activity", "Delete"),
    API_OTHER(6, 6003, 99, "API Activity", "Other"),
    NETWORK_REFUSE(4, 4001, 5, "Network Activity", "Refuse"),
    KERNEL_INVOKE(1, 1003, 4, "Kernel Activity", "Invoke"),
    PROCESS_LAUNCH(1, 1007, 1, "Process Activity", "Launch"),
    PROCESS_TERMINATE(1, 1007, 2, "Process Activity", "Terminate"),
    EVENT_LOG_OTHER(1, 1008, 99, "Event Log Activity", "Other");

    private final int category;
    private final int classUid;
    private final int activity;
    private final String className;
    private final String activityName;

    Type(int category, int classUid, int activity, String className, String activityName) {
      this.category = category;
      this.classUid = classUid;
      this.activity = activity;
      this.className = className;
      this.activityName = activityName;
    }
  }

  private enum Severity {
    INFORMATIONAL(1),
    LOW(2),
    MEDIUM(3),
    HIGH(4);

    private final int id;

    Severity(int id) {
      this.id = id;
    }
  }

  private record Classified(Type type, Severity severity) {}

  private static final Members ALLOWED = Members.of(json -> disposition(json, true));
  private static final Members DENIED = Members.of(json -> disposition(json, false));
  private static final Members UNVERIFIED = Members.of(OcsfEvent::unverified);

  private final String writer;
  private final Cuts cuts;
  private final RememberedMembers<Classified> classes = new RememberedMembers<>(OcsfEvent::members);
  private final RememberedMembers<AuditRecord.Caller> actors =
      new RememberedMembers<>(OcsfEvent::actor);
  private final RememberedMembers<String> connectors =
      new RememberedMembers<>(OcsfEvent::connectorEndpoint);
  private final RememberedMembers<String> policies = new RememberedMembers<>(OcsfEvent::policy);

  OcsfEvent(String writer, Cuts cuts) {
    this.writer = writer;
    this.cuts = cuts;
  }

  /**
   * Writes every member of the event except {@code time}, {@code metadata} and {@code unmapped}.
   */
  void write(JsonGenerator json, AuditRecord record) {
    switch (record) {
      case AuditRecord.GatewayDecision decision -> event(json, decision);
      case AuditRecord.UpstreamAnswer answer -> event(json, answer);
      case AuditRecord.KernelDenial denial -> event(json, denial);
      case AuditRecord.SandboxStarted started -> event(json, started);
      case AuditRecord.SandboxEnded ended -> event(json, ended);
      case AuditRecord.EventsLost lost -> event(json, lost);
      case AuditRecord.TrailNote note -> event(json, note);
    }
  }

  private void event(JsonGenerator json, AuditRecord.GatewayDecision decision) {
    classify(
        json, activity(decision), decision.allowed() ? Severity.INFORMATIONAL : Severity.MEDIUM);
    outcome(json, decision.allowed(), decision.code(), decision.sentence());
    decision.caller().map(actors::of).orElse(UNVERIFIED).copyBehindOthers(json);
    json.writeObjectPropertyStart("api");
    json.writeStringProperty(
        "operation",
        decision.operations().isEmpty()
            ? decision.method() + decision.target().map(target -> " " + target).orElse("")
            : String.join(", ", decision.operations()));
    call(json, decision.connector(), decision.correlationId(), decision.upstreamStatus());
    json.writeEndObject();
    json.writeObjectPropertyStart("http_request");
    json.writeStringProperty("http_method", decision.method());
    if (decision.target().isPresent()) {
      json.writeObjectPropertyStart("url");
      cuts.text(json, Cuts.Fact.PATH, "path", decision.target().get());
      json.writeEndObject();
    }
    json.writeEndObject();
    json.writeObjectPropertyStart("src_endpoint");
    cuts.text(json, Cuts.Fact.SOURCE, "ip", decision.sourceAddress());
    json.writeEndObject();
    decision.connector().ifPresent(name -> connectors.of(name).copyBehindOthers(json));
    if (!decision.policy().isEmpty()) {
      policies.of(decision.policy()).copyBehindOthers(json);
    }
  }

  private static void actor(JsonGenerator json, AuditRecord.Caller caller) {
    json.writeObjectPropertyStart("actor");
    json.writeObjectPropertyStart("user");
    json.writeStringProperty("uid", caller.principal());
    json.writeStringProperty("domain", caller.issuer());
    json.writeEndObject();
    if (!caller.actors().isEmpty()) {
      json.writeStringProperty("app_name", caller.actors().getFirst().subject());
    }
    text(json, "app_uid", caller.clientId());
    json.writeEndObject();
  }

  private static void unverified(JsonGenerator json) {
    json.writeObjectPropertyStart("actor");
    json.writeObjectPropertyStart("user");
    json.writeStringProperty("name", "unverified");
    json.writeNumberProperty("type_id", 0);
    json.writeEndObject();
    json.writeEndObject();
  }

  private static Type activity(AuditRecord.GatewayDecision decision) {
    String action = decision.method();
    for (int i = 0; i < decision.operations().size(); i++) {
      String operation = decision.operations().get(i);
      String next = operation.substring(operation.lastIndexOf(':') + 1);
      if (i > 0 && !next.equals(action)) {
        return Type.API_OTHER;
      }
      action = next;
    }
    return switch (action) {
      case "create", "POST" -> Type.API_CREATE;
      case "read", "GET", "HEAD" -> Type.API_READ;
      case "update", "PUT", "PATCH" -> Type.API_UPDATE;
      case "delete", "DELETE" -> Type.API_DELETE;
      default -> Type.API_OTHER;
    };
  }

  private void event(JsonGenerator json, AuditRecord.UpstreamAnswer answer) {
    OptionalInt status = answer.upstreamStatus();
    boolean good = status.isPresent() && status.getAsInt() < 400;
    classify(json, Type.API_OTHER, good ? Severity.INFORMATIONAL : Severity.LOW);
    json.writeNumberProperty("status_id", good ? 1 : 2);
    json.writeStringProperty("message", answer.sentence());
    json.writeObjectPropertyStart("actor");
    json.writeStringProperty("app_name", writer);
    json.writeEndObject();
    json.writeObjectPropertyStart("api");
    json.writeStringProperty("operation", "answer");
    call(json, Optional.of(answer.connector()), answer.correlationId(), status);
    json.writeEndObject();
    json.writeObjectPropertyStart("src_endpoint");
    json.writeStringProperty("name", writer);
    json.writeEndObject();
    connectorEndpoint(json, answer.connector());
  }

  private void call(
      JsonGenerator json, Optional<String> connector, String correlationId, OptionalInt status) {
    if (connector.isPresent()) {
      json.writeObjectPropertyStart("service");
      json.writeStringProperty("name", connector.get());
      json.writeEndObject();
    }
    json.writeObjectPropertyStart("request");
    cuts.text(json, Cuts.Fact.REQUEST, "uid", correlationId);
    json.writeEndObject();
    if (status.isPresent()) {
      json.writeObjectPropertyStart("response");
      cuts.number(json, Cuts.Fact.STATUS, "code", status.getAsInt());
      json.writeEndObject();
    }
  }

  private static void connectorEndpoint(JsonGenerator json, String connector) {
    json.writeObjectPropertyStart("dst_endpoint");
    json.writeStringProperty("svc_name", connector);
    json.writeEndObject();
  }

  private void event(JsonGenerator json, AuditRecord.KernelDenial denial) {
    String asked = denial.destination();
    boolean network = NETWORK_LAYERS.contains(denial.layer()) || TRANSPORT.matcher(asked).matches();
    classify(json, network ? Type.NETWORK_REFUSE : Type.KERNEL_INVOKE, Severity.MEDIUM);
    outcome(json, false, denial.hook(), "The kernel denied " + asked + ".");
    json.writeObjectPropertyStart("actor");
    process(json, denial.sandbox(), denial.pid(), denial.uid(), denial.command());
    text(json, "app_name", denial.agent());
    json.writeEndObject();
    device(json);
    if (network) {
      destination(json, asked);
    } else {
      json.writeObjectPropertyStart("kernel");
      json.writeStringProperty("name", asked);
      json.writeNumberProperty("type_id", 2);
      json.writeStringProperty("system_call", denial.hook());
      json.writeEndObject();
    }
  }

  private static void destination(JsonGenerator json, String asked) {
    Matcher endpoint = ENDPOINT.matcher(asked);
    Matcher transport = TRANSPORT.matcher(asked);
    json.writeObjectPropertyStart("dst_endpoint");
    if (endpoint.matches()) {
      json.writeStringProperty("ip", endpoint.group(2));
      json.writeNumberProperty("port", Integer.parseInt(endpoint.group(3)));
    } else {
      json.writeStringProperty("name", asked);
    }
    json.writeEndObject();
    json.writeObjectPropertyStart("connection_info");
    json.writeNumberProperty("direction_id", 2);
    if (transport.matches()) {
      json.writeStringProperty("protocol_name", transport.group(1));
    }
    json.writeEndObject();
  }

  private void event(JsonGenerator json, AuditRecord.SandboxStarted started) {
    classify(
        json,
        Type.PROCESS_LAUNCH,
        started.missing().isEmpty() ? Severity.INFORMATIONAL : Severity.MEDIUM);
    json.writeNumberProperty("status_id", 1);
    json.writeStringProperty("message", "The sandbox was started.");
    enforcer(json);
    device(json);
    process(json, started.sandbox(), started.pid(), started.uid(), started.command());
    if (!started.policy().isEmpty()) {
      policy(json, started.policy());
    }
  }

  private void event(JsonGenerator json, AuditRecord.SandboxEnded ended) {
    classify(json, Type.PROCESS_TERMINATE, Severity.INFORMATIONAL);
    json.writeNumberProperty("status_id", 1);
    json.writeStringProperty("message", "The sandbox ended.");
    enforcer(json);
    device(json);
    json.writeObjectPropertyStart("process");
    json.writeStringProperty("uid", ended.sandbox());
    json.writeStringProperty("sandbox", ended.sandbox());
    json.writeEndObject();
    json.writeNumberProperty("exit_code", ended.exitStatus());
  }

  private void event(JsonGenerator json, AuditRecord.EventsLost lost) {
    classify(json, Type.EVENT_LOG_OTHER, Severity.HIGH);
    json.writeNumberProperty("status_id", 2);
    json.writeStringProperty("message", lost.count() + " kernel events could not be kept.");
    enforcer(json);
    device(json);
    json.writeStringProperty("log_name", "kernel");
  }

  private void event(JsonGenerator json, AuditRecord.TrailNote note) {
    classify(json, Type.EVENT_LOG_OTHER, Severity.HIGH);
    json.writeNumberProperty("status_id", 1);
    json.writeStringProperty("message", note.sentence());
    enforcer(json);
    device(json);
    json.writeStringProperty("log_name", writer);
  }

  private void classify(JsonGenerator json, Type type, Severity severity) {
    classes.of(new Classified(type, severity)).copyBehindOthers(json);
  }

  private static void members(JsonGenerator json, Classified classified) {
    Type type = classified.type;
    json.writeNumberProperty("category_uid", type.category);
    json.writeNumberProperty("class_uid", type.classUid);
    json.writeStringProperty("class_name", type.className);
    json.writeNumberProperty("activity_id", type.activity);
    json.writeStringProperty("activity_name", type.activityName);
    json.writeNumberProperty("type_uid", type.classUid * 100 + type.activity);
    json.writeNumberProperty("severity_id", classified.severity.id);
  }

  private static void outcome(JsonGenerator json, boolean allowed, String code, String sentence) {
    json.writeNumberProperty("status_id", allowed ? 1 : 2);
    json.writeStringProperty("status_code", code);
    json.writeStringProperty("message", sentence);
    (allowed ? ALLOWED : DENIED).copyBehindOthers(json);
  }

  private static void disposition(JsonGenerator json, boolean allowed) {
    json.writeNumberProperty("action_id", allowed ? 1 : 2);
    json.writeStringProperty("action", allowed ? "Allowed" : "Denied");
    json.writeNumberProperty("disposition_id", allowed ? 1 : 2);
    json.writeStringProperty("disposition", allowed ? "Allowed" : "Blocked");
  }

  /** The enforcer itself: it acts when a sandbox starts or ends. */
  private void enforcer(JsonGenerator json) {
    json.writeObjectPropertyStart("actor");
    json.writeStringProperty("app_name", writer);
    json.writeEndObject();
  }

  private void device(JsonGenerator json) {
    json.writeObjectPropertyStart("device");
    json.writeStringProperty("name", writer);
    json.writeNumberProperty("type_id", 0);
    json.writeEndObject();
  }

  private static void process(
      JsonGenerator json, String sandbox, int pid, int uid, String command) {
    json.writeObjectPropertyStart("process");
    json.writeNumberProperty("pid", pid);
    json.writeStringProperty("cmd_line", command);
    json.writeObjectPropertyStart("user");
    json.writeStringProperty("uid", Integer.toString(uid));
    json.writeEndObject();
    json.writeStringProperty("sandbox", sandbox);
    json.writeEndObject();
  }

  private static void policy(JsonGenerator json, String policy) {
    json.writeObjectPropertyStart("policy");
    json.writeStringProperty("name", policy);
    json.writeEndObject();
  }

  private static void text(JsonGenerator json, String name, Optional<String> value) {
    value.ifPresent(text -> json.writeStringProperty(name, text));
  }
}
