// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import io.github.apexdevtools.apexparser.ApexLexer;
import io.github.apexdevtools.apexparser.ApexParser;
import io.github.apexdevtools.apexparser.ApexParserFactory;
import java.util.function.Function;
import org.antlr.v4.runtime.BaseErrorListener;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Recognizer;
import org.antlr.v4.runtime.Token;

/** Turns the text of a query or a search into a tree. */
final class QueryText {
  private QueryText() {}

  static ApexParser.QueryContext soql(String text) {
    return parse(text, ApexParser::query);
  }

  static ApexParser.SoslLiteralAltContext sosl(String text) {
    return parse("[" + text + "]", ApexParser::soslLiteralAlt);
  }

  private static <T> T parse(String text, Function<ApexParser, T> rule) {
    // The grammar is that of Apex, which does not know the two escapes of LIKE.
    String plain = text.replace("\\_", "_").replace("\\%", "%");
    ApexLexer lexer = ApexParserFactory.createLexer(CharStreams.fromString(plain));
    lexer.removeErrorListeners();
    lexer.addErrorListener(new Failing());
    ApexParser parser = ApexParserFactory.createParser(new CommonTokenStream(lexer));
    parser.removeErrorListeners();
    parser.addErrorListener(new Failing());
    T tree = rule.apply(parser);
    if (parser.getCurrentToken().getType() != Token.EOF) {
      throw Problem.query("unexpected token: " + parser.getCurrentToken().getText());
    }
    return tree;
  }

  private static final class Failing extends BaseErrorListener {
    @Override
    public void syntaxError(
        Recognizer<?, ?> recognizer,
        Object symbol,
        int line,
        int position,
        String message,
        RecognitionException e) {
      throw Problem.query("unexpected token at " + (position + 1));
    }
  }
}
