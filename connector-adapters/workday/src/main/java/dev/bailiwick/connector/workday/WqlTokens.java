// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.MalformedRequestException;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits a WQL query into words, literals and signs. Whatever could end a literal early for one
 * reader and not for another is denied: backslashes, double quotes, control characters, comments.
 */
final class WqlTokens {
  private static final int LONGEST_QUERY = 20_000;

  /** Longer signs stand before those that they start with. */
  private static final List<String> SIGNS =
      List.of("!=", "<>", "<=", ">=", "=", "<", ">", ",", "(", ")", "{", "}");

  enum Kind {
    /** A keyword or a name. */
    WORD,
    /** A string in single quotes. */
    STRING,
    /** What starts with a digit: a number or an id. */
    NUMBER,
    SIGN,
    END
  }

  record Token(Kind kind, String text) {
    boolean is(String sign) {
      return kind == Kind.SIGN && text.equals(sign);
    }

    boolean isLiteral() {
      return kind == Kind.STRING || kind == Kind.NUMBER;
    }

    boolean isWord(String keyword) {
      return kind == Kind.WORD && text.equalsIgnoreCase(keyword);
    }

    /** Words and signs only: a literal may be anything. */
    @Override
    public String toString() {
      return switch (kind) {
        case WORD -> MalformedRequestException.shown(text);
        case STRING, NUMBER -> "a literal";
        case SIGN -> text;
        case END -> "the end";
      };
    }
  }

  private final String query;
  private int at;

  private WqlTokens(String query) {
    this.query = query;
  }

  /** The tokens of a query; the last one is {@link Kind#END}. */
  static List<Token> of(String query) {
    if (query.length() > LONGEST_QUERY) {
      throw MalformedRequestException.tooLarge(
          "the WQL query is longer than " + LONGEST_QUERY + " characters");
    }
    WqlTokens reader = new WqlTokens(query);
    List<Token> tokens = new ArrayList<>();
    Token token;
    do {
      token = reader.next();
      tokens.add(token);
    } while (token.kind != Kind.END);
    return tokens;
  }

  private Token next() {
    while (at < query.length() && " \t\r\n".indexOf(query.charAt(at)) >= 0) {
      at++;
    }
    if (at == query.length()) {
      return new Token(Kind.END, "");
    }
    char c = query.charAt(at);
    if (c == '\'') {
      return string();
    }
    if (isDigit(c) || (c == '-' && at + 1 < query.length() && isDigit(query.charAt(at + 1)))) {
      return new Token(Kind.NUMBER, number());
    }
    if (isWordCharacter(c)) {
      return new Token(Kind.WORD, run());
    }
    for (String sign : SIGNS) {
      if (query.startsWith(sign, at)) {
        at += sign.length();
        return new Token(Kind.SIGN, sign);
      }
    }
    throw unknown(c);
  }

  private RuntimeException unknown(char c) {
    if (query.startsWith("--", at) || query.startsWith("/*", at) || query.startsWith("//", at)) {
      return MalformedRequestException.forbidden(
          "the WQL query holds a comment, which hides text: leave it out");
    }
    return switch (c) {
      case '#' ->
          MalformedRequestException.forbidden(
              "the WQL query holds a comment sign (#): leave it out");
      case ';' ->
          MalformedRequestException.forbidden(
              "the WQL query holds a semicolon: send one query each call");
      case '"' ->
          MalformedRequestException.unknown(
              "WQL literals stand in single quotes, found a double one");
      case '*' -> MalformedRequestException.unknown("the WQL query holds a star: name the fields");
      default ->
          MalformedRequestException.unknown(
              "the WQL query holds a character that is not known in it");
    };
  }

  /** Two quotes in a row are a quote inside or two literals; either way all of it is literal. */
  private Token string() {
    int start = ++at;
    for (; at < query.length(); at++) {
      char c = query.charAt(at);
      if (c == '\'') {
        return new Token(Kind.STRING, query.substring(start, at++));
      }
      if (c == '\\' || Character.isISOControl(c)) {
        throw MalformedRequestException.unknown(
            "a WQL literal holds a backslash or a control character");
      }
    }
    throw MalformedRequestException.unknown(
        "a WQL literal has no end: close it with a single quote");
  }

  private String number() {
    int start = at++;
    String digits = query.charAt(start) + run();
    if (at + 1 < query.length() && query.charAt(at) == '.' && isDigit(query.charAt(at + 1))) {
      at++;
      digits += "." + run();
    }
    return digits;
  }

  private String run() {
    int start = at;
    while (at < query.length() && isWordCharacter(query.charAt(at))) {
      at++;
    }
    return query.substring(start, at);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isWordCharacter(char c) {
    return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }
}
