// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A value of a document, with the place where it stands. {@link #json} is the same value as a plain
 * tree, for the schema.
 *
 * @param path where in the document, such as {@code agents.triage-agent.ceiling[0]}
 * @param members of a mapping, in the order of the document; otherwise empty
 * @param keys places of the members' keys
 * @param items of a list; otherwise empty
 * @param incomplete something that belongs here could not be read, and a problem says so
 * @param quiet the value may hold a secret by mistake, so no sentence repeats it
 */
record Located(
    String path,
    Place place,
    JsonNode json,
    Map<String, Located> members,
    Map<String, Place> keys,
    List<Located> items,
    boolean incomplete,
    boolean quiet) {
  private static final int LONGEST_QUOTE = 60;

  Located {
    members = new LinkedHashMap<>(members);
  }

  Optional<Located> member(String key) {
    return Optional.ofNullable(members.get(key));
  }

  /** Where the key stands; the mapping's own place when it has no such key. */
  Place keyPlace(String key) {
    return keys.getOrDefault(key, place);
  }

  /** The text, or null when this is not text. */
  @Nullable String text() {
    return json.isString() ? json.stringValue() : null;
  }

  /** What stands here, in the words of a sentence. */
  String found() {
    if (json.isContainer()) {
      return (json.isEmpty() ? "an empty " : "a ") + (json.isArray() ? "list" : "mapping");
    }
    if (json.isNull() || json.isMissingNode()) {
      return "nothing";
    }
    String kind = json.isString() ? "the text" : json.isNumber() ? "the number" : "the value";
    if (quiet) {
      return "a " + kind.substring("the ".length()) + " that is not repeated here";
    }
    return json.isString() ? quote(json.stringValue()) : kind + " " + json.asString();
  }

  /** The path of a key below {@code parent}. */
  static String below(String parent, String key) {
    String step = key.matches("[A-Za-z0-9_-]+") ? key : quote(key);
    return parent.isEmpty() ? step : parent + "." + step;
  }

  /** The text in quotes, fit for a terminal: shortened, without control characters. */
  static String quote(String text) {
    if (text.contains("://") && text.contains("@")) {
      return "an address with a user name";
    }
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints()
        .limit(LONGEST_QUOTE)
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                quoted.append('\\').appendCodePoint(c);
              } else if (Character.isISOControl(c)
                  || Character.getType(c) == Character.FORMAT
                  || Character.getType(c) == Character.SURROGATE) {
                quoted.append(String.format("\\u%04x", c));
              } else {
                quoted.appendCodePoint(c);
              }
            });
    return quoted
        .append(text.codePointCount(0, text.length()) > LONGEST_QUOTE ? "…\"" : "\"")
        .toString();
  }
}
