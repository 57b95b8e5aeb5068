// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import io.github.apexdevtools.apexparser.ApexParser.SoqlFunctionContext;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.HashSet;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.DecimalNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.NullNode;

/** The functions of SOQL. */
final class Functions {
  private Functions() {}

  static boolean isAggregate(@Nullable SoqlFunctionContext f) {
    return f != null
        && (f.AVG() != null
            || f.COUNT() != null
            || f.COUNT_DISTINCT() != null
            || f.MIN() != null
            || f.MAX() != null
            || f.SUM() != null
            || f.GROUPING() != null);
  }

  /**
   * @param column the value of the function's field in a row
   */
  static JsonNode apply(SoqlFunctionContext f, List<Row> rows, Function<Row, JsonNode> column) {
    if (f.COUNT() != null && f.fieldName() == null) {
      return IntNode.valueOf(rows.size());
    }
    List<JsonNode> values = rows.stream().map(column).filter(value -> !value.isNull()).toList();
    if (f.COUNT() != null) {
      return IntNode.valueOf(values.size());
    }
    if (f.COUNT_DISTINCT() != null) {
      return IntNode.valueOf(new HashSet<>(values).size());
    }
    if (values.isEmpty()) {
      return NullNode.getInstance();
    }
    if (f.MIN() != null) {
      return values.stream().min(Values::compare).orElseThrow();
    }
    if (f.MAX() != null) {
      return values.stream().max(Values::compare).orElseThrow();
    }
    if (f.SUM() != null || f.AVG() != null) {
      BigDecimal sum =
          values.stream()
              .map(v -> v.asDecimal(BigDecimal.ZERO))
              .reduce(BigDecimal.ZERO, BigDecimal::add);
      return DecimalNode.valueOf(
          f.SUM() != null
              ? sum
              : sum.divide(BigDecimal.valueOf(values.size()), MathContext.DECIMAL64));
    }
    JsonNode value = values.getFirst();
    String text = value.asString("");
    if (f.CALENDAR_YEAR() != null || f.FISCAL_YEAR() != null) {
      return number(text, 0, 4);
    }
    if (f.CALENDAR_MONTH() != null || f.FISCAL_MONTH() != null) {
      return number(text, 5, 7);
    }
    if (f.DAY_IN_MONTH() != null) {
      return number(text, 8, 10);
    }
    return value;
  }

  private static JsonNode number(String date, int from, int to) {
    return date.matches("[0-9]{4}-[0-9]{2}-[0-9]{2}.*")
        ? IntNode.valueOf(Integer.parseInt(date.substring(from, to)))
        : NullNode.getInstance();
  }
}
