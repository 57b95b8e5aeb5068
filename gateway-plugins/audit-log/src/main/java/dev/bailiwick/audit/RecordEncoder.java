// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.util.List;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes records as OCSF events. Not thread-safe. What the schema has no member for stands in
 * {@code unmapped.bailiwick}; the README's table says which member carries what.
 *
 * <p>Lines are plain ASCII: every control character and everything beyond ASCII is escaped, so that
 * no recorded string can begin a line or steer a terminal.
 */
final class RecordEncoder {

  static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .characterEscapes(new DeleteEscaped())
          .build();

  private static final Members PRODUCT =
      Members.of(
          json -> {
            json.writeObjectPropertyStart("product");
            json.writeStringProperty("name", "Bailiwick");
            json.writeStringProperty("vendor_name", "Bailiwick");
            json.writeEndObject();
            strings(json, "profiles", List.of("host", "security_control"));
          });

  /** In bytes: a compound request may make a line that is much longer, and not seen twice. */
  private static final int LONGEST_FORM = 8 << 10;

  private final String writer;
  private final OcsfEvent event;
  private final LineBytes line = new LineBytes();
  private final Cuts cuts = new Cuts(line);
  private final RecentlyUsed<DecisionForm.Likeness, DecisionForm> forms = new RecentlyUsed<>();
  private final RememberedMembers<AuditRecord.Caller> callers =
      new RememberedMembers<>(RecordEncoder::own);

  RecordEncoder(String writer) {
    this.writer = writer;
    this.event = new OcsfEvent(writer, cuts);
  }

  /**
   * The record as one line without its hash, until the next one is encoded; {@code previous} is the
   * last member in it.
   */
  LineBytes encode(AuditRecord record, long sequence, String previous) {
    line.reset();
    Optional<DecisionForm.Likeness> likeness = DecisionForm.likeness(record);
    if (likeness.isEmpty()) {
      write(record, sequence, previous);
      return line;
    }
    DecisionForm form = forms.get(likeness.get());
    if (form == null) {
      List<Cuts.Cut> found;
      cuts.begin();
      try {
        write(record, sequence, previous);
      } finally {
        found = cuts.end();
      }
      if (line.size() <= LONGEST_FORM) {
        forms.put(likeness.get(), new DecisionForm(line, found));
      }
    } else {
      form.fill(line, (AuditRecord.GatewayDecision) record, writer, sequence, previous);
    }
    return line;
  }

