// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.salesforce.Footprint.Use;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The names that one SELECT can use: its rows, and the aliases of its FROM list. */
final class SelectScope {
  private static final int LONGEST_ALIAS = 2;

  /** Words that SOQL does not take as an alias. */
  private static final Set<String> RESERVED =
      Set.of(
          "and",
          "as",
          "asc",
          "by",
          "desc",
          "excludes",
          "first",
          "for",
          "from",
          "group",
          "having",
          "in",
          "includes",
          "last",
          "like",
          "limit",
          "not",
          "null",
          "nulls",
          "offset",
          "or",
          "order",
          "select",
          "update",
          "using",
          "where",
          "with");

  private final Rows rows;
  private final Map<String, Rows> aliases = new HashMap<>();

  SelectScope(Rows rows) {
    this.rows = rows;
  }

  static boolean isReserved(String name) {
    return RESERVED.contains(name);
  }

  /** The rows of the first name in FROM. */
  Rows rows() {
    return rows;
  }

  void field(List<String> path, Use use) {
    @Nullable Rows named = path.size() == 1 ? null : named(path.getFirst());
    if (named == null) {
      rows.field(path, use);
    } else {
      named.field(path.subList(1, path.size()), use);
    }
  }

  /** The rows that a whole path leads to. */
  Rows rows(List<String> path) {
    @Nullable Rows named = path.size() == 1 ? null : named(path.getFirst());
    return named == null ? rows.through(path) : named.through(path.subList(1, path.size()));
  }

  /**
   * The relationship that a subquery in the SELECT list reads: {@code Contacts}, {@code
   * a.Contacts}.
   */
  List<String> childPath(List<String> path) {
    if (path.size() == 2 && named(path.getFirst()) == rows) {
      return path.subList(1, 2);
    }
    if (path.size() != 1) {
      throw MalformedRequestException.unknown(
          "FROM of a subquery is a path: name one relationship of the outer rows");
    }
    return path;
  }

  /** A further name in FROM, such as {@code a.Owner}: a relationship of what was named before. */
  Rows source(List<String> path) {
    if (path.size() < 2 || named(path.getFirst()) == null) {
      throw MalformedRequestException.unknown(
          "FROM names a second object: only relationships of the first one can follow it");
    }
    return rows(path);
  }

  /**
   * Takes an alias. A longer one could be the name of a relationship too, and then {@code
   * Owner.Email} would have two readings.
   */
  void alias(String written, Rows of) {
    String name = ApiName.of(written, "an alias");
    if (name.length() > LONGEST_ALIAS) {
      throw MalformedRequestException.unknown(
          "an alias in FROM is longer than two characters and could be the name of a relationship:"
              + " use one or two letters, or none");
    }
    if (isReserved(name) || aliases.put(name, of) != null) {
      throw MalformedRequestException.unknown(
          "an alias in FROM is a word of SOQL itself, or used twice");
    }
  }

  private @Nullable Rows named(String name) {
    @Nullable Rows alias = aliases.get(name);
    if (alias != null) {
      return alias;
    }
    return rows.isObject(name) ? rows : null;
  }
}
