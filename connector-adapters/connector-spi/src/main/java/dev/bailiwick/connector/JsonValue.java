// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON document that {@link JsonBody} has read: no duplicate names, numbers as their text.
 * Immutable. Texts never show in {@code toString}, since a body may hold anything.
 */
public sealed interface JsonValue {

  /** An object; its members keep the order of the document. */
  record JsonObject(Map<String, JsonValue> members) implements JsonValue {
    public JsonObject {
      members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }

    /** The member of that name, if it is there. */
    public Optional<JsonValue> member(String name) {
      return Optional.ofNullable(members.get(name));
    }

    /** The text of the member of that name; empty when it is absent or no string. */
    public Optional<String> text(String name) {
      return members.get(name) instanceof JsonString string
          ? Optional.of(string.value)
          : Optional.empty();
    }
  }

  /** An array. */
  record JsonArray(List<JsonValue> items) implements JsonValue {
    public JsonArray {
      items = List.copyOf(items);
    }
  }

  /** A string, escapes resolved. */
  record JsonString(String value) implements JsonValue {
    @Override
    public String toString() {
      return "JsonString[" + value.length() + " characters]";
    }
  }

  /** A number, as the text that stood in the document. */
  record JsonNumber(String text) implements JsonValue {
    @Override
    public String toString() {
      return "JsonNumber[" + text.length() + " characters]";
    }
  }

  /** {@code true} or {@code false}. */
  record JsonBoolean(boolean value) implements JsonValue {}

  /** {@code null}. */
  record JsonNull() implements JsonValue {}
}
