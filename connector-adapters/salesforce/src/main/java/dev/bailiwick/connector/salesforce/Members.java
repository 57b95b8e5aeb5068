// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonArray;
import dev.bailiwick.connector.JsonValue.JsonNull;
import dev.bailiwick.connector.JsonValue.JsonNumber;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.JsonValue.JsonString;
import dev.bailiwick.connector.MalformedRequestException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The members of one JSON object with a fixed set of names, of which every one must be accounted
 * for. Not thread-safe.
 */
final class Members {
  private final JsonObject object;
  private final String what;
  private final Set<String> known = new HashSet<>();

  private Members(JsonObject object, String what) {
    this.object = object;
    this.what = what;
  }

  /**
   * @param what what the object is, for sentences: {@code the body}
   */
  static Members of(JsonValue value, String what) {
    return new Members(object(value, what), what);
  }

  static JsonObject object(JsonValue value, String what) {
    if (value instanceof JsonObject object) {
      return object;
    }
    throw MalformedRequestException.body(what + " is not a JSON object");
  }

  /** A member, if it is there and not null. */
  Optional<JsonValue> take(String name) {
    known.add(name);
    return object.member(name).filter(value -> !(value instanceof JsonNull));
  }

  Optional<String> takeText(String name) {
    return take(name).map(value -> text(value, name));
  }

  String requireText(String name) {
    return takeText(name).orElseThrow(() -> missing(name));
  }

  JsonObject requireObject(String name) {
    return object(take(name).orElseThrow(() -> missing(name)), name);
  }

  List<JsonValue> requireArray(String name) {
    return array(take(name).orElseThrow(() -> missing(name)), name);
  }

  /** The items of an array that holds some, but no more than can be checked. */
  List<JsonValue> requireItems(String name, int most) {
    List<JsonValue> items = requireArray(name);
    if (items.isEmpty()) {
      throw MalformedRequestException.body(name + " is empty");
    }
    if (items.size() > most) {
      throw MalformedRequestException.tooLarge(name + " holds more than " + most + " items");
    }
    return items;
  }

  /** The strings of an array; empty when the member is absent. */
  List<String> takeTexts(String name) {
    List<String> texts = new ArrayList<>();
    for (JsonValue item : take(name).map(value -> array(value, name)).orElse(List.of())) {
      texts.add(text(item, name));
    }
    return texts;
  }

  /** The digits of a number, which may stand in quotes; nothing else. */
  Optional<String> takeNumber(String name) {
    return take(name)
        .map(
            value ->
                switch (value) {
                  case JsonNumber number -> number.text();
                  case JsonString text -> text.value();
                  default -> throw MalformedRequestException.body(name + " is not a number");
                });
  }

  /** Takes members that change nothing about what is read or written. */
  Members ignore(String... names) {
    known.addAll(List.of(names));
    return this;
  }

  void requireNoMore() {
    for (String name : object.members().keySet()) {
      if (!known.contains(name)) {
        throw MalformedRequestException.unknown(
            what
                + " holds "
                + (ApiName.isName(name) ? "\"" + name + "\"" : "a member")
                + ", which is not known here: leave it out");
      }
    }
  }

  private static List<JsonValue> array(JsonValue value, String name) {
    if (value instanceof JsonArray array) {
      return array.items();
    }
    throw MalformedRequestException.body(name + " is not an array");
  }

  private static String text(JsonValue value, String name) {
    if (value instanceof JsonString text) {
      return text.value();
    }
    throw MalformedRequestException.body(name + " is not a string");
  }

  private RuntimeException missing(String name) {
    return MalformedRequestException.body(what + " does not hold " + name);
  }
}
