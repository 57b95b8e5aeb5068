// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.RowBound;
import dev.bailiwick.connector.salesforce.Footprint.Use;
import io.github.apexdevtools.apexparser.ApexParser.BoundExpressionContext;
import io.github.apexdevtools.apexparser.ApexParser.FieldListContext;
import io.github.apexdevtools.apexparser.ApexParser.FieldNameContext;
import io.github.apexdevtools.apexparser.ApexParser.FieldSpecContext;
import io.github.apexdevtools.apexparser.ApexParser.FieldSpecListContext;
import io.github.apexdevtools.apexparser.ApexParser.SoqlFunctionContext;
import io.github.apexdevtools.apexparser.ApexParser.SoslClausesContext;
import io.github.apexdevtools.apexparser.ApexParser.SoslIdContext;
import io.github.apexdevtools.apexparser.ApexParser.SoslWithClauseContext;
import io.github.apexdevtools.apexparser.ApexParser.SubQueryContext;
import java.util.List;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.ParseTree;

/**
 * Reads what a SOSL search touches: every object of its RETURNING list. Without that list a search
 * reaches every object there is, so it is denied.
 *
 * <p>The search term is compared with fields that are named nowhere, so an object that is searched
 * counts as read in all its fields.
 */
final class Sosl {
  private final Footprint into;

  private Sosl(Footprint into) {
    this.into = into;
  }

  /** Adds what a search touches to a footprint. */
  static void read(String text, Footprint into) {
    new Sosl(into).clauses(QueryParser.sosl(text).soslClauses());
  }

  private void clauses(SoslClausesContext clauses) {
    if (clauses.RETURNING() == null) {
      throw MalformedRequestException.forbidden(
          "a search without RETURNING reaches every object: name the objects that are wanted");
    }
    for (SoslWithClauseContext with : clauses.soslWithClause()) {
      if (with.SYSTEM_MODE() != null || with.boundExpression() != null) {
        throw MalformedRequestException.forbidden(
            "WITH SYSTEM_MODE and bind expressions are for Apex only");
      }
    }
    boolean keepsStatistics = clauses.UPDATE() != null;
    specs(clauses.fieldSpecList(), Soql.limit(clauses.limitClause()), keepsStatistics);
  }

  private void specs(FieldSpecListContext list, RowBound ofAll, boolean keepsStatistics) {
    Rows rows = spec(list.fieldSpec(), ofAll);
    if (keepsStatistics) {
      rows.touched(Action.UPDATE);
    }
    list.fieldSpecList().forEach(rest -> specs(rest, ofAll, keepsStatistics));
  }

  private Rows spec(FieldSpecContext spec, RowBound ofAll) {
    List<String> object = steps(spec.soslId(0));
    if (object.size() != 1) {
      throw MalformedRequestException.unknown("RETURNING names a path: name an object");
    }
    Rows rows = Rows.of(into, object.getFirst(), Soql.limit(spec.limitClause()).and(ofAll));
    rows.everything();
    if (spec.LISTVIEW() != null) {
      rows.throughListView();
    }
    for (ParseTree child : spec.children) {
      if (child instanceof FieldListContext fields) {
        fields(fields, rows);
      } else if (!(child instanceof SoslIdContext)) {
        filters(child, rows);
      }
    }
    return rows;
  }

  private static void fields(FieldListContext list, Rows rows) {
    boolean function = list.LPAREN() != null;
    if (list.soqlFunction() != null) {
      filters(list.soqlFunction(), rows);
    } else {
      rows.field(steps(list.soslId(0)), Use.READ);
    }
    // What follows a function's parenthesis is an alias, which reads nothing.
    if (!function) {
      list.fieldList().forEach(rest -> fields(rest, rows));
    }
  }

  private static void filters(ParseTree tree, Rows rows) {
    switch (tree) {
      case FieldNameContext field ->
          rows.field(
              field.soqlId().stream().map(ParserRuleContext::getText).map(ApiName::field).toList(),
              Use.FILTERED);
      case SubQueryContext query ->
          throw MalformedRequestException.unknown(
              "a search holds a subquery: use a SOQL query instead");
      case BoundExpressionContext bound ->
          throw MalformedRequestException.forbidden(
              "the search holds a bind expression: write the value itself");
      case SoqlFunctionContext function when function.FIELDS() != null -> rows.everything();
      default -> {
        for (int i = 0; i < tree.getChildCount(); i++) {
          filters(tree.getChild(i), rows);
        }
      }
    }
  }

  private static List<String> steps(SoslIdContext name) {
    return ApiName.path(name.getText());
  }
}
