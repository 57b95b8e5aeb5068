// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.MalformedRequestException;
import io.github.apexdevtools.apexparser.ApexLexer;
import io.github.apexdevtools.apexparser.ApexParser;
import io.github.apexdevtools.apexparser.ApexParserFactory;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.antlr.v4.runtime.BaseErrorListener;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Recognizer;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.atn.ParserATNSimulator;
import org.antlr.v4.runtime.atn.PredictionContextCache;
import org.antlr.v4.runtime.atn.PredictionMode;
import org.antlr.v4.runtime.dfa.DFA;

/**
 * Parses SOQL and SOSL with a grammar that was made for Apex, and denies what Apex reads in it and
 * the REST API does not.
 *
 * <ol>
 *   <li>The text has at most {@value #LONGEST} characters, and white space is its only control
 *       character.
 *   <li>No comments, no multi-line strings, no bind expressions.
 *   <li>Parentheses stand at most {@value #DEEPEST} deep and {@code SELECT} at most {@value
 *       #DEEPEST_SELECT} deep: the time to parse grows with depth, not with length. A list of SOSL
 *       has at most {@value #LONGEST_LIST} items, for the grammar nests each one in the one before.
 *   <li>No syntax error, of the lexer or the parser.
 *   <li>Nothing follows the query.
 *   <li>The parser looks at a bounded number of tokens.
 * </ol>
 */
final class QueryParser {
  private static final int LONGEST = 100_000;
  private static final int DEEPEST = 20;
  private static final int DEEPEST_SELECT = 6;
  private static final int LONGEST_LIST = 250;
  private static final int STEPS_PER_TOKEN = 40;

  private static final AtomicReference<Caches> CACHES = new AtomicReference<>(new Caches());

  private final String language;
  private final int longestList;

  private QueryParser(String language, int longestList) {
    this.language = language;
    this.longestList = longestList;
  }

  static ApexParser.QueryContext soql(String text) {
    return new QueryParser("SOQL", Integer.MAX_VALUE).parse(text, text, ApexParser::query);
  }

  static ApexParser.SoslLiteralAltContext sosl(String text) {
    return new QueryParser("SOSL", LONGEST_LIST)
        .parse(text, "[" + text + "]", ApexParser::soslLiteralAlt);
  }

  private <T extends ParserRuleContext> T parse(
      String text, String wrapped, Function<ApexParser, T> rule) {
    requirePlainText(text);
    ApexLexer lexer =
        ApexParserFactory.createLexer(CharStreams.fromString(withoutLikeEscapes(wrapped)));
    lexer.addErrorListener(new Failing());
    BoundedTokens tokens = new BoundedTokens(lexer);
    tokens.fill();
    requireHarmless(tokens);
    ApexParser parser = ApexParserFactory.createParser(tokens);
    parser.addErrorListener(new Failing());
    Caches.current().attach(parser);
    tokens.allow(STEPS_PER_TOKEN * (tokens.size() + 1));
    T tree = rule.apply(parser);
    if (tokens.LA(1) != Token.EOF) {
      throw invalid(tokens.LT(1).getCharPositionInLine());
    }
    return tree;
  }

  private void requirePlainText(String text) {
    if (text.length() > LONGEST) {
      throw MalformedRequestException.tooLarge(
          "the " + language + " query is longer than " + LONGEST + " characters");
    }
    if (text.chars().anyMatch(c -> Character.isISOControl(c) && "\t\r\n".indexOf(c) < 0)) {
      throw MalformedRequestException.body("the " + language + " query holds a control character");
    }
  }

  /**
   * LIKE knows two escapes that Apex does not. Written as an escaped backslash they are still an
   * escape inside a string, and still an error outside of one.
   */
  private static String withoutLikeEscapes(String text) {
    StringBuilder out = new StringBuilder(text);
    for (int i = 0; i + 1 < out.length(); i++) {
      if (out.charAt(i) == '\\') {
        i++;
        if (out.charAt(i) == '_' || out.charAt(i) == '%') {
          out.setCharAt(i, '\\');
        }
      }
    }
    return out.toString();
  }

