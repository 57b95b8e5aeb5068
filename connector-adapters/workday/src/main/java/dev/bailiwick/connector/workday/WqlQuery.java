// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.RowBound;
import dev.bailiwick.connector.workday.WqlTokens.Kind;
import dev.bailiwick.connector.workday.WqlTokens.Token;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A WQL query taken apart far enough to know its one data source and every field that it looks at.
 *
 * <pre>
 *   query      = [ "PARAMETERS" settings ] "SELECT" [ "DISTINCT" ] item *( "," item )
 *                "FROM" source [ "WHERE" condition ] [ "WHERE ON" condition ]
 *                [ "GROUP BY" operand *( "," operand ) ] [ "HAVING" condition ]
 *                [ "ORDER BY" order *( "," order ) ] [ "LIMIT" number ]
 *   source     = name [ "(" settings ")" ]
 *   settings   = name "=" value *( "," name "=" value )
 *   item       = operand [ "AS" name ]
 *   operand    = field / ( "COUNT" / "SUM" / "AVG" / "MIN" / "MAX" ) "(" [ "DISTINCT" ] [ field ] ")"
 *   field      = name [ "{" field *( "," field ) "}" ]
 *   condition  = test *( ( "AND" / "OR" ) test )
 *   test       = [ "NOT" ] ( "(" condition ")" / operand comparison )
 * </pre>
 *
 * @param dataSource as it is written; names are compared with case
 * @param shown fields of the answer, those of related objects as {@code manager.fullName}
 * @param looked fields that choose, group or order rows, likewise. An alias counts as a field here,
 *     since it may be the name of one
 * @param rows how many rows the query has
 */
record WqlQuery(String dataSource, Set<String> shown, Set<String> looked, RowBound rows) {
  WqlQuery {
    shown = Set.copyOf(shown);
    looked = Set.copyOf(looked);
  }

  /** Reads a query, or denies it. */
  static WqlQuery parse(String query) {
    return new Parser(WqlTokens.of(query)).query();
  }

  /** Recursive descent; one instance reads one query. */
  private static final class Parser {
    private static final int DEEPEST = 16;

    private static final String LIMIT = "LIMIT #";

    /** Never the name of a field, so that no clause can hide in a list of fields. */
    private static final Set<String> RESERVED =
        Set.of(
            "parameters",
            "select",
            "distinct",
            "from",
            "where",
            "on",
            "group",
            "order",
            "by",
            "having",
            "limit",
            "offset",
            "as",
            "asc",
            "desc",
            "and",
            "or",
            "not",
            "in",
            "is",
            "between",
            "union",
            "join",
            "inner",
            "outer",
            "left",
            "right",
            "full",
            "cross",
            "except",
            "intersect",
            "minus",
            "with",
            "into",
            "using",
            "exists",
            "case",
            "when");

    private static final Set<String> FUNCTIONS = Set.of("count", "sum", "avg", "min", "max");
    private static final Set<String> CONSTANTS = Set.of("true", "false", "null");
    private static final Set<String> SIGNS = Set.of("=", "!=", "<>", "<", ">", "<=", ">=");
    private static final Set<String> WORDS = Set.of("contains", "startswith", "endswith");

    private final List<Token> tokens;
    private final Set<String> shown = new LinkedHashSet<>();
    private final Set<String> looked = new LinkedHashSet<>();
    private RowBound rows = RowBound.unlimited(LIMIT);
    private int at;
    private int depth;

    Parser(List<Token> tokens) {
      this.tokens = tokens;
    }

    WqlQuery query() {
      if (skipWord("PARAMETERS")) {
        settings();
      }
      expectWord("SELECT");
      skipWord("DISTINCT");
      do {
        operand(shown);
        if (skipWord("AS")) {
          name("an alias");
        }
      } while (skip(","));
      expectWord("FROM");
      String dataSource = source();
      clauses();
      if (peek().kind() != Kind.END) {
        throw unexpected("a clause of WQL or the end");
      }
      return new WqlQuery(dataSource, shown, looked, rows);
    }

    private String source() {
      if (peek().is("(") || peek().isWord("SELECT")) {
        throw MalformedRequestException.unknown(
            "FROM takes one data source by its name, no query inside");
      }
      String name = name("a data source");
      if (skip("(")) {
        settings();
        expect(")");
      }
      if (peek().is(",")
          || (peek().kind() == Kind.WORD
              && Set.of("from", "join", "inner", "left", "right", "cross", "union")
                  .contains(lower(peek())))) {
        throw MalformedRequestException.unknown(
            "a WQL query has one data source and one FROM, found a second");
      }
      return name;
    }

