// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonArray;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.RowBound;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Rows for a staging table: {@code /api/now/import/<staging>[/insertMultiple]}. A transform map
 * that cannot be seen from here writes them on to other tables, so this is a scope of its own and
 * never one of the table's.
 */
final class ImportFamily implements Family {
  private static final String FAMILY = "import";
  private static final String SEVERAL = "insertMultiple";
  private static final String RECORDS = "records";

  @Override
  public boolean owns(ApiPath path) {
    return path.isNow(FAMILY);
  }

  @Override
  public Classification<Call> classify(ConnectorRequest head, ApiPath path) {
    Action action = action(head.method(), path);
    KnownParameters.check(head.target(), Map.of(), "an import");
    String staging = path.table(1);
    RequestTarget sent = path.canonical(head.target(), 1, staging);
    if (action == Action.READ) {
      return Classification.withoutBody(call(staging, action, FieldUse.all(), sent));
    }
    boolean several = path.hasLength(3);
    return Classification.readingJson(
        head.headers(),
        body ->
            call(
                staging,
                action,
                new FieldUse(Set.of(), Set.of(), written(body, several), false),
                sent));
  }

  private static Call call(String staging, Action action, FieldUse fields, RequestTarget sent) {
    return Call.of(
            List.of(Operation.of(FAMILY, staging, action, fields).withRows(RowBound.one())), sent)
        .answeredBy(Reply.json("result/record_link", "result/*/link"));
  }

  private static Action action(String method, ApiPath path) {
    boolean several = path.hasLength(3) && path.rest().get(2).equals(SEVERAL);
    if (method.equals("POST") && (several || path.hasLength(2))) {
      return Action.CREATE;
    }
    if (method.equals("GET") && path.hasLength(3) && !several) {
      var unused = path.sysId(2);
      return Action.READ;
    }
    throw MalformedRequestException.unknown(
        "expected POST of /api/now/import/<staging> or /insertMultiple behind it, or GET of"
            + " /api/now/import/<staging>/<sys_id>");
  }

  private static Set<String> written(JsonValue value, boolean several) {
    if (!several) {
      return columns(WrittenFields.of(value, TableAction.CREATE));
    }
    if (!(value instanceof JsonObject body)
        || body.members().size() != 1
        || !(body.members().get(RECORDS) instanceof JsonArray records)
        || records.items().isEmpty()) {
      throw MalformedRequestException.body(
          "the body must be {\"records\": [ … ]} with at least one record");
    }
    Set<String> columns = new HashSet<>();
    for (JsonValue record : records.items()) {
      columns.addAll(columns(WrittenFields.of(record, TableAction.CREATE)));
    }
    return columns;
  }

  private static Set<String> columns(Set<FieldName> fields) {
    if (fields.stream().anyMatch(FieldName::walks)) {
      throw MalformedRequestException.body(
          "a staging row has columns of its own only: no name may hold a dot");
    }
    return fields.stream().map(FieldName::text).collect(Collectors.toSet());
  }
}
