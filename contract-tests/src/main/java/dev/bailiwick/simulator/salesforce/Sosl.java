// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import dev.bailiwick.simulator.salesforce.Schema.Field;
import dev.bailiwick.simulator.salesforce.Schema.ObjectType;
import io.github.apexdevtools.apexparser.ApexParser.FieldListContext;
import io.github.apexdevtools.apexparser.ApexParser.FieldSpecContext;
import io.github.apexdevtools.apexparser.ApexParser.FieldSpecListContext;
import io.github.apexdevtools.apexparser.ApexParser.SoslClausesContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Runs searches: the term is looked for in every text field of each object that is named. */
final class Sosl {
  private static final Pattern TERM =
      Pattern.compile(
          "\\s*FIND\\s*\\{(.*?)(?<!\\\\)}.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private final Records records;
  private final String version;

  Sosl(Records records, String version) {
    this.records = records;
    this.version = version;
  }

  ArrayNode run(String text) {
    Matcher term = TERM.matcher(text);
    if (!term.matches()) {
      throw new Problem(400, "MALFORMED_SEARCH", "FIND {term} is expected");
    }
    SoslClausesContext clauses = QueryText.sosl(text).soslClauses();
    ArrayNode found = JsonMapper.shared().createArrayNode();
    if (clauses.fieldSpecList() == null) {
      records.schema().types().forEach(type -> find(term.group(1), type, List.of("Id"), found));
    } else {
      specs(clauses.fieldSpecList(), term.group(1), found);
    }
    return found;
  }

  private void specs(FieldSpecListContext list, String term, ArrayNode found) {
    FieldSpecContext spec = list.fieldSpec();
    ObjectType type = records.schema().require(spec.soslId(0).getText());
    List<String> fields = new ArrayList<>();
    fields(spec.fieldList(), fields);
    Conditions conditions =
        new Conditions(records, Scope.of(records, type), new Soql(records, version, false));
    for (Row row : matching(term, type)) {
      if (conditions.test(spec.logicalExpression(), List.of(row))) {
        found.add(shown(row, fields.isEmpty() ? List.of("Id") : fields));
      }
    }
    list.fieldSpecList().forEach(rest -> specs(rest, term, found));
  }

  private static void fields(@Nullable FieldListContext list, List<String> into) {
    if (list != null) {
      list.soslId().forEach(id -> into.add(id.getText()));
      list.fieldList().forEach(rest -> fields(rest, into));
    }
  }

  /** Adds the rows of one object in which the term stands. */
  void find(String term, ObjectType type, List<String> fields, ArrayNode into) {
    matching(term, type).forEach(row -> into.add(shown(row, fields)));
  }

  private List<Row> matching(String term, ObjectType type) {
    String wanted = term.replace("*", "").replace("\\", "").toLowerCase(Locale.ROOT);
    return records.all(type, false).stream()
        .filter(
            row ->
                type.fields().stream()
                    .filter(Field::isText)
                    .anyMatch(
                        field ->
                            records
                                .read(row, field)
                                .asString("")
                                .toLowerCase(Locale.ROOT)
                                .contains(wanted)))
        .toList();
  }

  private ObjectNode shown(Row row, List<String> fields) {
    Soql soql = new Soql(records, version, false);
    ObjectNode out = soql.attributes(row);
    for (String field : fields) {
      soql.field(
          out, row, Scope.of(records, row.type()), Arrays.asList(field.strip().split("\\.", -1)));
    }
    return out;
  }
}
