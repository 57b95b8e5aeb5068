// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonArray;
import dev.bailiwick.connector.JsonValue.JsonBoolean;
import dev.bailiwick.connector.JsonValue.JsonNull;
import dev.bailiwick.connector.JsonValue.JsonNumber;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.JsonValue.JsonString;
import java.io.ByteArrayOutputStream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Writes JSON, in UTF-8. */
final class JsonText {
  private static final JsonFactory JSON = new JsonFactory();

  private JsonText() {}

  static byte[] of(JsonValue value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
      write(json, value);
    }
    return out.toByteArray();
  }

  private static void write(JsonGenerator json, JsonValue value) {
    switch (value) {
      case JsonObject object -> {
        json.writeStartObject();
        object
            .members()
            .forEach(
                (name, member) -> {
                  json.writeName(name);
                  write(json, member);
                });
        json.writeEndObject();
      }
      case JsonArray array -> {
        json.writeStartArray();
        array.items().forEach(item -> write(json, item));
        json.writeEndArray();
      }
      case JsonString string -> json.writeString(string.value());
      case JsonNumber number -> json.writeNumber(number.text());
      case JsonBoolean bool -> json.writeBoolean(bool.value());
      case JsonNull nothing -> json.writeNull();
    }
  }
}
