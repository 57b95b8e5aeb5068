// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.util.Optional;

/**
 * A scope: {@code <connector>:<family>/<object>:<action>}, where {@code *} stands for anything in
 * one segment, such as {@code servicenow:table/incident:read}.
 *
 * <p>An upsert is {@code create} and {@code update}; there is no scope for both at once.
 */
public record Scope(String connector, String family, String object, String action) {
  /** Matches anything in its segment. */
  public static final String ANY = "*";

  public Scope {
    requireSegment("connector", connector);
    requireSegment("family", family);
    requireSegment("object", object);
    requireSegment("action", action);
  }

  /**
   * Parses the written form.
   *
   * @throws IllegalArgumentException with the expected form when the text is not a scope
   */
  public static Scope parse(String text) {
    return tryParse(text)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "expected <connector>:<family>/<object>:<action>, such as"
                        + " servicenow:table/incident:read, found \""
                        + text
                        + "\""));
  }

  /** Parses the written form; empty when the text is not a scope. */
  public static Optional<Scope> tryParse(String text) {
    int first = text.indexOf(':');
    int last = text.lastIndexOf(':');
    int slash = text.indexOf('/', first + 1);
    if (first <= 0 || slash < 0 || last <= slash || slash == first + 1) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Scope(
              text.substring(0, first),
              text.substring(first + 1, slash),
              text.substring(slash + 1, last),
              text.substring(last + 1)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** True when this scope covers the whole of {@code other}, wildcards included. */
  public boolean covers(Scope other) {
    return covers(connector, other.connector)
        && covers(family, other.family)
        && covers(object, other.object)
        && covers(action, other.action);
  }

  private static boolean covers(String pattern, String value) {
    return pattern.equals(ANY) || pattern.equals(value);
  }

  private static void requireSegment(String name, String segment) {
    if (segment.isEmpty()) {
      throw new IllegalArgumentException("scope " + name + " is empty");
    }
    if (segment.length() > 1 && segment.indexOf('*') >= 0) {
      throw new IllegalArgumentException("scope " + name + ": * stands alone or not at all");
    }
    for (int i = 0; i < segment.length(); i++) {
      char c = segment.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == ':' || c == '/' || c == ',' || c == '"' || c == '\\') {
        throw new IllegalArgumentException("scope " + name + " holds a forbidden character");
      }
    }
  }

  @Override
  public String toString() {
    return connector + ":" + family + "/" + object + ":" + action;
  }
}