  /** Looks at every token, those that the parser never sees included. */
  private void requireHarmless(CommonTokenStream tokens) {
    Deque<Boolean> parentheses = new ArrayDeque<>();
    int selects = 0;
    int[] commas = new int[DEEPEST + 1];
    for (Token token : tokens.getTokens()) {
      switch (token.getType()) {
        case ApexLexer.DOC_COMMENT, ApexLexer.COMMENT, ApexLexer.LINE_COMMENT ->
            throw MalformedRequestException.forbidden(
                "the " + language + " query holds a comment: leave it out");
        case ApexLexer.MultilineStringLiteral ->
            throw MalformedRequestException.forbidden(
                "the " + language + " query holds a multi-line string");
        case ApexLexer.COMMA -> commas[parentheses.size()]++;
        case ApexLexer.LPAREN -> {
          boolean query = isSelect(tokens, token.getTokenIndex() + 1);
          parentheses.push(query);
          selects += query ? 1 : 0;
          if (parentheses.size() <= DEEPEST) {
            commas[parentheses.size()] = 0;
          }
        }
        case ApexLexer.RPAREN -> {
          if (!parentheses.isEmpty() && parentheses.pop()) {
            selects--;
          }
        }
        default -> {}
      }
      if (parentheses.size() > DEEPEST
          || selects >= DEEPEST_SELECT
          || commas[parentheses.size()] >= longestList) {
        throw MalformedRequestException.tooLarge(
            "the " + language + " query is nested deeper, or lists more, than can be checked");
      }
    }
  }

  private static boolean isSelect(CommonTokenStream tokens, int from) {
    int next = from;
    while (next < tokens.size() && tokens.get(next).getChannel() != Token.DEFAULT_CHANNEL) {
      next++;
    }
    return next < tokens.size() && tokens.get(next).getType() == ApexLexer.SELECT;
  }

  private RuntimeException invalid(int position) {
    return MalformedRequestException.body(
        "the query is not "
            + language
            + " that can be read, from character "
            + (position + 1)
            + " on: check it against the vendor's grammar");
  }

  /** Ends at the first error: what a parser makes of a repaired query is of no interest. */
  private final class Failing extends BaseErrorListener {
    @Override
    public void syntaxError(
        Recognizer<?, ?> recognizer,
        Object symbol,
        int line,
        int position,
        String message,
        RecognitionException e) {
      throw invalid(position);
    }
  }

  /** Counts how often the parser looks ahead, so that no query can keep it busy. */
  private final class BoundedTokens extends CommonTokenStream {
    private int steps = Integer.MAX_VALUE;

    BoundedTokens(ApexLexer lexer) {
      super(lexer);
    }

    void allow(int count) {
      steps = count;
    }

    @Override
    public int LA(int i) {
      if (steps-- <= 0) {
        throw MalformedRequestException.tooLarge(
            "the " + language + " query takes too long to check: make it simpler");
      }
      return super.LA(i);
    }
  }

  /**
   * What the parser has learned from earlier queries. The generated parser keeps this in statics
   * that only grow, and an agent chooses what it learns: so it starts afresh from time to time.
   */
  private static final class Caches {
    private static final int QUERIES = 20_000;

    private final DFA[] decisions = new DFA[ApexParser._ATN.getNumberOfDecisions()];
    private final PredictionContextCache contexts = new PredictionContextCache();
    private final AtomicInteger left = new AtomicInteger(QUERIES);

    Caches() {
      for (int i = 0; i < decisions.length; i++) {
        decisions[i] = new DFA(ApexParser._ATN.getDecisionState(i), i);
      }
    }

    static Caches current() {
      Caches current = CACHES.get();
      if (current.left.decrementAndGet() < 0) {
        CACHES.compareAndSet(current, new Caches());
      }
      return current;
    }

    void attach(ApexParser parser) {
      ParserATNSimulator simulator =
          new ParserATNSimulator(parser, ApexParser._ATN, decisions, contexts);
      // This mode finds the same tree as the full one or none at all, and takes far less time.
      simulator.setPredictionMode(PredictionMode.SLL);
      parser.setInterpreter(simulator);
    }
  }
}
