// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.SerializedString;

/** Members of an object that are written once and then copied: most of a record is like others. */
final class Members {
  private final SerializableString text;

  private Members(SerializableString text) {
    this.text = text;
  }

  /** What {@code members} writes into an object; at least one member. */
  static Members of(Consumer<JsonGenerator> members) {
    ByteArrayOutputStream object = new ByteArrayOutputStream();
    try (JsonGenerator json =
        RecordEncoder.JSON.createGenerator(ObjectWriteContext.empty(), object)) {
      json.writeStartObject();
      members.accept(json);
      json.writeEndObject();
    }
    String text = object.toString(StandardCharsets.US_ASCII);
    return new Members(new SerializedString(text.substring(1, text.length() - 1)));
  }

  /** Copies them into an object that has a member already. */
  void copyBehindOthers(JsonGenerator json) {
    json.writeRaw(',');
    json.writeRaw(text);
  }

  /** As they stand in a line. */
  byte[] bytes() {
    return text.asUnquotedUTF8();
  }
}
