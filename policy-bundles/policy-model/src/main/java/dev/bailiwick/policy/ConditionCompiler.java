// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.validator.CelValidator;
import dev.cel.validator.CelValidatorFactory;
import dev.cel.validator.validators.DurationLiteralValidator;
import dev.cel.validator.validators.RegexLiteralValidator;
import dev.cel.validator.validators.TimestampLiteralValidator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Compiles and type-checks conditions. Size, depth and iterations are bounded, so that evaluation
 * takes a bounded time whatever a token holds. Thread-safe.
 */
final class ConditionCompiler {
  private static final int LONGEST = 1024;
  private static final int MOST_ITERATIONS = 1000;

  /** Closed sets of names; {@code principal} is open, because it holds the issuer's claims. */
  private static final Map<String, Set<String>> MEMBERS =
      Map.of(
          "token", Condition.TOKEN,
          "operation", Condition.OPERATION,
          "request", Condition.REQUEST);

  private static final Set<String> LIST_MACROS = Set.of("map", "filter");

  private static final CelOptions OPTIONS =
      CelOptions.current()
          .maxExpressionCodePointSize(LONGEST)
          .maxParseRecursionDepth(32)
          .maxParseErrorRecoveryLimit(1)
          .comprehensionMaxIterations(MOST_ITERATIONS)
          .maxRegexProgramSize(1000)
          .enableHeterogeneousNumericComparisons(true)
          .build();

  private static final CelCompiler COMPILER = compiler();
  private static final CelRuntime RUNTIME =
      CelRuntimeFactory.plannerRuntimeBuilder().setOptions(OPTIONS).build();
  private static final CelValidator VALIDATOR =
      CelValidatorFactory.standardCelValidatorBuilder(COMPILER, RUNTIME)
          .addAstValidators(
              RegexLiteralValidator.INSTANCE,
              TimestampLiteralValidator.INSTANCE,
              DurationLiteralValidator.INSTANCE)
          .build();

  private static final Pattern UNDECLARED =
      Pattern.compile("undeclared reference to '([^']*)'.*", Pattern.DOTALL);
  private static final Pattern OVERLOAD =
      Pattern.compile(
          "found no matching overload for '([^']*)' applied to '([^']*)'.*", Pattern.DOTALL);
  private static final Pattern RESULT =
      Pattern.compile("expected type 'bool' but found '([^']*)'.*", Pattern.DOTALL);

  private ConditionCompiler() {}

  /** What is wrong with an expression, and where in it; line and column count from 1. */
  record Fault(Place place, String sentence) {}

  /** Compiles an expression; empty when there are faults, which are then added to the list. */
  static Optional<Condition> compile(String text, List<Fault> faults) {
    if (text.codePointCount(0, text.length()) > LONGEST) {
      faults.add(
          new Fault(new Place(1, 1), "the expression is longer than " + LONGEST + " characters"));
      return Optional.empty();
    }
    CelValidationResult result = COMPILER.compile(text);
    if (result.hasError()) {
      faults.addAll(faults(result.getErrors()));
      return Optional.empty();
    }
    try {
      CelAbstractSyntaxTree ast = result.getAst();
      faults.addAll(unknownMembers(ast));
      for (CelIssue issue : VALIDATOR.validate(ast).getErrors()) {
        faults.add(
            new Fault(
                place(issue.getSourceLocation()),
                "a pattern, a duration or a time is not well-formed"));
      }
      return faults.isEmpty()
          ? Optional.of(new CelCondition(text, RUNTIME.createProgram(ast)))
          : Optional.empty();
    } catch (CelValidationException | CelEvaluationException e) {
      faults.add(new Fault(new Place(1, 1), "the expression cannot be compiled"));
      return Optional.empty();
    }
  }

  /** One sentence for each mistake: what follows from an unknown macro is left out. */
  private static List<Fault> faults(List<CelIssue> issues) {
    List<Fault> faults = new ArrayList<>();
    for (CelIssue issue : issues) {
      Matcher undeclared = UNDECLARED.matcher(issue.getMessage());
      if (undeclared.matches() && LIST_MACROS.contains(undeclared.group(1))) {
        return List.of(
            new Fault(
                place(issue.getSourceLocation()),
                undeclared.group(1)
                    + " builds lists, which a condition has no use for; expected has, all, exists"
                    + " or exists_one"));
      }
      Fault fault = new Fault(place(issue.getSourceLocation()), sentence(issue.getMessage()));
      boolean known = faults.stream().anyMatch(f -> f.sentence().equals(fault.sentence()));
      if (!known && !issue.getMessage().startsWith("More than ")) {
        faults.add(fault);
      }
    }
    return faults;
  }

