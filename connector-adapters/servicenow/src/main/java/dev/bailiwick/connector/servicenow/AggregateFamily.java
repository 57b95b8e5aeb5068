// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.RowBound;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Counts, sums and other figures of a table: {@code /api/now/stats/<table>}. A figure of a field
 * discloses it, so the operations are those of reading the table, under the same field rules.
 */
final class AggregateFamily implements Family {
  private static final String QUERY = "sysparm_query";
  private static final String GROUP_BY = "sysparm_group_by";
  private static final String HAVING = "sysparm_having";
  private static final String DISPLAY_VALUE = "sysparm_display_value";

  /** Parameters that list fields whose values, or figures of them, the answer shows. */
  private static final List<String> SHOWN =
      List.of(
          GROUP_BY,
          "sysparm_sum_fields",
          "sysparm_avg_fields",
          "sysparm_min_fields",
          "sysparm_max_fields");

  private static final Map<String, Pattern> FORMS =
      Map.of(
          QUERY,
          KnownParameters.ANY,
          HAVING,
          KnownParameters.ANY,
          DISPLAY_VALUE,
          KnownParameters.DISPLAY_VALUE,
          "sysparm_count",
          KnownParameters.FLAG,
          GROUP_BY,
          KnownParameters.ANY,
          "sysparm_sum_fields",
          KnownParameters.ANY,
          "sysparm_avg_fields",
          KnownParameters.ANY,
          "sysparm_min_fields",
          KnownParameters.ANY,
          "sysparm_max_fields",
          KnownParameters.ANY);

  /** {@code count^priority^>^3}: an aggregate, its field, an operator and a number. */
  private static final Pattern CONDITION =
      Pattern.compile(
          "(?:count|sum|avg|min|max)\\^([a-z0-9_.]+)\\^(?:=|!=|>|>=|<|<=)\\^-?[0-9]+(?:\\.[0-9]+)?");

  @Override
  public boolean owns(ApiPath path) {
    return path.isNow("stats");
  }

  @Override
  public Classification<Call> classify(ConnectorRequest head, ApiPath path) {
    if (!path.hasLength(2)) {
      throw MalformedRequestException.unknown("expected /api/now/stats/<table>, nothing more");
    }
    if (!head.method().equals("GET")) {
      throw MalformedRequestException.unknown("the Aggregate API takes GET only");
    }
    return Classification.withoutBody(call(head.target(), path));
  }

  private static Call call(RequestTarget target, ApiPath path) {
    String table = path.table(1);
    KnownParameters.check(target, FORMS, "aggregating");
    Set<FieldName> filtered = new LinkedHashSet<>();
    target.single(QUERY).ifPresent(text -> filtered.addAll(EncodedQuery.parse(text).fields()));
    target.single(HAVING).ifPresent(text -> filtered.addAll(having(text)));
    TableUse use = new TableUse(table, shown(target), filtered, Set.of(), false, rows(target));
    List<Operation> operations = new ArrayList<>(List.of(use.reading()));
    operations.addAll(use.walks());
    if (target.single(DISPLAY_VALUE).filter(value -> !value.equals("false")).isPresent()) {
      operations.add(use.displayValues());
    }
    return Call.of(operations, path.canonical(target, 1, table));
  }

  /** One row of figures; with groups, as many as there are values to group by. */
  private static RowBound rows(RequestTarget target) {
    boolean grouped =
        target.single(GROUP_BY).isPresent()
            || target
                .single(QUERY)
                .filter(text -> !EncodedQuery.parse(text).grouped().isEmpty())
                .isPresent();
    return grouped ? RowBound.unknown() : RowBound.one();
  }

  private static Set<FieldName> shown(RequestTarget target) {
    Set<FieldName> fields = new LinkedHashSet<>();
    for (String parameter : SHOWN) {
      target
          .single(parameter)
          .ifPresent(text -> fields.addAll(KnownParameters.fields(text, parameter)));
    }
    // GROUPBY inside the query groups as sysparm_group_by does: the answer shows each value.
    target.single(QUERY).ifPresent(text -> fields.addAll(EncodedQuery.parse(text).grouped()));
    return fields;
  }

  private static Set<FieldName> having(String text) {
    Set<FieldName> fields = new LinkedHashSet<>();
    for (String condition : text.split(",", -1)) {
      Matcher matcher = CONDITION.matcher(condition);
      if (!matcher.matches()) {
        throw MalformedRequestException.unknown(
            "sysparm_having holds a condition that is not aggregate^field^operator^number, such as"
                + " count^priority^>^3");
      }
      fields.add(FieldName.of(matcher.group(1), HAVING));
    }
    return fields;
  }
}