    private void clauses() {
      if (peek().isWord("WHERE") && !peek(1).isWord("ON")) {
        at++;
        condition();
      }
      if (skipWord("WHERE")) {
        expectWord("ON");
        condition();
      }
      if (skipWord("GROUP")) {
        expectWord("BY");
        operands();
      }
      if (skipWord("HAVING")) {
        condition();
      }
      if (skipWord("ORDER")) {
        expectWord("BY");
        do {
          operand(looked);
          if (!skipWord("ASC")) {
            skipWord("DESC");
          }
        } while (skip(","));
      }
      if (skipWord("LIMIT")) {
        if (!peek().text().matches("[0-9]{1,9}") || peek().kind() != Kind.NUMBER) {
          throw unexpected("a number after LIMIT");
        }
        rows = RowBound.written(peek().text(), LIMIT);
        at++;
      }
    }

    private void operands() {
      do {
        operand(looked);
      } while (skip(","));
    }

    /** What is set chooses rows, and so does a field whose value it is set to. */
    private void settings() {
      do {
        String name = name("a parameter");
        expect("=");
        if (name.equals("dataSourceFilter")) {
          name("a data source filter");
        } else {
          looked.add(name);
          value();
        }
      } while (skip(","));
    }

    private void condition() {
      enter();
      do {
        skipWord("NOT");
        if (skip("(")) {
          condition();
          expect(")");
        } else {
          operand(looked);
          comparison();
        }
      } while (skipWord("AND") || skipWord("OR"));
      depth--;
    }

    private void comparison() {
      if (skipWord("IS")) {
        skipWord("NOT");
        if (!skipWord("EMPTY") && !skipWord("NULL")) {
          throw unexpected("EMPTY or NULL after IS");
        }
        return;
      }
      boolean not = skipWord("NOT");
      Token operator = peek();
      if (skipWord("IN")) {
        list();
      } else if (skipWord("BETWEEN")) {
        value();
        expectWord("AND");
        value();
      } else if (operator.kind() == Kind.WORD && WORDS.contains(lower(operator))) {
        at++;
        value();
      } else if (!not && operator.kind() == Kind.SIGN && SIGNS.contains(operator.text())) {
        at++;
        value();
      } else {
        throw unexpected("a comparison that WQL knows");
      }
    }

    private void value() {
      if (peek().is("(")) {
        list();
      } else if (peek().isLiteral()) {
        literal();
      } else if (!skipConstant()) {
        operand(looked);
      }
    }

    private void list() {
      expect("(");
      do {
        if (peek().isLiteral()) {
          literal();
        } else if (!skipConstant()) {
          operand(looked);
        }
      } while (skip(","));
      expect(")");
    }

    /** Also {@code 'O''Brien'}, which comes as two. */
    private void literal() {
      while (peek().isLiteral()) {
        at++;
      }
    }

    private boolean skipConstant() {
      boolean constant = peek().kind() == Kind.WORD && CONSTANTS.contains(lower(peek()));
      if (constant) {
        at++;
      }
      return constant;
    }

    private void operand(Set<String> fields) {
      if (peek().kind() == Kind.WORD && peek(1).is("(")) {
        if (!FUNCTIONS.contains(lower(peek()))) {
          throw MalformedRequestException.unknown(
              "the WQL function " + peek() + " is not known: use COUNT, SUM, AVG, MIN or MAX");
        }
        at += 2;
        skipWord("DISTINCT");
        if (!peek().is(")")) {
          field("", fields);
        }
        expect(")");
      } else {
        field("", fields);
      }
    }

    private void field(String above, Set<String> fields) {
      enter();
      String name = above + name("a field");
      if (skip("{")) {
        do {
          field(name + ".", fields);
        } while (skip(","));
        expect("}");
      } else {
        fields.add(name);
      }
      depth--;
    }

    private void enter() {
      if (++depth > DEEPEST) {
        throw MalformedRequestException.tooLarge(
            "the WQL query is nested deeper than " + DEEPEST + " levels");
      }
    }

    private String name(String what) {
      Token token = peek();
      if (token.kind() != Kind.WORD || RESERVED.contains(lower(token))) {
        throw unexpected(what);
      }
      at++;
      return token.text();
    }

    private Token peek() {
      return peek(0);
    }

    private Token peek(int ahead) {
      return tokens.get(Math.min(at + ahead, tokens.size() - 1));
    }

    private boolean skip(String sign) {
      boolean found = peek().is(sign);
      at += found ? 1 : 0;
      return found;
    }

    private boolean skipWord(String keyword) {
      boolean found = peek().isWord(keyword);
      at += found ? 1 : 0;
      return found;
    }

    private void expect(String sign) {
      if (!skip(sign)) {
        throw unexpected(sign);
      }
    }

    private void expectWord(String keyword) {
      if (!skipWord(keyword)) {
        throw unexpected(keyword);
      }
    }

    private RuntimeException unexpected(String expected) {
      return MalformedRequestException.unknown(
          "the WQL query has " + peek() + " where " + expected + " is expected");
    }

    private static String lower(Token token) {
      return token.text().toLowerCase(Locale.ROOT);
    }
  }
}
