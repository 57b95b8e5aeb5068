// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.RowBound;
import dev.bailiwick.connector.salesforce.Footprint.Use;
import io.github.apexdevtools.apexparser.ApexParser.AllRowsClauseContext;
import io.github.apexdevtools.apexparser.ApexParser.BoundExpressionContext;
import io.github.apexdevtools.apexparser.ApexParser.DataCategorySelectionContext;
import io.github.apexdevtools.apexparser.ApexParser.FieldNameContext;
import io.github.apexdevtools.apexparser.ApexParser.FieldNameListContext;
import io.github.apexdevtools.apexparser.ApexParser.ForClausesContext;
import io.github.apexdevtools.apexparser.ApexParser.FromNameListContext;
import io.github.apexdevtools.apexparser.ApexParser.LimitClauseContext;
import io.github.apexdevtools.apexparser.ApexParser.QueryContext;
import io.github.apexdevtools.apexparser.ApexParser.SelectEntryContext;
import io.github.apexdevtools.apexparser.ApexParser.SoqlFunctionContext;
import io.github.apexdevtools.apexparser.ApexParser.SoqlIdContext;
import io.github.apexdevtools.apexparser.ApexParser.SubFieldEntryContext;
import io.github.apexdevtools.apexparser.ApexParser.SubQueryContext;
import io.github.apexdevtools.apexparser.ApexParser.TypeOfContext;
import io.github.apexdevtools.apexparser.ApexParser.UpdateListContext;
import io.github.apexdevtools.apexparser.ApexParser.WhenClauseContext;
import io.github.apexdevtools.apexparser.ApexParser.WhereFieldExpressionContext;
import io.github.apexdevtools.apexparser.ApexParser.WithClauseContext;
import java.util.List;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a SOQL query touches: every object, every relationship path and every field, whether
 * it is shown or only filters, sorts or groups.
 */
final class Soql {
  private static final String LIMIT = "LIMIT #";
  private static final String BOTH_LIMITS = "LIMIT in both queries, # rows when multiplied";

  private final Footprint into;
  private final boolean mayNameIds;

  private Soql(Footprint into, boolean mayNameIds) {
    this.into = into;
    this.mayNameIds = mayNameIds;
  }

  /** Adds what a query touches to a footprint. */
  static void read(String text, Footprint into) {
    new Soql(into, true).query(QueryParser.soql(text));
  }

  /** As {@link #read}, for what stands behind WHERE and nothing else. */
  static void readWhere(String object, String conditions, Footprint into) {
    QueryContext query = QueryParser.soql("SELECT Id FROM " + object + " WHERE " + conditions);
    new Soql(into, true).readOnly(query, query.whereClause(), "where");
  }

  /** As {@link #read}, for what stands behind ORDER BY and nothing else. */
  static void readOrderBy(String object, String order, Footprint into) {
    QueryContext query = QueryParser.soql("SELECT Id FROM " + object + " ORDER BY " + order);
    new Soql(into, true).readOnly(query, query.orderByClause(), "orderBy");
  }

  /** What becomes of another clause is written nowhere: a LIMIT there would limit nothing. */
  private void readOnly(QueryContext query, @Nullable ParseTree wanted, String place) {
    for (ParseTree part : query.children) {
      boolean known =
          part == wanted
              || part == query.selectList()
              || part == query.fromNameList()
              || part instanceof TerminalNode
              || part.getChildCount() == 0;
      if (!known) {
        throw MalformedRequestException.unknown(
            place + " holds another clause of SOQL, such as LIMIT: leave that out");
      }
    }
    query(query, RowBound.none());
  }

  /**
   * As {@link #read}, for a query whose answer other parts of a composite request can refer to: no
   * column may be given a name that passes for a record id there.
   */
  static void readReferable(String text, Footprint into) {
    new Soql(into, false).query(QueryParser.soql(text));
  }

  private void query(QueryContext query) {
    query(query, isOneFigure(query) ? RowBound.one() : limit(query.limitClause()));
  }

