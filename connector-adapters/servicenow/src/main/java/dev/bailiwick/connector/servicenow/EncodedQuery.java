// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.MalformedRequestException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An encoded query ({@code sysparm_query}) taken apart far enough to know every field that it looks
 * at. The vendor ignores a condition that it does not understand and so returns more rows; here it
 * is denied.
 *
 * <pre>
 *   query     = term *( "^" term )
 *   term      = [ "OR" / "NQ" ] condition / "ORDERBY" [ "DESC" ] field / "GROUPBY" field / "EQ"
 *   condition = field operator value
 * </pre>
 *
 * @param fields every field that selects, orders or groups rows, dot-walked ones included
 * @param grouped those of them that group rows
 */
record EncodedQuery(Set<FieldName> fields, Set<FieldName> grouped) {
  private static final String PLACE = "sysparm_query";

  /**
   * Evaluated on the server wherever it stands in a query; {@code %3a} in case of a second
   * decoding.
   */
  private static final Pattern SCRIPT =
      Pattern.compile("javascript\\s*(:|%3a)", Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);

  /** What an operand is. */
  private enum Operand {
    VALUE,
    NONE,
    FIELD
  }

  /** An operator; longer ones stand before those that they start with. */
  private record Operator(String word, Operand operand) {}

  private static final List<Operator> OPERATORS =
      List.of(
          new Operator("GT_OR_EQUALS_FIELD", Operand.FIELD),
          new Operator("LT_OR_EQUALS_FIELD", Operand.FIELD),
          new Operator("GT_FIELD", Operand.FIELD),
          new Operator("LT_FIELD", Operand.FIELD),
          new Operator("NSAMEAS", Operand.FIELD),
          new Operator("SAMEAS", Operand.FIELD),
          new Operator("ISNOTEMPTY", Operand.NONE),
          new Operator("ISEMPTY", Operand.NONE),
          new Operator("EMPTYSTRING", Operand.NONE),
          new Operator("ANYTHING", Operand.NONE),
          new Operator("RELATIVEGT", Operand.VALUE),
          new Operator("RELATIVEGE", Operand.VALUE),
          new Operator("RELATIVELT", Operand.VALUE),
          new Operator("RELATIVELE", Operand.VALUE),
          new Operator("RELATIVEEE", Operand.VALUE),
          new Operator("STARTSWITH", Operand.VALUE),
          new Operator("ENDSWITH", Operand.VALUE),
          new Operator("NOT LIKE", Operand.VALUE),
          new Operator("NOT IN", Operand.VALUE),
          new Operator("BETWEEN", Operand.VALUE),
          new Operator("NOTON", Operand.VALUE),
          new Operator("LIKE", Operand.VALUE),
          new Operator("IN", Operand.VALUE),
          new Operator("ON", Operand.VALUE),
          new Operator("!=", Operand.VALUE),
          new Operator(">=", Operand.VALUE),
          new Operator("<=", Operand.VALUE),
          new Operator("=", Operand.VALUE),
          new Operator(">", Operand.VALUE),
          new Operator("<", Operand.VALUE));

  private static final Pattern CONDITION =
      Pattern.compile("([a-z][a-z0-9_.]*)(.*)", Pattern.DOTALL);

  EncodedQuery {
    fields = Set.copyOf(fields);
    grouped = Set.copyOf(grouped);
  }

  /** Reads a query after percent-decoding, or denies it. */
  static EncodedQuery parse(String query) {
    denyScript(query);
    Set<FieldName> fields = new LinkedHashSet<>();
    Set<FieldName> grouped = new LinkedHashSet<>();
    List<String> terms = new ArrayList<>(List.of(query.split("\\^", -1)));
    if (terms.size() > 1 && terms.getFirst().isEmpty()) {
      terms.removeFirst();
    }
    for (String term : terms) {
      if (term.startsWith("GROUPBY")) {
        grouped.add(FieldName.of(term.substring(7), PLACE));
      } else {
        readTerm(term, fields);
      }
    }
    fields.addAll(grouped);
    return new EncodedQuery(fields, grouped);
  }

  /** Denies a query that the server would evaluate, whoever reads it. */
  static void denyScript(String query) {
    if (SCRIPT.matcher(query).find()) {
      throw MalformedRequestException.forbidden(
          "sysparm_query holds a javascript: value, which would run on the server: send a literal");
    }
  }

  private static void readTerm(String term, Set<FieldName> fields) {
    if (term.isEmpty()) {
      throw MalformedRequestException.unknown(
          "sysparm_query holds an empty condition (^^, or ^ at its end)");
    } else if (term.startsWith("ORDERBYDESC")) {
      fields.add(FieldName.of(term.substring(11), PLACE));
    } else if (term.startsWith("ORDERBY")) {
      fields.add(FieldName.of(term.substring(7), PLACE));
    } else if (term.startsWith("OR") || term.startsWith("NQ")) {
      readCondition(term.substring(2), fields);
    } else if (!term.equals("EQ")) {
      readCondition(term, fields);
    }
  }

  private static void readCondition(String text, Set<FieldName> fields) {
    Matcher matcher = CONDITION.matcher(text);
    if (!matcher.matches()) {
      throw MalformedRequestException.unknown(
          "sysparm_query holds a form that is not field, operator, value (related lists, joins and"
              + " text search are denied)");
    }
    FieldName field = FieldName.of(matcher.group(1), PLACE);
    String rest = matcher.group(2);
    Operator operator = operator(rest, field);
    String operand = rest.substring(operator.word.length());
    fields.add(field);
    if (operator.operand == Operand.FIELD) {
      fields.add(FieldName.of(operand, PLACE));
    } else if (operator.operand == Operand.NONE && !operand.isEmpty()) {
      throw MalformedRequestException.unknown(
          "sysparm_query: " + operator.word + " takes no value");
    }
  }

  private static Operator operator(String rest, FieldName field) {
    for (Operator operator : OPERATORS) {
      // INSTANCEOF begins like IN and means something else.
      if (rest.startsWith(operator.word) && !rest.startsWith("INSTANCEOF")) {
        return operator;
      }
    }
    throw MalformedRequestException.unknown(
        "sysparm_query uses an operator on "
            + MalformedRequestException.shown(field.text())
            + " that is not known, such as =, !=, IN, LIKE, STARTSWITH, ISEMPTY");
  }
}
