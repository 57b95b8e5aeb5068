// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonArray;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.JsonValue.JsonString;
import dev.bailiwick.connector.MalformedRequestException;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The fields that a body sets. The body is one flat JSON object: of several records the vendor
 * takes the first and ignores the rest, which is one reading too many.
 */
final class WrittenFields {
  private static final String PLACE = "the body";

  private WrittenFields() {}

  static Set<FieldName> of(JsonValue body, TableAction action) {
    if (!(body instanceof JsonObject object)) {
      throw MalformedRequestException.body(
          "the body must be one JSON object, fields and values: one record each call");
    }
    Set<FieldName> fields = new LinkedHashSet<>();
    for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
      fields.add(field(member.getKey(), member.getValue(), action));
    }
    return fields;
  }

  private static FieldName field(String name, JsonValue value, TableAction action) {
    if (name.equals("records")) {
      throw MalformedRequestException.body(
          "the body holds several records: send one record each call");
    }
    if (name.startsWith("sysparm_")) {
      throw MalformedRequestException.forbidden(
          "the body holds the parameter " + MalformedRequestException.shown(name));
    }
    if (name.equals("sys_id") && action == TableAction.UPDATE) {
      throw MalformedRequestException.forbidden(
          "the body names a sys_id: the record is the one in the path");
    }
    requirePlain(name, value);
    return FieldName.of(name, PLACE);
  }

  /** Requires one value that is no code. */
  static void requirePlain(String name, JsonValue value) {
    if (value instanceof JsonObject || value instanceof JsonArray) {
      throw MalformedRequestException.body(
          "the field "
              + MalformedRequestException.shown(name)
              + " must be a string, number, boolean or null");
    }
    if (value instanceof JsonString string && startsScript(string.value())) {
      throw MalformedRequestException.forbidden(
          "the field "
              + MalformedRequestException.shown(name)
              + " starts with javascript:, which may run on the server");
    }
  }

  private static boolean startsScript(String value) {
    return value.strip().toLowerCase(Locale.ROOT).startsWith("javascript:");
  }
}
