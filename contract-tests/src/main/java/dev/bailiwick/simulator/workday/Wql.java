// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.workday;

import dev.bailiwick.connector.Action;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs the queries that tests need: a list of fields, related fields in braces, WHERE with AND, OR,
 * NOT and parentheses, ORDER BY, LIMIT. Parameters and filters of a data source are read over.
 */
final class Wql {
  private static final Pattern TOKEN =
      Pattern.compile(
          "'((?:[^']|'')*)'|[A-Za-z_][A-Za-z0-9_]*|-?[0-9]+(?:\\.[0-9]+)?|!=|<>|<=|>=|\\S");

  private final Data data;
  private final List<String> tokens = new ArrayList<>();
  private int at;
  private String source = "";
  private String resource = "";

  private Wql(Data data, String query) {
    this.data = data;
    Matcher token = TOKEN.matcher(query);
    while (token.find()) {
      tokens.add(token.group());
    }
  }

  static ArrayNode run(Data data, String query) {
    return new Wql(data, query).query();
  }

  private ArrayNode query() {
    if (skip("PARAMETERS")) {
      while (!peek().equalsIgnoreCase("SELECT") && at < tokens.size()) {
        at++;
      }
    }
    expect("SELECT");
    boolean distinct = skip("DISTINCT");
    List<List<String>> columns = new ArrayList<>();
    do {
      column(List.of(), columns);
    } while (skip(","));
    expect("FROM");
    source = next();
    resource =
        data.dataSource(source)
            .orElseThrow(() -> Problem.query("data source " + source + " is not known"));
    if (skip("(")) {
      while (!skip(")")) {
        next();
      }
    }
    data.touches().on("wql", source, Action.READ);
    Predicate<ObjectNode> where = skip("WHERE") ? any() : row -> true;
    Optional<Comparator<ObjectNode>> order =
        skip("ORDER") ? Optional.of(order()) : Optional.empty();
    int limit = skip("LIMIT") ? Integer.parseInt(next()) : Integer.MAX_VALUE;
    if (at < tokens.size()) {
      throw Problem.query("unexpected " + peek());
    }
    List<ObjectNode> rows =
        new ArrayList<>(data.resource(resource).orElse(List.of()).stream().filter(where).toList());
    order.ifPresent(rows::sort);
    ArrayNode out = JsonMapper.shared().createArrayNode();
    for (ObjectNode row : rows) {
      ObjectNode shown = JsonMapper.shared().createObjectNode();
      columns.forEach(path -> put(shown, row, path));
      boolean known = distinct && out.valueStream().anyMatch(shown::equals);
      if (out.size() < limit && !known) {
        out.add(shown);
      }
    }
    return out;
  }

  private void column(List<String> above, List<List<String>> columns) {
    List<String> path = new ArrayList<>(above);
    path.add(next());
    if (skip("{")) {
      do {
        column(path, columns);
      } while (skip(","));
      expect("}");
    } else {
      columns.add(path);
    }
    if (skip("AS")) {
      next();
    }
  }

  private void put(ObjectNode shown, ObjectNode row, List<String> path) {
    JsonNode value = value(row, path);
    ObjectNode out = shown;
    for (String step : path.subList(0, path.size() - 1)) {
      out = out.path(step) instanceof ObjectNode known ? known : out.putObject(step);
    }
    if (!value.isMissingNode()) {
      out.set(path.getLast(), value);
    }
  }

  /** Walks to a field; every field on the way is noted as read. */
  private JsonNode value(ObjectNode row, List<String> path) {
    ObjectNode at = row;
    String type = resource;
    String family = "wql";
    String object = source;
    for (int i = 0; i < path.size(); i++) {
      String step = path.get(i);
      data.touches().field(family, object, Action.READ, step);
      if (i == path.size() - 1) {
        return at.path(step);
      }
      String target =
          data.reference(type, step)
              .orElseThrow(() -> Problem.query("field " + step + " leads nowhere"));
      object = object + "." + step;
      family = "wql-related";
      data.touches().on(family, object, Action.READ);
      Optional<ObjectNode> next = data.byId(target, at.path(step).asString(""));
      if (next.isEmpty()) {
        return MissingNode.getInstance();
      }
      at = next.get();
      type = target;
    }
    return MissingNode.getInstance();
  }

  private Predicate<ObjectNode> any() {
    Predicate<ObjectNode> all = one();
    while (true) {
      if (skip("AND")) {
        all = all.and(one());
      } else if (skip("OR")) {
        all = all.or(one());
      } else {
        return all;
      }
    }
  }

  private Predicate<ObjectNode> one() {
    if (skip("NOT")) {
      return one().negate();
    }
    if (skip("(")) {
      Predicate<ObjectNode> inner = any();
      expect(")");
      return inner;
    }
    List<List<String>> columns = new ArrayList<>();
    column(List.of(), columns);
    List<String> path = columns.getFirst();
    if (skip("IS")) {
      boolean not = skip("NOT");
      next();
      return row -> value(row, path).asString("").isEmpty() != not;
    }
    boolean not = skip("NOT");
    String operator = next().toLowerCase(Locale.ROOT);
    if (operator.equals("in")) {
      expect("(");
      List<String> values = new ArrayList<>();
      do {
        values.add(literal());
      } while (skip(","));
      expect(")");
      return row -> values.contains(value(row, path).asString("")) != not;
    }
    String wanted = literal();
    return row -> compare(value(row, path).asString(""), operator, wanted) != not;
  }

  private static boolean compare(String value, String operator, String wanted) {
    int order =
        number(value) && number(wanted)
            ? Double.compare(Double.parseDouble(value), Double.parseDouble(wanted))
            : value.compareToIgnoreCase(wanted);
    return switch (operator) {
      case "=" -> order == 0;
      case "!=", "<>" -> order != 0;
      case "<" -> order < 0;
      case "<=" -> order <= 0;
      case ">" -> order > 0;
      case ">=" -> order >= 0;
      case "contains" -> value.toLowerCase(Locale.ROOT).contains(wanted.toLowerCase(Locale.ROOT));
      case "startswith" ->
          value.toLowerCase(Locale.ROOT).startsWith(wanted.toLowerCase(Locale.ROOT));
      default -> throw Problem.query("the comparison " + operator + " is not imitated");
    };
  }

  private static boolean number(String text) {
    return text.matches("-?[0-9]+(\\.[0-9]+)?");
  }

  private Comparator<ObjectNode> order() {
    expect("BY");
    List<List<String>> columns = new ArrayList<>();
    column(List.of(), columns);
    List<String> path = columns.getFirst();
    Comparator<ObjectNode> order = Comparator.comparing(row -> value(row, path).asString(""));
    boolean descending = skip("DESC");
    if (!descending) {
      boolean unused = skip("ASC");
    }
    return descending ? order.reversed() : order;
  }

  private String literal() {
    String token = next();
    return token.startsWith("'")
        ? token.substring(1, token.length() - 1).replace("''", "'")
        : token;
  }

  private String peek() {
    return at < tokens.size() ? tokens.get(at) : "";
  }

  private String next() {
    if (at >= tokens.size()) {
      throw Problem.query("the query ends too early");
    }
    return tokens.get(at++);
  }

  private boolean skip(String word) {
    boolean found = peek().equalsIgnoreCase(word);
    at += found ? 1 : 0;
    return found;
  }

  private void expect(String word) {
    if (!skip(word)) {
      throw Problem.query("expected " + word + ", found " + peek());
    }
  }
}
