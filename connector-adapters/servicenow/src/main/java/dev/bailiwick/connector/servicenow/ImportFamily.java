// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.JsonBody;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonArray;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.Operation;
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
  public BodyUse bodyUse(ConnectorRequest head) {
    return action(head) == Action.READ ? BodyUse.NONE : Family.json(head);
  }

  private static Action action(ConnectorRequest request) {
    ApiPath path = ApiPath.of(request.target());
    boolean several = path.hasLength(3) && path.rest().get(2).equals(SEVERAL);
    if (request.method().equals("POST") && (several || path.hasLength(2))) {
      return Action.CREATE;
    }
    if (request.method().equals("GET") && path.hasLength(3) && !several) {
      var unused = path.sysId(2);
      return Action.READ;
    }
    throw Denials.unknown(
        "expected POST of /api/now/import/<staging> or /insertMultiple behind it, or GET of"
            + " /api/now/import/<staging>/<sys_id>");
  }

  @Override
  public Reply reply(ConnectorRequest request) {
    return Reply.json("result/record_link", "result/*/link");
  }

  @Override
  public Call call(ConnectorRequest request) {
    ApiPath path = ApiPath.of(request.target());
    KnownParameters.check(request.target(), Map.of(), "an import");
    Action action = action(request);
    String staging = path.table(1);
    FieldUse fields =
        action == Action.READ
            ? FieldUse.all()
            : new FieldUse(Set.of(), Set.of(), written(request, path.rest().size() == 3), false);
    return Call.of(
        List.of(Operation.of(FAMILY, staging, action, fields)),
        path.canonical(request.target(), 1, staging));
  }

  private static Set<String> written(ConnectorRequest request, boolean several) {
    if (!several) {
      return columns(WrittenFields.of(request, TableAction.CREATE));
    }
    if (!(JsonBody.read(request) instanceof JsonObject body)
        || body.members().size() != 1
        || !(body.members().get(RECORDS) instanceof JsonArray records)
        || records.items().isEmpty()) {
      throw Denials.body("the body must be {\"records\": [ … ]} with at least one record");
    }
    Set<String> columns = new HashSet<>();
    for (JsonValue record : records.items()) {
      columns.addAll(columns(WrittenFields.of(record, TableAction.CREATE)));
    }
    return columns;
  }

  private static Set<String> columns(Set<FieldName> fields) {
    if (fields.stream().anyMatch(FieldName::walks)) {
      throw Denials.body("a staging row has columns of its own only: no name may hold a dot");
    }
    return fields.stream().map(FieldName::text).collect(Collectors.toSet());
  }
}
