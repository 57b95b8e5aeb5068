// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.RequestTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A path below {@code /api}, taken apart: {@code /api/<namespace>[/v1|/v2]/<rest…>}. The version
 * changes nothing about the operation.
 *
 * @param segments the whole path
 * @param namespace {@code now}, or a scoped application; empty outside {@code /api}
 * @param rest what follows namespace and version
 * @param trailingSlash whether the path ends in a slash, which no family takes
 */
record ApiPath(List<String> segments, String namespace, List<String> rest, boolean trailingSlash) {
  private static final Set<String> VERSIONS = Set.of("v1", "v2");
  private static final int LONGEST_TABLE = 80;
  private static final int SYS_ID_DIGITS = 32;

  ApiPath {
    segments = List.copyOf(segments);
    rest = List.copyOf(rest);
  }

  static ApiPath of(RequestTarget target) {
    List<String> path = target.segments();
    if (path.size() < 3 || !path.getFirst().equals("api")) {
      return new ApiPath(path, "", path, target.trailingSlash());
    }
    int from = VERSIONS.contains(path.get(2)) ? 3 : 2;
    return new ApiPath(path, path.get(1), path.subList(from, path.size()), target.trailingSlash());
  }

  /** Whether this is a path of {@code /api/now/<family>}. */
  boolean isNow(String family) {
    return namespace.equals("now") && !rest.isEmpty() && rest.getFirst().equals(family);
  }

  /** Whether the path has so many segments behind namespace and version, and ends there. */
  boolean hasLength(int length) {
    return rest.size() == length && !trailingSlash;
  }

  /** The table at that place, in lower case, or a denial. */
  String table(int index) {
    return table(rest.get(index));
  }

  /** The sys_id at that place, or a denial. */
  String sysId(int index) {
    return sysId(rest.get(index));
  }

  static String table(String name) {
    if (!isTable(name)) {
      throw MalformedRequestException.unknown(
          "a table name holds letters, digits and underscores only");
    }
    return name.toLowerCase(Locale.ROOT);
  }

  static String sysId(String id) {
    if (!isSysId(id)) {
      throw MalformedRequestException.unknown(
          "a sys_id is 32 hex digits: look the record up by sysparm_query first");
    }
    return id;
  }

  /** A letter, then letters, digits and underscores. Every request is looked at: no regex. */
  private static boolean isTable(String name) {
    if (name.isEmpty() || name.length() > LONGEST_TABLE || !isLetter(name.charAt(0))) {
      return false;
    }
    for (int i = 1; i < name.length(); i++) {
      char c = name.charAt(i);
      if (!isLetter(c) && !isDigit(c) && c != '_') {
        return false;
      }
    }
    return true;
  }

  private static boolean isSysId(String id) {
    if (id.length() != SYS_ID_DIGITS) {
      return false;
    }
    for (int i = 0; i < SYS_ID_DIGITS; i++) {
      char c = id.charAt(i);
      if (!isDigit(c) && (c < 'a' || c > 'f') && (c < 'A' || c > 'F')) {
        return false;
      }
    }
    return true;
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** A target with one of the segments behind namespace and version in its normal form. */
  RequestTarget canonical(RequestTarget target, int index, String segment) {
    int at = target.segments().size() - rest.size() + index;
    if (!target.trailingSlash() && target.segments().get(at).equals(segment)) {
      return target;
    }
    List<String> segments = new ArrayList<>(target.segments());
    segments.set(at, segment);
    return new RequestTarget(segments, target.parameters(), false);
  }
}