  /** Without groups, functions of all rows are one row. */
  private static boolean isOneFigure(QueryContext query) {
    return query.groupByClause() == null
        && query.selectList().selectEntry().stream()
            .allMatch(entry -> entry.soqlFunction() != null && isFigure(entry.soqlFunction()));
  }

  private static boolean isFigure(SoqlFunctionContext function) {
    return function.COUNT() != null
        || function.COUNT_DISTINCT() != null
        || function.SUM() != null
        || function.AVG() != null
        || function.MIN() != null
        || function.MAX() != null;
  }

  /** What a LIMIT says, if there is one. Zero is a limit here, and shows nothing. */
  static RowBound limit(@Nullable LimitClauseContext clause) {
    @Nullable TerminalNode number = clause == null ? null : clause.IntegerLiteral();
    if (number == null) {
      return RowBound.unlimited(LIMIT);
    }
    return number.getText().equals("0")
        ? RowBound.none()
        : RowBound.written(number.getText(), LIMIT);
  }

  private void query(QueryContext query, RowBound bound) {
    SelectScope scope = root(query.fromNameList(), bound);
    for (SelectEntryContext entry : query.selectList().selectEntry()) {
      entry(scope, entry.fieldName(), entry.soqlFunction(), entry.subQuery(), entry.typeOf());
      alias(entry.soqlId());
    }
    for (ParseTree clause : query.children) {
      if (clause != query.selectList() && clause != query.fromNameList()) {
        walk(clause, scope, Use.FILTERED);
      }
    }
  }

  private void subQuery(SubQueryContext query, SelectScope scope) {
    for (SubFieldEntryContext entry : query.subFieldList().subFieldEntry()) {
      entry(scope, entry.fieldName(), entry.soqlFunction(), entry.subQuery(), entry.typeOf());
      alias(entry.soqlId());
    }
    for (ParseTree clause : query.children) {
      if (clause != query.subFieldList() && clause != query.fromNameList()) {
        walk(clause, scope, Use.FILTERED);
      }
    }
  }

  private void entry(
      SelectScope scope,
      @Nullable FieldNameContext field,
      @Nullable SoqlFunctionContext function,
      @Nullable SubQueryContext child,
      @Nullable TypeOfContext typeOf) {
    if (field != null) {
      scope.field(steps(field), Use.READ);
    }
    if (function != null) {
      walk(function, scope, Use.READ);
    }
    if (typeOf != null) {
      typeOf(typeOf, scope);
    }
    if (child != null) {
      FromNameListContext from = child.fromNameList();
      List<String> path = scope.childPath(steps(from.fieldName(0)));
      Rows rows = scope.rows().children(path, limit(child.limitClause()), BOTH_LIMITS);
      rows.touched();
      subQuery(child, sources(new SelectScope(rows), from));
    }
  }

  /** Objects: of the query itself, or of a semi-join. */
  private SelectScope root(FromNameListContext from, RowBound bound) {
    List<String> name = steps(from.fieldName(0));
    if (name.size() != 1) {
      throw MalformedRequestException.unknown("FROM starts with a path: name the object");
    }
    Rows rows = Rows.of(into, name.getFirst(), bound);
    rows.touched();
    return sources(new SelectScope(rows), from);
  }

  /** Takes the rest of a FROM list: aliases, and relationships of what was named before. */
  private static SelectScope sources(SelectScope scope, FromNameListContext from) {
    Rows rows = scope.rows();
    for (ParseTree child : from.children) {
      if (child instanceof FieldNameContext name && child != from.fieldName(0)) {
        rows = scope.source(steps(name));
      } else if (child instanceof SoqlIdContext alias) {
        scope.alias(alias.getText(), rows);
      }
    }
    return scope;
  }

