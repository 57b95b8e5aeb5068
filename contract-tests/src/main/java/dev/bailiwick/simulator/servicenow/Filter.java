// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.servicenow;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of the encoded query language that the simulator answers. As at the vendor by default, a
 * condition that is not understood is ignored, so a mistaken query returns more rows and not fewer:
 * that is why the connector denies what it cannot read.
 */
final class Filter {
  private static final Pattern CONDITION =
      Pattern.compile("([a-z0-9_.]+)(!=|=|ISNOTEMPTY|ISEMPTY|STARTSWITH|NOT IN|IN|LIKE)(.*)");

  private final Tables tables;
  private final String table;

  Filter(Tables tables, String table) {
    this.tables = tables;
    this.table = table;
  }

  List<Map<String, String>> apply(List<Map<String, String>> rows, String query) {
    List<Map<String, String>> found = new ArrayList<>(rows);
    List<Predicate<Map<String, String>>> alternatives = new ArrayList<>();
    for (String alternative : query.split("\\^NQ", -1)) {
      alternatives.add(allOf(alternative));
    }
    found.removeIf(row -> alternatives.stream().noneMatch(each -> each.test(row)));
    order(query).ifPresent(found::sort);
    return found;
  }

  private Predicate<Map<String, String>> allOf(String query) {
    Predicate<Map<String, String>> all = row -> true;
    Predicate<Map<String, String>> pending = row -> true;
    for (String part : query.split("\\^", -1)) {
      boolean or = part.startsWith("OR") && !part.startsWith("ORDERBY");
      Optional<Predicate<Map<String, String>>> condition = condition(or ? part.substring(2) : part);
      if (condition.isEmpty()) {
        continue;
      }
      if (or) {
        pending = pending.or(condition.get());
      } else {
        all = all.and(pending);
        pending = condition.get();
      }
    }
    return all.and(pending);
  }

  private Optional<Predicate<Map<String, String>>> condition(String text) {
    Matcher matcher = CONDITION.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String field = matcher.group(1);
    String wanted = matcher.group(3);
    Predicate<String> test =
        switch (matcher.group(2)) {
          case "=" -> wanted::equals;
          case "!=" -> value -> !value.equals(wanted);
          case "LIKE" -> value -> lower(value).contains(lower(wanted));
          case "STARTSWITH" -> value -> lower(value).startsWith(lower(wanted));
          case "IN" -> Arrays.asList(wanted.split(",", -1))::contains;
          case "NOT IN" -> value -> !Arrays.asList(wanted.split(",", -1)).contains(value);
          case "ISEMPTY" -> String::isEmpty;
          default -> value -> !value.isEmpty();
        };
    return Optional.of(row -> test.test(tables.walk(table, row, field).orElse("")));
  }

  private Optional<Comparator<Map<String, String>>> order(String query) {
    Comparator<Map<String, String>> order = null;
    for (String part : query.split("\\^", -1)) {
      if (part.startsWith("ORDERBY")) {
        boolean descending = part.startsWith("ORDERBYDESC");
        String field = part.substring(descending ? 11 : 7);
        Comparator<Map<String, String>> next =
            Comparator.comparing(row -> tables.walk(table, row, field).orElse(""));
        next = descending ? next.reversed() : next;
        order = order == null ? next : order.thenComparing(next);
      }
    }
    return Optional.ofNullable(order);
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
