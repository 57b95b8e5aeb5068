// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import io.github.apexdevtools.apexparser.ApexParser.DateFormulaContext;
import io.github.apexdevtools.apexparser.ApexParser.ValueContext;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.LocalDate;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.DecimalNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.StringNode;

/** Literals of a query, and how values compare with them. */
final class Values {
  private static final Pattern DAYS = Pattern.compile("(LAST|NEXT)_N_DAYS:([0-9]+)");
  private static final Pattern CURRENCY = Pattern.compile("[A-Za-z]{3}([0-9.]+)");

  private Values() {}

  static JsonNode literal(ValueContext value, Clock clock) {
    if (value.NULL() != null) {
      return NullNode.getInstance();
    }
    if (value.BooleanLiteral() != null) {
      return BooleanNode.valueOf(value.getText().equalsIgnoreCase("true"));
    }
    if (value.StringLiteral() != null) {
      return StringNode.valueOf(unquoted(value.getText()));
    }
    if (value.dateFormula() != null) {
      return StringNode.valueOf(date(value.dateFormula(), LocalDate.now(clock)));
    }
    String text = value.getText();
    if (value.DateTimeLiteral() != null) {
      return StringNode.valueOf(
          text.endsWith("Z") && !text.contains(".")
              ? text.substring(0, text.length() - 1) + ".000+0000"
              : text);
    }
    if (value.DateLiteral() != null || value.TimeLiteral() != null) {
      return StringNode.valueOf(text);
    }
    Matcher currency = CURRENCY.matcher(text);
    try {
      return DecimalNode.valueOf(new BigDecimal(currency.matches() ? currency.group(1) : text));
    } catch (NumberFormatException e) {
      throw Problem.query("this value is not imitated: " + text);
    }
  }

  static String unquoted(String literal) {
    String inner = literal.substring(1, literal.length() - 1);
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < inner.length(); i++) {
      char c = inner.charAt(i);
      if (c == '\\' && i + 1 < inner.length()) {
        i++;
        c =
            switch (inner.charAt(i)) {
              case 'n' -> '\n';
              case 't' -> '\t';
              case 'r' -> '\r';
              default -> inner.charAt(i);
            };
      }
      out.append(c);
    }
    return out.toString();
  }

  private static String date(DateFormulaContext formula, LocalDate today) {
    String text = formula.getText().toUpperCase(Locale.ROOT);
    Matcher days = DAYS.matcher(text);
    if (days.matches()) {
      int count = Integer.parseInt(days.group(2));
      return (days.group(1).equals("LAST") ? today.minusDays(count) : today.plusDays(count))
          .toString();
    }
    return switch (text) {
      case "TODAY" -> today.toString();
      case "YESTERDAY" -> today.minusDays(1).toString();
      case "TOMORROW" -> today.plusDays(1).toString();
      case "THIS_MONTH" -> today.withDayOfMonth(1).toString();
      case "THIS_YEAR" -> today.withDayOfYear(1).toString();
      case "LAST_YEAR" -> today.withDayOfYear(1).minusYears(1).toString();
      default -> throw Problem.query("this date is not imitated: " + text);
    };
  }

  /**
   * Negative, zero or positive; nulls come first, texts compare without regard to case, times
   * compare with days.
   */
  static int compare(JsonNode a, JsonNode b) {
    if (a.isNull() || b.isNull()) {
      return Boolean.compare(b.isNull(), a.isNull());
    }
    if (a.isNumber() && b.isNumber()) {
      return a.decimalValue().compareTo(b.decimalValue());
    }
    String text = a.asString("");
    String other = b.asString("");
    boolean day = other.length() == 10 && text.matches("\\d{4}-\\d{2}-\\d{2}T.*");
    return (day ? text.substring(0, 10) : text).compareToIgnoreCase(other);
  }

  static boolean equal(JsonNode a, JsonNode b) {
    if (a.isNull() || b.isNull()) {
      return a.isNull() == b.isNull();
    }
    if (a.isString() && b.isString() && Ids.isId(a.asString()) && Ids.isId(b.asString())) {
      return Ids.key(a.asString()).equals(Ids.key(b.asString()));
    }
    return compare(a, b) == 0;
  }

  static boolean like(JsonNode value, String pattern) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      regex.append(
          switch (c) {
            case '%' -> ".*";
            case '_' -> ".";
            default -> Pattern.quote(String.valueOf(c));
          });
    }
    return !value.isNull()
        && Pattern.compile(regex.toString(), Pattern.CASE_INSENSITIVE | Pattern.DOTALL)
            .matcher(value.asString(""))
            .matches();
  }
}
