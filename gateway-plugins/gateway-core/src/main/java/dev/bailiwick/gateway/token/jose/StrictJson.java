// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import dev.bailiwick.connector.BodyLimits;
import dev.bailiwick.connector.JsonBody;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonArray;
import dev.bailiwick.connector.JsonValue.JsonBoolean;
import dev.bailiwick.connector.JsonValue.JsonNull;
import dev.bailiwick.connector.JsonValue.JsonNumber;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.JsonValue.JsonString;
import dev.bailiwick.connector.MalformedRequestException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the JSON objects of a token, as strictly as request bodies: UTF-8 only, no duplicate
 * members, no half surrogate pairs, nothing after the object, and a limit on the depth that stops
 * the parser before it descends. Beyond that, {@code null} is denied, which can be taken for
 * present and for absent, and so are numbers that do not fit 64 bits.
 */
final class StrictJson {
  private static final BodyLimits LIMITS = BodyLimits.defaults();

  private StrictJson() {}

  /** The text is not such an object. The message says why and shows nothing of the text. */
  static final class MalformedJsonException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedJsonException(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * Reads one object. Values are {@code String}, {@code Long}, {@code Double}, {@code Boolean},
   * unmodifiable {@code List} and unmodifiable {@code Map}.
   */
  static Map<String, Object> readObject(byte[] utf8) throws MalformedJsonException {
    JsonValue value;
    try {
      value = JsonBody.parse(utf8, LIMITS);
    } catch (MalformedRequestException e) {
      // Its sentence speaks of a request body and may quote the name of a member.
      throw new MalformedJsonException(
          "it is not JSON in UTF-8, repeats a member, or nests deeper than " + LIMITS.maxDepth());
    }
    if (!(value instanceof JsonObject object)) {
      throw new MalformedJsonException("it is not a JSON object");
    }
    return plain(object);
  }

  private static Map<String, Object> plain(JsonObject object) throws MalformedJsonException {
    Map<String, Object> members = new LinkedHashMap<>();
    for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
      members.put(member.getKey(), plain(member.getValue()));
    }
    return Collections.unmodifiableMap(members);
  }

  private static Object plain(JsonValue value) throws MalformedJsonException {
    return switch (value) {
      case JsonObject object -> plain(object);
      case JsonArray array -> {
        List<Object> items = new ArrayList<>(array.items().size());
        for (JsonValue item : array.items()) {
          items.add(plain(item));
        }
        yield Collections.unmodifiableList(items);
      }
      case JsonString string -> string.value();
      case JsonNumber number -> number(number.text());
      case JsonBoolean bool -> bool.value();
      case JsonNull none -> throw new MalformedJsonException("it holds a null");
    };
  }

  private static Number number(String text) throws MalformedJsonException {
    boolean integer = text.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'));
    try {
      if (integer) {
        return Long.valueOf(text);
      }
      double number = Double.parseDouble(text);
      if (Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // An integer with more digits than a long holds.
    }
    throw new MalformedJsonException("it holds a number that does not fit 64 bits");
  }
}
