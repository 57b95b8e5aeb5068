// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonArray;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.salesforce.Footprint.Touched;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads what a record in a request body sets. */
final class Records {
  private static final String ATTRIBUTES = "attributes";

  /** More than the fields that any object has, and paths to them. */
  private static final int MOST_PATHS = 2_000;

  private Records() {}

  /** The object that {@code attributes.type} names, in normal form. */
  static Optional<String> type(JsonObject record) {
    return record
        .member(ATTRIBUTES)
        .map(attributes -> Members.of(attributes, ATTRIBUTES).ignore("url", "referenceId"))
        .flatMap(
            attributes -> {
              Optional<String> type = attributes.takeText("type");
              attributes.requireNoMore();
              return type.map(ApiName::object);
            });
  }

  /** As {@link #type}, for records that must name it. */
  static String requireType(JsonObject record) {
    return type(record)
        .orElseThrow(
            () ->
                MalformedRequestException.body(
                    "a record does not name its object in attributes.type"));
  }

  /** Denies a record that says it is of another object than the one that the path names. */
  static void requireType(JsonObject record, String object) {
    type(record)
        .filter(type -> !type.equals(object))
        .ifPresent(
            type -> {
              throw MalformedRequestException.body(
                  "a record is of the object " + type + " and the path names " + object);
            });
  }

  /**
   * Notes every field that a record sets. A nested record names another one by a field of its own,
   * which tells whether such a record exists: that field counts as a filter behind the
   * relationship.
   *
   * @param keys members in normal form that say which record is meant and set nothing
   */
  static void write(JsonObject record, Rows rows, Set<String> keys, List<Touched> operations) {
    Set<String> seen = new HashSet<>();
    for (Map.Entry<String, JsonValue> member : record.members().entrySet()) {
      if (member.getKey().equals(ATTRIBUTES)) {
        continue;
      }
      String field = field(member.getKey(), seen);
      if (keys.contains(field)) {
        continue;
      }
      operations.forEach(operation -> operation.writes(field));
      switch (member.getValue()) {
        case JsonObject other -> reference(other, rows.through(List.of(field)));
        case JsonArray list ->
            throw MalformedRequestException.unknown(
                "the field " + field + " holds an array: only composite/tree takes nested records");
        default -> {}
      }
    }
  }

  /** A member's name as a field, at most once in a record, whatever its case. */
  static String field(String written, Set<String> seen) {
    String field = ApiName.field(written);
    if (field.equals(ATTRIBUTES)) {
      throw MalformedRequestException.body("attributes is written in another case");
    }
    if (!seen.add(field)) {
      throw MalformedRequestException.body(
          "a record holds the field " + field + " twice, in different cases");
    }
    return field;
  }

  private static void reference(JsonObject other, Rows behind) {
    Set<String> seen = new HashSet<>();
    Optional<String> type = type(other);
    behind.touched(Action.READ);
    for (Map.Entry<String, JsonValue> member : other.members().entrySet()) {
      if (member.getKey().equals(ATTRIBUTES)) {
        continue;
      }
      if (member.getValue() instanceof JsonObject || member.getValue() instanceof JsonArray) {
        throw MalformedRequestException.unknown(
            "a record is nested deeper than a reference by one of its fields");
      }
      behind.touched(Action.READ).filters(field(member.getKey(), seen));
    }
    if (seen.size() != 1) {
      throw MalformedRequestException.unknown(
          "a nested record"
              + type.map(name -> " of " + name).orElse("")
              + " names another record by exactly one field");
    }
  }

  /** A list of fields in a parameter, such as {@code Id,Owner.Name}; each one once. */
  static Set<List<String>> paths(String list) {
    return paths(List.of(list));
  }

  /** As above, for what several lists name together. */
  static Set<List<String>> paths(List<String> lists) {
    Set<List<String>> paths = new LinkedHashSet<>();
    int left = MOST_PATHS;
    for (String list : lists) {
      for (String path : list.split(",", -1)) {
        if (--left < 0) {
          throw MalformedRequestException.tooLarge(
              "a list of fields names more than " + MOST_PATHS + ": ask for fewer");
        }
        paths.add(ApiName.path(path.strip()));
      }
    }
    return paths;
  }
}
