// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonArray;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.JsonValue.JsonString;
import dev.bailiwick.connector.MalformedRequestException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The fields that a JSON body sets, innermost ones by the names that lead to them: {@code
 * days.date}. Lists do not count as a level.
 */
final class WrittenFields {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_]\\w{0,99}");

  /** Far more than any body has; each name holds those above it. */
  private static final int MOST_NAMES = 5_000;

  private final Set<String> names = new LinkedHashSet<>();

  private WrittenFields() {}

  static Set<String> of(ConnectorRequest head, JsonValue body) {
    if (!(body instanceof JsonObject object)) {
      throw MalformedRequestException.body(
          "the body must be one JSON object: one instance each call");
    }
    requireSameInstance(head, object);
    WrittenFields fields = new WrittenFields();
    fields.add("", object);
    return fields.names;
  }

  /** The instance is the one in the path; a body that names another leaves two readings. */
  private static void requireSameInstance(ConnectorRequest head, JsonObject object) {
    List<String> path = head.target().segments();
    boolean update = head.method().equals("PUT") || head.method().equals("PATCH");
    if (update
        && object.members().containsKey("id")
        && !object.members().get("id").equals(new JsonString(path.getLast()))) {
      throw MalformedRequestException.forbidden(
          "the body names another id: the instance is the one in the path");
    }
  }

  private void add(String above, JsonValue value) {
    switch (value) {
      case JsonObject object when !object.members().isEmpty() ->
          object.members().forEach((name, inner) -> add(below(above, name), inner));
      case JsonArray array when !array.items().isEmpty() ->
          array.items().forEach(item -> add(above, item));
      default -> {
        if (!above.isEmpty()) {
          names.add(above);
          if (names.size() > MOST_NAMES) {
            throw MalformedRequestException.tooLarge(
                "the body sets more than " + MOST_NAMES + " fields");
          }
        }
      }
    }
  }

  private static String below(String above, String name) {
    if (!NAME.matcher(name).matches()) {
      throw MalformedRequestException.body(
          "the body names a field that is not in letters, digits and underscores: "
              + MalformedRequestException.shown(name));
    }
    return above.isEmpty() ? name : above + "." + name;
  }
}