  private static CelCompiler compiler() {
    CelCompilerBuilder builder =
        CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(OPTIONS)
            .setStandardMacros(
                CelStandardMacro.HAS,
                CelStandardMacro.ALL,
                CelStandardMacro.EXISTS,
                CelStandardMacro.EXISTS_ONE)
            .setResultType(SimpleType.BOOL);
    for (String variable : variables()) {
      builder.addVar(variable, MapType.create(SimpleType.STRING, SimpleType.DYN));
    }
    return builder.build();
  }

  private static Set<String> variables() {
    Set<String> variables = new TreeSet<>(MEMBERS.keySet());
    variables.add("principal");
    return variables;
  }

  /** Names that no request will ever have; has() would quietly answer false for them. */
  private static List<Fault> unknownMembers(CelAbstractSyntaxTree ast) {
    List<Fault> faults = new ArrayList<>();
    CelNavigableAst.fromAst(ast)
        .getRoot()
        .allNodes()
        .forEach(
            node -> {
              CelExpr expr = node.expr();
              if (expr.getKind() == Kind.SELECT) {
                member(ast, expr.select().operand(), expr.select().field(), expr, faults);
              } else if (expr.getKind() == Kind.CALL
                  && expr.call().function().equals("_[_]")
                  && expr.call().args().get(1).getKind() == Kind.CONSTANT
                  && expr.call().args().get(1).constant().getKind()
                      == CelConstant.Kind.STRING_VALUE) {
                List<CelExpr> args = expr.call().args();
                member(ast, args.get(0), args.get(1).constant().stringValue(), expr, faults);
              }
            });
    return faults;
  }

  private static void member(
      CelAbstractSyntaxTree ast, CelExpr operand, String name, CelExpr expr, List<Fault> faults) {
    if (operand.getKind() != Kind.IDENT) {
      return;
    }
    String variable = operand.ident().name();
    Set<String> known = MEMBERS.get(variable);
    if (known == null || known.contains(name)) {
      return;
    }
    CelSourceLocation location =
        Optional.ofNullable(ast.getSource().getPositionsMap().get(expr.id()))
            .flatMap(ast.getSource()::getOffsetLocation)
            .orElse(CelSourceLocation.of(1, 0));
    String guess = Suggestion.didYouMean(name, known);
    faults.add(
        new Fault(
            place(location),
            variable
                + " has no "
                + Located.quote(name)
                + (guess.isEmpty()
                    ? "; it has " + String.join(", ", new TreeSet<>(known))
                    : guess)));
  }

  private static Place place(CelSourceLocation location) {
    return new Place(Math.max(1, location.getLine()), Math.max(0, location.getColumn()) + 1);
  }

  private static String sentence(String message) {
    Matcher undeclared = UNDECLARED.matcher(message);
    if (undeclared.matches()) {
      String name = undeclared.group(1);
      String guess = Suggestion.didYouMean(name, variables());
      return Located.quote(name)
          + " is unknown in a condition"
          + (guess.isEmpty()
              ? "; expected principal, token, operation or request, has, all, exists, or a standard"
                  + " function of CEL"
              : guess);
    }
    Matcher overload = OVERLOAD.matcher(message);
    if (overload.matches()) {
      return operator(overload.group(1)) + " cannot be applied to " + overload.group(2);
    }
    Matcher result = RESULT.matcher(message);
    if (result.matches()) {
      return "the expression yields " + result.group(1) + "; expected true or false";
    }
    if (message.contains("'<EOF>'")) {
      return "the expression ends too early; close the brackets and complete the last term";
    }
    return "the expression is not well-formed here; expected CEL such as 'support' in"
        + " principal.groups";
  }

  /** {@code _+_} as the writer knows it: {@code +}. */
  private static String operator(String function) {
    return function.equals("@in") ? "in" : function.replace("_", "").replace("[]", "[ ]");
  }
}