  private void walk(ParseTree tree, SelectScope scope, Use use) {
    switch (tree) {
      case FieldNameContext field -> scope.field(steps(field), use);
      case SubQueryContext semiJoin -> semiJoin(semiJoin);
      case BoundExpressionContext bound ->
          throw MalformedRequestException.forbidden(
              "the query holds a bind expression: write the value itself");
      case WhereFieldExpressionContext formula when formula.FORMULA() != null ->
          throw MalformedRequestException.forbidden(
              "the query holds FORMULA, whose text hides the fields it reads");
      case SoqlFunctionContext function when function.FIELDS() != null -> scope.rows().everything();
      case WithClauseContext with -> with(with, scope.rows());
      case AllRowsClauseContext all -> into.includeDeleted();
      case ForClausesContext clauses -> forClauses(clauses, scope.rows());
      case UpdateListContext statistics -> scope.rows().touched(Action.UPDATE);
      default -> {
        for (int i = 0; i < tree.getChildCount(); i++) {
          walk(tree.getChild(i), scope, use);
        }
      }
    }
  }

  /** Its fields are never shown, only compared; its object is an object, not a relationship. */
  private void semiJoin(SubQueryContext query) {
    SelectScope scope = root(query.fromNameList(), RowBound.none());
    for (SubFieldEntryContext entry : query.subFieldList().subFieldEntry()) {
      if (entry.subQuery() != null || entry.typeOf() != null) {
        throw MalformedRequestException.unknown("a semi-join selects one field");
      }
      walk(entry, scope, Use.FILTERED);
    }
    for (ParseTree clause : query.children) {
      if (clause != query.subFieldList() && clause != query.fromNameList()) {
        walk(clause, scope, Use.FILTERED);
      }
    }
  }

  private void typeOf(TypeOfContext typeOf, SelectScope scope) {
    Rows behind = scope.rows(steps(typeOf.fieldName()));
    behind.touched();
    for (WhenClauseContext when : typeOf.whenClause()) {
      List<String> object = steps(when.fieldName());
      if (object.size() != 1) {
        throw MalformedRequestException.unknown("WHEN is followed by a path: name the object");
      }
      Rows rows = behind.as(object.getFirst());
      for (List<String> path : paths(when.fieldNameList())) {
        rows.field(path, Use.READ);
        behind.field(path, Use.READ);
      }
    }
    if (typeOf.elseClause() != null) {
      paths(typeOf.elseClause().fieldNameList()).forEach(path -> behind.field(path, Use.READ));
    }
  }

  /** Which category a row is in can be asked group by group, as with a field. */
  private static void with(WithClauseContext with, Rows rows) {
    boolean narrows =
        with.SECURITY_ENFORCED() != null || with.USER_MODE() != null || with.DATA() != null;
    if (!narrows) {
      throw MalformedRequestException.unknown(
          "WITH is followed by something other than SECURITY_ENFORCED, USER_MODE or DATA CATEGORY");
    }
    if (with.filteringExpression() != null) {
      for (DataCategorySelectionContext group :
          with.filteringExpression().dataCategorySelection()) {
        rows.field(List.of(ApiName.field(group.soqlId().getText())), Use.FILTERED);
      }
    }
  }

  /** FOR VIEW and FOR REFERENCE write a date to each row, FOR UPDATE locks it. */
  private static void forClauses(ForClausesContext clauses, Rows rows) {
    if (!clauses.UPDATE().isEmpty()) {
      rows.touched(Action.UPDATE);
    }
    if (!clauses.VIEW().isEmpty()) {
      rows.touched(Action.UPDATE).writes("lastvieweddate");
    }
    if (!clauses.REFERENCE().isEmpty()) {
      rows.touched(Action.UPDATE).writes("lastreferenceddate");
    }
  }

  private void alias(@Nullable SoqlIdContext alias) {
    if (alias == null) {
      return;
    }
    String name = ApiName.of(alias.getText(), "an alias");
    if (SelectScope.isReserved(name)) {
      throw MalformedRequestException.unknown("an alias is a word of SOQL itself: choose another");
    }
    if (!mayNameIds && name.endsWith("id")) {
      throw MalformedRequestException.unknown(
          "inside a composite request an alias must not end in \"id\", since a reference to it"
              + " would pass for a record id: choose another");
    }
  }

  private static List<List<String>> paths(FieldNameListContext list) {
    return list.fieldName().stream().map(Soql::steps).toList();
  }

  private static List<String> steps(FieldNameContext name) {
    return name.soqlId().stream().map(ParserRuleContext::getText).map(ApiName::field).toList();
  }
}