  private void write(AuditRecord record, long sequence, String previous) {
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), line)) {
      json.writeStartObject();
      cuts.number(json, Cuts.Fact.TIME, "time", record.time().toEpochMilli());
      metadata(json, record, sequence);
      event.write(json, record);
      json.writeObjectPropertyStart("unmapped");
      json.writeObjectPropertyStart("bailiwick");
      json.writeStringProperty("kind", kind(record));
      text(json, "task", record.task());
      switch (record) {
        case AuditRecord.GatewayDecision decision -> own(json, decision);
        case AuditRecord.UpstreamAnswer answer ->
            json.writeStringProperty("connector", answer.connector());
        case AuditRecord.KernelDenial denial -> own(json, denial);
        case AuditRecord.SandboxStarted started -> own(json, started);
        case AuditRecord.SandboxEnded ended -> sandbox(json, ended.sandbox(), ended.agent());
        case AuditRecord.EventsLost lost -> own(json, lost);
        case AuditRecord.TrailNote note -> json.writeStringProperty("code", note.code());
      }
      cuts.text(json, Cuts.Fact.PREVIOUS, "previous", previous);
      json.writeEndObject();
      json.writeEndObject();
      json.writeEndObject();
    }
  }

  static String uid(String writer, long sequence) {
    return writer + "-" + sequence;
  }

  private static String kind(AuditRecord record) {
    return switch (record) {
      case AuditRecord.GatewayDecision decision -> "gateway-decision";
      case AuditRecord.UpstreamAnswer answer -> "upstream-answer";
      case AuditRecord.KernelDenial denial -> "kernel-denial";
      case AuditRecord.SandboxStarted started -> "sandbox-started";
      case AuditRecord.SandboxEnded ended -> "sandbox-ended";
      case AuditRecord.EventsLost lost -> "events-lost";
      case AuditRecord.TrailNote note -> "trail-note";
    };
  }

  private void metadata(JsonGenerator json, AuditRecord record, long sequence) {
    json.writeObjectPropertyStart("metadata");
    json.writeStringProperty("version", OcsfEvent.VERSION);
    PRODUCT.copyBehindOthers(json);
    cuts.text(json, Cuts.Fact.UID, "uid", uid(writer, sequence));
    text(json, "correlation_uid", record.task());
    json.writeStringProperty("log_name", writer);
    cuts.number(json, Cuts.Fact.SEQUENCE, "sequence", sequence);
    json.writeEndObject();
  }

  private void own(JsonGenerator json, AuditRecord.GatewayDecision decision) {
    json.writeStringProperty("rule", decision.code());
    decision.caller().ifPresent(caller -> callers.of(caller).copyBehindOthers(json));
    text(json, "connector", decision.connector());
    strings(json, "operations", decision.operations());
    text(json, "credential", decision.credential());
  }

  private static void own(JsonGenerator json, AuditRecord.Caller caller) {
    json.writeObjectPropertyStart("principal");
    json.writeStringProperty("issuer", caller.issuer());
    json.writeStringProperty("subject", caller.principal());
    json.writeEndObject();
    json.writeArrayPropertyStart("actors");
    for (AuditRecord.Actor actor : caller.actors()) {
      json.writeStartObject();
      json.writeStringProperty("issuer", actor.issuer());
      json.writeStringProperty("subject", actor.subject());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeStringProperty("token_id", caller.tokenId());
    text(json, "parent_token_id", caller.parentTokenId());
    text(json, "client_id", caller.clientId());
    text(json, "key_thumbprint", caller.keyThumbprint());
  }

  private static void own(JsonGenerator json, AuditRecord.KernelDenial denial) {
    sandbox(json, denial.sandbox(), denial.agent());
    json.writeStringProperty("layer", denial.layer());
    json.writeStringProperty("hook", denial.hook());
    json.writeStringProperty("destination", denial.destination());
  }

  private static void own(JsonGenerator json, AuditRecord.SandboxStarted started) {
    sandbox(json, started.sandbox(), started.agent());
    json.writeNumberProperty("caller_uid", started.callerUid());
    strings(json, "enforced", started.enforced());
    strings(json, "missing", started.missing());
  }

  private static void own(JsonGenerator json, AuditRecord.EventsLost lost) {
    sandbox(json, lost.sandbox(), Optional.empty());
    json.writeNumberProperty("lost", lost.count());
  }

  private static void sandbox(JsonGenerator json, String sandbox, Optional<String> agent) {
    json.writeStringProperty("sandbox", sandbox);
    text(json, "agent", agent);
  }

  private static void text(JsonGenerator json, String name, Optional<String> value) {
    value.ifPresent(text -> json.writeStringProperty(name, text));
  }

  private static void strings(JsonGenerator json, String name, List<String> values) {
    json.writeArrayPropertyStart(name);
    values.forEach(json::writeString);
    json.writeEndArray();
  }

  /** A member as it stands in a line, such as {@code "task":"txn-1"}. */
  static byte[] member(String name, String value) {
    return Members.of(json -> json.writeStringProperty(name, value)).bytes();
  }

  /** JSON with the same escapes, indented for people. */
  static String pretty(JsonNode json) {
    return new JsonMapper(JSON).writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
  }

  /** The JSON syntax leaves DEL as it is; a terminal does not. */
  private static final class DeleteEscaped extends CharacterEscapes {
    private static final long serialVersionUID = 1L;

    private final int[] codes = standardAsciiEscapesForJSON();

    DeleteEscaped() {
      codes[0x7f] = ESCAPE_STANDARD;
    }

    /** The one array: whoever writes JSON only reads it. */
    @Override
    public int[] getEscapeCodesForAscii() {
      return codes;
    }

    @Override
    public SerializableString getEscapeSequence(int character) {
      throw new UnsupportedOperationException("Only standard escapes are used.");
    }
  }
}
