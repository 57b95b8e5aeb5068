// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonArray;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.JsonValue.JsonString;
import dev.bailiwick.connector.MalformedRequestException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Headers as a batch writes them: a list of {@code {"name": …, "value": …}}. */
final class BatchHeaders {
  static final String MEMBER = "headers";

  private BatchHeaders() {}

  /** Reads the headers of a request or an answer; none at all when the member is absent. */
  static Headers read(JsonObject part) {
    JsonValue list = part.members().get(MEMBER);
    if (list == null) {
      return Headers.none();
    }
    if (!(list instanceof JsonArray array)) {
      throw MalformedRequestException.body("headers must be a list of names and values");
    }
    List<Headers.Field> fields = new ArrayList<>();
    for (JsonValue item : array.items()) {
      fields.add(field(item));
    }
    return Headers.of(fields);
  }

  private static Headers.Field field(JsonValue item) {
    if (!(item instanceof JsonObject header)
        || !(header.members().get("name") instanceof JsonString name)
        || !(header.members().get("value") instanceof JsonString value)
        || header.members().size() != 2) {
      throw MalformedRequestException.body("a header must be a name and a value, both strings");
    }
    try {
      return new Headers.Field(name.value(), value.value());
    } catch (IllegalArgumentException e) {
      throw MalformedRequestException.body(
          "a header holds a character that HTTP does not allow there");
    }
  }

  static JsonArray write(Headers headers) {
    List<JsonValue> items = new ArrayList<>();
    headers.forEach(
        (name, value) -> {
          Map<String, JsonValue> header = new LinkedHashMap<>();
          header.put("name", new JsonString(name));
          header.put("value", new JsonString(value));
          items.add(new JsonObject(header));
        });
    return new JsonArray(items);
  }
}
